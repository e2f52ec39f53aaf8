#include "cli/sql_prompt.h"

#include <string>
#include <string_view>

#include "cli/status_text.h"

namespace pinion::cli {

namespace {

constexpr std::string_view kPrompt = "pinion> ";
constexpr std::string_view kMorePrompt = "     -> ";

std::string_view Trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t;");
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(" \t;") + 1 - begin);
}

bool IsGoodbye(std::string_view line) {
  const std::string_view word = Trimmed(line);
  return word == "\\q" || word == "exit" || word == "quit" || word == ".quit" ||
         word == ".exit";
}

void ShowError(const arrow::Status& status, Context& context) {
  std::string line(StyleStart(context.err_terminal, Style::kRed));
  line.append("error: ").append(StyleEnd(context.err_terminal));
  WriteError(context.err, line + StatusText(status) + "\n");
}

}  // namespace

arrow::Status RunSqlPrompt(Context& context,
                           const std::function<arrow::Status(const SqlScript&)>& run) {
  ARROW_RETURN_NOT_OK(context.out.Write("SQL ends with a semicolon; \\q leaves.\n"));
  std::string script;
  while (true) {
    ARROW_RETURN_NOT_OK(context.out.Write(script.empty() ? kPrompt : kMorePrompt));
    ARROW_RETURN_NOT_OK(context.out.Flush());
    ARROW_ASSIGN_OR_RAISE(const auto line, context.in.ReadLine(context.stop));
    // Ctrl-D leaves the cursor behind the prompt.
    if (!line) return context.out.Write("\n");
    if (script.empty() && IsGoodbye(*line)) return arrow::Status::OK();
    script += *line + "\n";
    const SqlScript split = SplitSql(script);
    if (split.statements.empty()) script.clear();
    if (!split.complete) continue;
    script.clear();
    const arrow::Status status = run(split);
    if (context.stop.stop_requested()) return status;
    if (!status.ok()) ShowError(status, context);
  }
}

}  // namespace pinion::cli
