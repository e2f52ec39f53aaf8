#include "cli/context.h"

#include <string>

#include <arrow/status.h>

namespace pinion::cli {

bool Context::GoOnAfterStop() {
  if (interrupt == nullptr || !interrupt->Rearm()) return false;
  stop = interrupt->token();
  return true;
}

void WriteError(arrow::io::OutputStream& err, std::string_view text) {
  static_cast<void>(err.Write(text));
}

void Note(Context& context, std::string_view text) {
  std::string line(StyleStart(context.err_terminal, Style::kYellow));
  line.append("pinion: note: ").append(StyleEnd(context.err_terminal));
  line.append(text).append("\n");
  WriteError(context.err, line);
}

}  // namespace pinion::cli
