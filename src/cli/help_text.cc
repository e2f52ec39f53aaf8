#include "cli/help_text.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/text_width.h"

namespace pinion::cli {

namespace {

constexpr int kWidth = 80;
constexpr int kIndent = 2;
// What is longer has its description on the next line.
constexpr int kMaxLeftWidth = 26;

struct Entry {
  std::string left;
  std::string description;
};

bool IsHelp(const CLI::App& app, const CLI::Option& option) {
  return &option == app.get_help_ptr();
}

// CLI11 has the checks of a value behind its type: "TEXT:{a,b}", "INT:INT in [0 - 9]".
std::pair<std::string, std::string> TypeAndChecks(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t colon = type.find(':');
  if (colon == std::string::npos) return {type, ""};
  return {type.substr(0, colon), type.substr(colon + 1)};
}

// What stands for the value of an option; nothing for a flag.
std::string ValueName(const CLI::Option& option) {
  if (option.get_items_expected_max() == 0) return "";
  std::string type = TypeAndChecks(option).first;
  if (type == "INT" || type == "UINT" || type == "FLOAT") return "N";
  return type.substr(0, type.find(' '));
}

std::string Names(const CLI::Option& option) {
  std::string names;
  for (const std::string& name : option.get_snames()) names += "-" + name + ", ";
  for (const std::string& name : option.get_lnames()) names += "--" + name + ", ";
  names.resize(names.size() - 2);
  const std::string value = ValueName(option);
  return value.empty() ? names : names + " " + value;
}

// The description with the choices and the default.
std::string Describe(const CLI::Option& option) {
  std::string text = option.get_description();
  const std::string checks = TypeAndChecks(option).second;
  if (checks.starts_with('{')) {
    text += ": ";
    for (const char c : checks.substr(1, checks.find('}') - 1)) {
      text += c;
      if (c == ',') text += ' ';
    }
  }
  const std::string preset = option.get_default_str();
  if (!preset.empty() && preset != "\"\"" && preset != "[]") {
    text += " (default: " + preset + ")";
  }
  return text;
}

// The words of `text` in lines of at most `width`, which only a longer word exceeds.
std::vector<std::string> Wrap(const std::string& text, int width) {
  std::vector<std::string> lines(1);
  std::string_view rest = text;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    const std::string_view word = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    std::string& line = lines.back();
    if (!line.empty() && TextWidth(line) + 1 + TextWidth(word) > width) {
      lines.emplace_back(word);
    } else {
      line.append(line.empty() ? "" : " ").append(word);
    }
  }
  return lines;
}

void AppendSection(const std::string& title, const std::vector<Entry>& entries, int left,
                   std::string* out) {
  if (entries.empty()) return;
  *out += "\n" + title + ":\n";
  const int start = kIndent + left + 2;
  for (const Entry& entry : entries) {
    *out += std::string(kIndent, ' ') + entry.left;
    int at = kIndent + TextWidth(entry.left);
    for (const std::string& line : Wrap(entry.description, kWidth - start)) {
      if (at + 2 > start) {
        *out += '\n';
        at = 0;
      }
      *out += std::string(static_cast<size_t>(start - at), ' ') + line;
      at = start;
    }
    *out += '\n';
  }
}

std::string Usage(const CLI::App& app, const std::vector<const CLI::Option*>& arguments) {
  std::string usage = "Usage: " + app.get_name() + " [OPTIONS]";
  for (const CLI::Option* argument : arguments) {
    std::string name = argument->get_name(/*positional=*/true);
    if (argument->get_items_expected_max() > 1) name += "…";
    usage += argument->get_required() ? " " + name : " [" + name + "]";
  }
  return usage;
}

void AppendExamples(const std::string& examples, std::string* out) {
  *out += "\nExamples:\n";
  size_t start = 0;
  while (start < examples.size()) {
    const size_t end = std::min(examples.find('\n', start), examples.size());
    *out += "  " + examples.substr(start, end - start) + "\n";
    start = end + 1;
  }
}

}  // namespace

std::string HelpText(const CLI::App& app, const std::string& examples) {
  std::vector<const CLI::Option*> arguments;
  std::vector<Entry> argument_entries;
  std::vector<Entry> option_entries;
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      arguments.push_back(option);
      argument_entries.push_back(
          {option->get_name(/*positional=*/true), Describe(*option)});
    } else if (!IsHelp(app, *option)) {
      option_entries.push_back({Names(*option), Describe(*option)});
    }
  }
  option_entries.push_back({"-h, --help", "Show this help"});
  int left = 0;
  for (const auto* entries : {&argument_entries, &option_entries}) {
    for (const Entry& entry : *entries) {
      left = std::max(left, std::min(kMaxLeftWidth, TextWidth(entry.left)));
    }
  }
  std::string text = app.get_description() + "\n\n" + Usage(app, arguments) + "\n";
  AppendSection("Arguments", argument_entries, left, &text);
  AppendSection("Options", option_entries, left, &text);
  AppendExamples(examples, &text);
  return text;
}

}  // namespace pinion::cli
