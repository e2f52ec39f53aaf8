#include "data/source_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/near_names.h"
#include "base/system_error.h"

namespace pinion::data {
namespace {

std::string Quoted(const std::string& path) { return base::QuoteForMessage(path, 200); }

// A file seen through Arrow's interface.
class SourceFileView : public arrow::io::RandomAccessFile {
 public:
  explicit SourceFileView(std::shared_ptr<const SourceFile> file)
      : file_(std::move(file)) {}

  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }
  bool closed() const override { return closed_; }
  arrow::Result<int64_t> Tell() const override { return position_; }
  arrow::Status Seek(int64_t position) override {
    if (position < 0) return arrow::Status::Invalid("seek to a negative position");
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<int64_t> GetSize() override { return file_->size(); }

  arrow::Result<int64_t> Read(int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t read, ReadAt(position_, bytes, out));
    position_ += read;
    return read;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, bytes));
    position_ += buffer->size();
    return buffer;
  }

  arrow::Result<int64_t> ReadAt(int64_t position, int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t available, Available(position, bytes));
    ARROW_RETURN_NOT_OK(file_->CheckUnchanged());
    ARROW_RETURN_NOT_OK(file_->ReadInto(position, available, out));
    return available;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(int64_t position,
                                                       int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(const int64_t available, Available(position, bytes));
    ARROW_RETURN_NOT_OK(file_->CheckUnchanged());
    return file_->Read(position, available);
  }

 private:
  arrow::Result<int64_t> Available(int64_t position, int64_t bytes) const {
    if (position < 0 || bytes < 0) {
      return arrow::Status::Invalid("read at a negative position or length");
    }
    return std::clamp<int64_t>(file_->size() - position, 0, bytes);
  }

  const std::shared_ptr<const SourceFile> file_;
  int64_t position_ = 0;
  bool closed_ = false;
};

}  // namespace

arrow::Result<std::shared_ptr<const SourceFile>> SourceFile::Open(
    const std::string& path) {
  // Not blocking, or a named pipe would be waited for before it is refused.
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    if (errno == ENOENT) {
      return arrow::Status::IOError("there is no file ", Quoted(path));
    }
    return base::SystemError(errno, "cannot open " + Quoted(path));
  }
  std::shared_ptr<SourceFile> file(new SourceFile(path, fd, /*in_memory=*/false));
  struct stat state;
  if (fstat(fd, &state) != 0) {
    return base::SystemError(errno, "cannot look at " + Quoted(path));
  }
  if (S_ISDIR(state.st_mode)) {
    return arrow::Status::IOError(Quoted(path), " is a directory, not a file");
  }
  if (!S_ISREG(state.st_mode)) {
    return arrow::Status::IOError(
        Quoted(path), " is no regular file (a pipe or a device cannot be served)");
  }
  file->size_ = state.st_size;
  file->changed_at_ = state.st_mtim;
  return file;
}

arrow::Result<std::shared_ptr<const SourceFile>> SourceFile::InMemory(
    const std::string& path, int descriptor) {
  std::shared_ptr<SourceFile> file(new SourceFile(path, descriptor, /*in_memory=*/true));
  struct stat state;
  if (fstat(descriptor, &state) != 0) {
    return base::SystemError(errno, "cannot look at the copy of " + Quoted(path));
  }
  file->size_ = state.st_size;
  file->changed_at_ = state.st_mtim;
  return file;
}

SourceFile::~SourceFile() { close(fd_); }

arrow::Status SourceFile::CheckUnchanged() const {
  struct stat state;
  if (fstat(fd_, &state) != 0) {
    return base::SystemError(errno, "cannot look at " + Quoted(path_));
  }
  if (state.st_size == size_ && state.st_mtim.tv_sec == changed_at_.tv_sec &&
      state.st_mtim.tv_nsec == changed_at_.tv_nsec) {
    return arrow::Status::OK();
  }
  return arrow::Status::IOError(
      Quoted(path_), state.st_size < size_ ? " was cut" : " was changed",
      " after it was opened, so it cannot be read any more; to update a file that is "
      "served, write a new one and rename it over the old");
}

arrow::Status SourceFile::ReadInto(int64_t offset, int64_t bytes, void* out) const {
  char* destination = static_cast<char*>(out);
  while (bytes > 0) {
    const ssize_t read = pread(fd_, destination, static_cast<size_t>(bytes), offset);
    if (read < 0 && errno == EINTR) continue;
    if (read < 0) {
      return base::SystemError(errno, "cannot read " + Quoted(path_));
    }
    if (read == 0) {
      ARROW_RETURN_NOT_OK(CheckUnchanged());
      return arrow::Status::IOError(Quoted(path_), " ends at ", size_,
                                    " bytes, before what should be there");
    }
    destination += read;
    offset += read;
    bytes -= read;
  }
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::Buffer>> SourceFile::Read(int64_t offset,
                                                               int64_t bytes) const {
  // Checked before the allocation: the length may come from a corrupt file.
  if (offset < 0 || bytes < 0 || offset > size_ || bytes > size_ - offset) {
    return arrow::Status::IOError(Quoted(path_), " ends at ", size_,
                                  " bytes, before what should be there");
  }
  ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateBuffer(bytes));
  ARROW_RETURN_NOT_OK(ReadInto(offset, bytes, buffer->mutable_data()));
  return buffer;
}

std::shared_ptr<arrow::io::RandomAccessFile> SourceFile::OpenView() const {
  return std::make_shared<SourceFileView>(shared_from_this());
}

}  // namespace pinion::data
