#include "data/output_file.h"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/random_id.h"
#include "base/system_error.h"

namespace pinion::data {
namespace {

constexpr int64_t kBufferBytes = 1 << 20;
// What is written before the kernel is told to bring it to the disk, so that little is
// left to wait for at the end.
constexpr int64_t kBytesOnTheirWay = int64_t{16} << 20;
constexpr mode_t kNewFileMode = 0666;

arrow::Status FromErrno(const char* what) { return base::SystemError(errno, what); }

// Where the links at `path` lead, also if the file itself is not there yet.
std::string Resolved(const std::string& path) {
  std::error_code error;
  const auto resolved = std::filesystem::weakly_canonical(path, error);
  return error ? path : resolved.string();
}

std::string TemporaryNameFor(const std::string& target) {
  const std::filesystem::path path(target);
  // Short, so that a file name as long as the system allows still works.
  return path.parent_path() / (".pinion-" + base::RandomId().substr(0, 12) + ".tmp");
}

}  // namespace

arrow::Result<std::shared_ptr<OutputFile>> OutputFile::Create(const std::string& path) {
  if (path.empty()) return arrow::Status::Invalid("the file name is empty");
  std::string target = path;
  std::string temporary;
  struct stat existing;
  const bool exists = stat(path.c_str(), &existing) == 0;
  if (path.back() == '/' || (exists && S_ISDIR(existing.st_mode))) {
    return arrow::Status::IOError("it is a directory");
  }
  int flags = O_WRONLY | O_CLOEXEC;
  if (!exists || S_ISREG(existing.st_mode)) {
    target = Resolved(path);
    temporary = TemporaryNameFor(target);
    flags |= O_CREAT | O_EXCL;
  }
  const std::string& opened = temporary.empty() ? target : temporary;
  const int fd = open(opened.c_str(), flags, kNewFileMode);
  if (fd < 0) return FromErrno("cannot create the file");
  std::shared_ptr<OutputFile> file(
      new OutputFile(std::move(target), std::move(temporary), fd));
  if (exists && !file->temporary_.empty() && fchmod(fd, existing.st_mode & 07777) != 0) {
    return FromErrno("cannot set its permissions");
  }
  return file;
}

OutputFile::~OutputFile() {
  // Unless committed, the content is dropped, so an error of closing changes nothing.
  (void)CloseDescriptor();
  if (!temporary_.empty()) unlink(temporary_.c_str());
}

arrow::Status OutputFile::Write(const void* data, int64_t bytes) {
  if (closed()) return arrow::Status::Invalid("write to a closed file");
  const char* begin = static_cast<const char*>(data);
  position_ += bytes;
  if (static_cast<int64_t>(buffer_.size()) + bytes > kBufferBytes) {
    ARROW_RETURN_NOT_OK(Flush());
  }
  if (bytes >= kBufferBytes) return WriteOut(begin, bytes);
  buffer_.append(begin, static_cast<size_t>(bytes));
  return arrow::Status::OK();
}

arrow::Status OutputFile::Flush() {
  const std::string pending = std::exchange(buffer_, {});
  return WriteOut(pending.data(), static_cast<int64_t>(pending.size()));
}

arrow::Status OutputFile::WriteOut(const char* data, int64_t bytes) {
  while (bytes > 0) {
    const ssize_t written = write(fd_, data, static_cast<size_t>(bytes));
    if (written < 0) {
      if (errno == EINTR) continue;
      return FromErrno("write failed");
    }
    data += written;
    bytes -= written;
    written_ += written;
  }
  if (written_ - on_their_way_ >= kBytesOnTheirWay && !temporary_.empty()) {
    // Only advice: an error of the disk is told by fsync. A file system that does not
    // know it has all the work at the end.
    (void)sync_file_range(fd_, on_their_way_, written_ - on_their_way_,
                          SYNC_FILE_RANGE_WRITE);
    on_their_way_ = written_;
  }
  return arrow::Status::OK();
}

arrow::Status OutputFile::CloseDescriptor() {
  if (fd_ < 0) return arrow::Status::OK();
  // Not repeated after an error: Linux has released the descriptor in any case.
  if (close(std::exchange(fd_, -1)) != 0) return FromErrno("closing failed");
  return arrow::Status::OK();
}

arrow::Status OutputFile::Close() {
  buffer_.clear();
  return CloseDescriptor();
}

arrow::Status OutputFile::Commit() {
  ARROW_RETURN_NOT_OK(Flush());
  if (temporary_.empty()) return CloseDescriptor();
  // Before the rename: after a power failure the name must not lead to an empty file.
  if (fsync(fd_) != 0) return FromErrno("cannot bring it to the disk");
  ARROW_RETURN_NOT_OK(CloseDescriptor());
  if (rename(temporary_.c_str(), target_.c_str()) != 0) {
    return FromErrno("cannot give it its name");
  }
  temporary_.clear();
  return arrow::Status::OK();
}

}  // namespace pinion::data
