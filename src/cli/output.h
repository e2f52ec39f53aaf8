#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <arrow/io/interfaces.h>
#include <arrow/result.h>

namespace pinion::cli {

// A file descriptor as an Arrow output stream, buffered, whose errors say what could
// not be written. Not thread-safe; does not own the descriptor; flush before the end,
// the destructor does not.
class Output : public arrow::io::OutputStream {
 public:
  // `name` is what error messages call it. With a `buffer_bytes` of 0 every write goes
  // straight out.
  Output(int fd, std::string name, size_t buffer_bytes);

  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t bytes) override;
  arrow::Status Flush() override;
  arrow::Status Close() override;
  arrow::Result<int64_t> Tell() const override { return position_; }
  bool closed() const override { return closed_; }

 private:
  arrow::Status WriteOut(std::string_view bytes);

  int fd_;
  std::string name_;
  size_t buffer_bytes_;
  bool closed_ = false;
  int64_t position_ = 0;
  std::string buffer_;
};

// Whether a status says that the reader of our output has gone (`pinion … | head`),
// which is no failure to report.
bool IsBrokenPipe(const arrow::Status& status);

}  // namespace pinion::cli
