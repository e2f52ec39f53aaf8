#include "cli/sql_prompt.h"

#include <optional>
#include <string>
#include <string_view>

#include <arrow/result.h>

#include "cli/client.h"
#include "cli/line_reader.h"
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

// Whether to go on with another line; false at the end of the session.
class PromptSession {
 public:
  PromptSession(Context& context,
                const std::function<arrow::Status(const SqlScript&)>& run)
      : context_(context), run_(run), reader_(context) {}

  arrow::Result<bool> Step() {
    const auto read = reader_.ReadLine(script_.empty() ? kPrompt : kMorePrompt);
    if (context_.stop.stop_requested()) return GoOn(Interrupted());
    if (read.status().IsCancelled()) {
      // Ctrl-C while typing gives up the statement, not the session.
      script_.clear();
      return true;
    }
    ARROW_RETURN_NOT_OK(read);
    const std::optional<std::string>& line = *read;
    if (!line || (script_.empty() && IsGoodbye(*line))) return false;
    reader_.Remember(*line);
    script_ += *line + "\n";
    const SqlScript split = SplitSql(script_);
    if (split.statements.empty() || split.complete) script_.clear();
    if (!split.complete) return true;
    const arrow::Status status = run_(split);
    if (context_.stop.stop_requested()) return GoOn(status);
    if (!status.ok()) ShowError(status, context_);
    return true;
  }

 private:
  // After a stop request, which has given `status` to what it met.
  arrow::Result<bool> GoOn(const arrow::Status& status) {
    if (!context_.GoOnAfterStop()) return status.ok() ? Interrupted() : status;
    script_.clear();
    // The terminal has shown the key.
    if (context_.err_terminal.is_tty) WriteError(context_.err, "\n");
    if (!status.ok()) ShowError(status, context_);
    return true;
  }

  Context& context_;
  const std::function<arrow::Status(const SqlScript&)>& run_;
  LineReader reader_;
  std::string script_;
};

}  // namespace

arrow::Status RunSqlPrompt(Context& context,
                           const std::function<arrow::Status(const SqlScript&)>& run) {
  ARROW_RETURN_NOT_OK(context.out.Write("SQL ends with a semicolon; \\q leaves.\n"));
  PromptSession session(context, run);
  while (true) {
    ARROW_ASSIGN_OR_RAISE(const bool more, session.Step());
    if (!more) return arrow::Status::OK();
  }
}

}  // namespace pinion::cli
