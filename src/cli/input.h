#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include <arrow/result.h>

namespace pinion::cli {

// Text read from a file descriptor, standard input as a rule, such that a stop request
// ends the wait for it. Not thread-safe; does not own the descriptor.
class Input {
 public:
  explicit Input(int fd) : fd_(fd) {}

  // The next line without its line end, or nothing at the end of the input. Blocks.
  // Cancelled if `stop` is requested first.
  arrow::Result<std::optional<std::string>> ReadLine(std::stop_token stop);

  // Everything up to the end. More than `limit` bytes are an error. Blocks.
  arrow::Result<std::string> ReadAll(int64_t limit, std::stop_token stop);

  // What there is, at least a byte, or nothing at the end. Blocks. Cancelled if `stop` is
  // requested first.
  arrow::Result<std::string> ReadSome(std::stop_token stop);

  int fd() const { return fd_; }
  bool is_tty() const;

 private:
  // Waits for input and appends some to buffer_; false at the end.
  arrow::Result<bool> Fill(std::stop_token stop);

  int fd_;
  bool at_end_ = false;
  std::string buffer_;
};

}  // namespace pinion::cli
