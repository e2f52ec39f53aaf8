#pragma once

#include <cstdint>
#include <ctime>
#include <memory>
#include <string>

#include <arrow/buffer.h>
#include <arrow/io/interfaces.h>
#include <arrow/result.h>
#include <arrow/status.h>

namespace pinion::data {

// An open regular file that is expected to stay as it was when it was opened. Immutable,
// thread-safe; closes the file when the last reference goes.
class SourceFile : public std::enable_shared_from_this<SourceFile> {
 public:
  // Fails with a line that names the path for anything but a readable regular file.
  static arrow::Result<std::shared_ptr<const SourceFile>> Open(const std::string& path);

  // An open file that lies in memory and has no path, under the one that its content came
  // from. Takes the descriptor.
  static arrow::Result<std::shared_ptr<const SourceFile>> InMemory(
      const std::string& path, int descriptor);
  ~SourceFile();
  SourceFile(const SourceFile&) = delete;
  SourceFile& operator=(const SourceFile&) = delete;

  const std::string& path() const { return path_; }
  int64_t size() const { return size_; }
  int descriptor() const { return fd_; }
  // Never waits for a disk.
  bool in_memory() const { return in_memory_; }

  // IOError if size or time of change differ from those at opening.
  arrow::Status CheckUnchanged() const;

  // Reads exactly that many bytes into memory of its own. IOError if the file is shorter.
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t offset, int64_t bytes) const;
  arrow::Status ReadInto(int64_t offset, int64_t bytes, void* out) const;

  // A view for Arrow's readers with a position of its own; looks at CheckUnchanged before
  // each read.
  std::shared_ptr<arrow::io::RandomAccessFile> OpenView() const;

 private:
  SourceFile(std::string path, int fd, bool in_memory)
      : path_(std::move(path)), fd_(fd), in_memory_(in_memory) {}

  const std::string path_;
  const int fd_;
  const bool in_memory_;
  int64_t size_ = 0;
  struct timespec changed_at_ = {};
};

}  // namespace pinion::data
