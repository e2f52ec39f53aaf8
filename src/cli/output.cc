#include "cli/output.h"

#include <cerrno>
#include <unistd.h>
#include <utility>

#include <arrow/util/io_util.h>

namespace pinion::cli {

Output::Output(int fd, std::string name, size_t buffer_bytes)
    : fd_(fd), name_(std::move(name)), buffer_bytes_(buffer_bytes) {
  set_mode(arrow::io::FileMode::WRITE);
}

arrow::Status Output::Write(const void* data, int64_t bytes) {
  const std::string_view view(static_cast<const char*>(data), static_cast<size_t>(bytes));
  position_ += bytes;
  if (buffer_.size() + view.size() <= buffer_bytes_) {
    buffer_.append(view);
    return arrow::Status::OK();
  }
  ARROW_RETURN_NOT_OK(Flush());
  if (view.size() >= buffer_bytes_) return WriteOut(view);
  buffer_.append(view);
  return arrow::Status::OK();
}

arrow::Status Output::Flush() {
  // Emptied first: what could not be written once is not tried again.
  const std::string pending = std::exchange(buffer_, {});
  return WriteOut(pending);
}

arrow::Status Output::Close() {
  closed_ = true;
  return Flush();
}

arrow::Status Output::WriteOut(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(fd_, bytes.data(), bytes.size());
    if (count < 0) {
      if (errno == EINTR) continue;
      return arrow::internal::IOErrorFromErrno(errno, "cannot write to ", name_);
    }
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return arrow::Status::OK();
}

bool IsBrokenPipe(const arrow::Status& status) {
  return arrow::internal::ErrnoFromStatus(status) == EPIPE;
}

}  // namespace pinion::cli
