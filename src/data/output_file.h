#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>

namespace pinion::data {

// A file in the making: written under a temporary name beside the final one, which it
// gets in one step from Commit; without Commit the destructor removes it. What exists at
// the path and is not a regular file (a pipe, a device) is written to directly. A
// symbolic link is followed, and the permissions of a file that is replaced are kept.
//
// Buffered, since Arrow's writers write each buffer and its padding apart. Not
// thread-safe.
class OutputFile : public arrow::io::OutputStream {
 public:
  static arrow::Result<std::shared_ptr<OutputFile>> Create(const std::string& path);
  ~OutputFile() override;

  using arrow::io::OutputStream::Write;
  arrow::Status Write(const void* data, int64_t bytes) override;
  arrow::Status Flush() override;
  arrow::Result<int64_t> Tell() const override { return position_; }

  // Drops the file.
  arrow::Status Close() override;
  bool closed() const override { return fd_ < 0; }

  // Flushes, brings the content to the disk and gives it its name. Closed after that.
  arrow::Status Commit();

  int64_t position() const { return position_; }

 private:
  OutputFile(std::string target, std::string temporary, int fd)
      : target_(std::move(target)), temporary_(std::move(temporary)), fd_(fd) {}
  arrow::Status WriteOut(const char* data, int64_t bytes);
  arrow::Status CloseDescriptor();

  std::string target_;
  std::string temporary_;  // empty if written directly, and once it has its final name
  int fd_;
  int64_t position_ = 0;
  // Of what is in the file: all, and what the kernel was told to bring to the disk.
  int64_t written_ = 0;
  int64_t on_their_way_ = 0;
  std::string buffer_;
};

}  // namespace pinion::data
