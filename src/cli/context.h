#pragma once

#include <stop_token>
#include <string_view>

#include <arrow/io/interfaces.h>

#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/terminal.h"

namespace pinion::cli {

// The process as a command sees it. A command touches its streams and its terminal only
// through here, so a test runs it with buffers. Borrows everything; one thread.
struct Context {
  // Standard output: buffered, flushed by the program when the command has returned.
  // Failing writes (a full disk, a closed pipe) come back as statuses; return them.
  arrow::io::OutputStream& out;
  // Standard error: unbuffered. For notes use Note, for errors return a status.
  arrow::io::OutputStream& err;
  Input& in;
  Terminal out_terminal;
  Terminal err_terminal;
  // Stops when the user presses Ctrl-C or the process gets SIGTERM. A command that
  // stops for it returns Status::Cancelled, or OK if stopping is how it ends.
  std::stop_token stop;
  // Where `stop` comes from; nullptr in tests.
  Interrupt* interrupt = nullptr;

  // After a stop: whether to go on, with a new token, because it was only a Ctrl-C.
  bool GoOnAfterStop();
};

// Writes to standard error. If that fails, nobody is left to tell.
void WriteError(arrow::io::OutputStream& err, std::string_view text);

// Writes `pinion: note: TEXT` to standard error: something the user should know that
// is no failure.
void Note(Context& context, std::string_view text);

}  // namespace pinion::cli
