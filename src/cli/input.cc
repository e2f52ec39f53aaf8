#include "cli/input.h"

#include <array>
#include <cerrno>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <utility>

#include <arrow/util/io_util.h>

namespace pinion::cli {

namespace {

// Lines longer than this are refused: standard input may be anything.
constexpr size_t kMaxLineBytes = size_t{16} << 20;

arrow::Status ReadFailed(int error) {
  return arrow::internal::IOErrorFromErrno(error, "cannot read standard input");
}

// A descriptor that becomes readable when a stop is requested.
class StopDescriptor {
 public:
  explicit StopDescriptor(std::stop_token stop)
      : fd_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        callback_(std::move(stop), Signal{fd_}) {}
  ~StopDescriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  StopDescriptor(const StopDescriptor&) = delete;
  StopDescriptor& operator=(const StopDescriptor&) = delete;

  int fd() const { return fd_; }

 private:
  struct Signal {
    int fd;
    void operator()() const { ::eventfd_write(fd, 1); }
  };

  int fd_;
  std::stop_callback<Signal> callback_;
};

}  // namespace

bool Input::is_tty() const { return ::isatty(fd_) == 1; }

arrow::Result<bool> Input::Fill(std::stop_token stop) {
  if (at_end_) return false;
  StopDescriptor stopped(stop);
  if (stopped.fd() < 0) return ReadFailed(errno);
  std::array<pollfd, 2> waits{{{fd_, POLLIN, 0}, {stopped.fd(), POLLIN, 0}}};
  while (true) {
    const int ready = ::poll(waits.data(), waits.size(), -1);
    if (ready < 0 && errno != EINTR) return ReadFailed(errno);
    if (stop.stop_requested()) return arrow::Status::Cancelled("interrupted");
    if (ready > 0) break;
  }
  std::array<char, 65536> chunk;
  ssize_t count = 0;
  do {
    count = ::read(fd_, chunk.data(), chunk.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0) return ReadFailed(errno);
  at_end_ = count == 0;
  buffer_.append(chunk.data(), static_cast<size_t>(count));
  return !at_end_;
}

arrow::Result<std::optional<std::string>> Input::ReadLine(std::stop_token stop) {
  size_t searched = 0;
  while (true) {
    const size_t end = buffer_.find('\n', searched);
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      if (line.ends_with('\r')) line.pop_back();
      return line;
    }
    searched = buffer_.size();
    if (searched > kMaxLineBytes) {
      return arrow::Status::Invalid("a line of standard input is longer than ",
                                    kMaxLineBytes, " bytes");
    }
    ARROW_ASSIGN_OR_RAISE(const bool more, Fill(stop));
    if (more) continue;
    if (buffer_.empty()) return std::nullopt;
    return std::exchange(buffer_, {});
  }
}

arrow::Result<std::string> Input::ReadSome(std::stop_token stop) {
  if (buffer_.empty()) ARROW_RETURN_NOT_OK(Fill(std::move(stop)));
  return std::exchange(buffer_, {});
}

arrow::Result<std::string> Input::ReadAll(int64_t limit, std::stop_token stop) {
  while (true) {
    if (static_cast<int64_t>(buffer_.size()) > limit) {
      return arrow::Status::Invalid("standard input is longer than ", limit, " bytes");
    }
    ARROW_ASSIGN_OR_RAISE(const bool more, Fill(stop));
    if (!more) return std::exchange(buffer_, {});
  }
}

}  // namespace pinion::cli
