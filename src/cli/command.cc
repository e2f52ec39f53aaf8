#include "cli/command.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "base/near_names.h"
#include "cli/help_text.h"

namespace pinion::cli {

namespace {

class UsageDetail : public arrow::StatusDetail {
 public:
  static constexpr const char* kTypeId = "pinion::cli::UsageDetail";
  const char* type_id() const override { return kTypeId; }
  std::string ToString() const override { return "wrong usage"; }
};

// The long names of the options of `app`, as typed.
std::vector<std::string> OptionNames(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

arrow::Status UnexpectedArgument(const CLI::App& app, const std::string& argument) {
  if (!argument.starts_with('-')) {
    return UsageError("argument '" + argument + "' is one too many");
  }
  const std::string name = argument.substr(0, argument.find('='));
  std::string message = "unknown option '" + name + "'";
  const auto near = base::NearNames(name, OptionNames(app), 1);
  if (!near.empty()) message += "; did you mean " + near.front() + "?";
  return UsageError(std::move(message));
}

// CLI11's sentence as part of ours: on one line, without a full stop.
std::string Sentence(std::string_view text) {
  std::string sentence;
  for (const char c : text) {
    const bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    if (space && (sentence.empty() || sentence.back() == ' ')) continue;
    sentence += space ? ' ' : c;
  }
  while (!sentence.empty() && (sentence.back() == ' ' || sentence.back() == '.')) {
    sentence.pop_back();
  }
  return sentence;
}

}  // namespace

arrow::Status UsageError(std::string message) {
  return arrow::Status(arrow::StatusCode::Invalid, std::move(message),
                       std::make_shared<UsageDetail>());
}

bool IsUsageError(const arrow::Status& status) {
  return status.detail() != nullptr &&
         std::string_view(status.detail()->type_id()) == UsageDetail::kTypeId;
}

Command::Command(std::string name, std::string summary, std::string examples)
    : name_(std::move(name)),
      summary_(std::move(summary)),
      examples_(std::move(examples)),
      app_(std::make_unique<CLI::App>(summary_ + ".", "pinion " + name_)) {
  app_->set_help_flag("-h,--help");
}

arrow::Status Command::Parse(std::vector<std::string> arguments, bool* help) {
  // CLI11 takes the arguments last first.
  std::reverse(arguments.begin(), arguments.end());
  try {
    app_->parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    *help = true;
  } catch (const CLI::ExtrasError&) {
    return UnexpectedArgument(*app_, app_->remaining().front());
  } catch (const CLI::ParseError& error) {
    return UsageError(Sentence(error.what()));
  }
  return arrow::Status::OK();
}

arrow::Status Command::Run(std::vector<std::string> arguments, Context& context) {
  bool help = false;
  ARROW_RETURN_NOT_OK(Parse(std::move(arguments), &help));
  if (help) return context.out.Write(HelpText(*app_, examples_));
  return action_(context);
}

}  // namespace pinion::cli
