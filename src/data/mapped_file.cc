#include "data/mapped_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>
#include <utility>

#include "base/near_names.h"
#include "base/system_error.h"

namespace pinion::data {
namespace {

// What older kernels and headers lack is not there to be used.
#ifdef MADV_POPULATE_READ
constexpr int kPopulate = MADV_POPULATE_READ;
#else
constexpr int kPopulate = -1;
#endif

class MappedSlice : public arrow::Buffer {
 public:
  MappedSlice(const uint8_t* data, int64_t bytes, std::shared_ptr<const MappedFile> file)
      : arrow::Buffer(data, bytes), file_(std::move(file)) {}

 private:
  const std::shared_ptr<const MappedFile> file_;
};

}  // namespace

arrow::Result<std::shared_ptr<const MappedFile>> MappedFile::Map(
    std::shared_ptr<const SourceFile> file) {
  if (file->size() == 0) return arrow::Status::Invalid("an empty file cannot be mapped");
  // What lies in memory costs nothing but the page table, which is better made now than
  // page by page in the first streams.
  const int flags = MAP_SHARED | (file->in_memory() ? MAP_POPULATE : 0);
  void* data = mmap(nullptr, static_cast<size_t>(file->size()), PROT_READ, flags,
                    file->descriptor(), 0);
  if (data == MAP_FAILED) {
    return base::SystemError(errno,
                             "cannot map " + base::QuoteForMessage(file->path(), 200));
  }
  return std::shared_ptr<const MappedFile>(
      new MappedFile(std::move(file), static_cast<uint8_t*>(data)));
}

MappedFile::Mapping::~Mapping() { munmap(data, bytes); }

arrow::Status MappedFile::CheckUnchanged() const {
  ARROW_RETURN_NOT_OK(file_->CheckUnchanged());
  if (!guard_.broken()) return arrow::Status::OK();
  return arrow::Status::IOError(base::QuoteForMessage(file_->path(), 200),
                                " could not be read: it was cut for a while, or its "
                                "disk failed");
}

arrow::Result<std::shared_ptr<arrow::Buffer>> MappedFile::Slice(int64_t offset,
                                                                int64_t bytes) const {
  const int64_t size = file_->size();
  if (offset < 0 || bytes < 0 || offset > size || bytes > size - offset) {
    return arrow::Status::IOError(base::QuoteForMessage(file_->path(), 200), " ends at ",
                                  size, " bytes, before what should be there");
  }
  return std::make_shared<MappedSlice>(mapping_.data + offset, bytes, shared_from_this());
}

bool MappedFile::SeemsCached(int64_t offset, int64_t bytes) const {
  if (file_->in_memory()) return true;
  for (const int64_t place : {offset, offset + bytes / 2, offset + bytes - 1}) {
    char byte;
    const struct iovec target = {&byte, 1};
    if (preadv2(file_->descriptor(), &target, 1, place, RWF_NOWAIT) != 1) return false;
  }
  return true;
}

arrow::Status MappedFile::Load(const arrow::Buffer& slice) const {
  if (slice.size() == 0 || SeemsCached(slice.data() - mapping_.data, slice.size())) {
    return arrow::Status::OK();
  }
  static const uintptr_t page_bytes = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  const uintptr_t into_page =
      reinterpret_cast<uintptr_t>(slice.data()) & (page_bytes - 1);
  auto* begin = const_cast<uint8_t*>(slice.data()) - into_page;
  const size_t bytes = static_cast<size_t>(slice.size()) + into_page;
  if (madvise(begin, bytes, kPopulate) == 0 || errno == EINVAL) {
    return arrow::Status::OK();
  }
  const int error = errno;
  ARROW_RETURN_NOT_OK(CheckUnchanged());
  return base::SystemError(error,
                           "cannot read " + base::QuoteForMessage(file_->path(), 200));
}

void MappedFile::ReadAhead(int64_t offset, int64_t bytes) const {
  if (bytes == 0 || SeemsCached(offset, bytes)) return;
  // Only advice: without it the pages are read when they are needed.
  (void)posix_fadvise(file_->descriptor(), offset, bytes, POSIX_FADV_WILLNEED);
}

}  // namespace pinion::data
