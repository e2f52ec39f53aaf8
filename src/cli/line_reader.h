#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <arrow/result.h>

#include "cli/context.h"
#include "cli/line_editor.h"

namespace pinion::cli {

// Reads lines from the terminal behind standard input, to be edited, with a history of
// this process. While a line is read the terminal is in raw mode, at other times as it
// was. One thread; borrows the context.
class LineReader {
 public:
  explicit LineReader(Context& context) : context_(context) {}

  // The next line, or nothing at the end of the input. Ctrl-C gives up the line and is
  // Cancelled, like a stop request.
  arrow::Result<std::optional<std::string>> ReadLine(std::string_view prompt);

  void Remember(const std::string& line) { editor_.Remember(line); }

 private:
  Context& context_;
  LineEditor editor_;
};

}  // namespace pinion::cli
