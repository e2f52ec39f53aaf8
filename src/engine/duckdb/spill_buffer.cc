#include "engine/duckdb/spill_buffer.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <utility>

#include <arrow/util/byte_size.h>

#include "engine/error.h"

namespace pinion::engine::duck {
namespace {

// A file without a name in `directory`.
arrow::Result<int> OpenUnnamed(const std::string& directory) {
  int fd = open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL)) {
    std::string name = directory + "/spill-XXXXXX";
    fd = mkostemp(name.data(), O_CLOEXEC);
    if (fd >= 0) unlink(name.c_str());
  }
  if (fd < 0) {
    return MakeError(ErrorClass::kIo,
                     "cannot create a temporary file: " + std::string(strerror(errno)));
  }
  return fd;
}

}  // namespace

arrow::Status SpillSpace::Take(int64_t bytes) {
  const int64_t used = used_ += bytes;
  if (limit_bytes_ > 0 && used > limit_bytes_) {
    used_ -= bytes;
    return MakeError(ErrorClass::kOutOfMemory,
                     "no temporary space left for results that wait: read open results "
                     "to their end before the next statement of the transaction");
  }
  return arrow::Status::OK();
}

SpillBuffer::SpillBuffer(std::shared_ptr<arrow::Schema> schema,
                         std::shared_ptr<SpillSpace> space, int64_t memory_bytes)
    : schema_(std::move(schema)), space_(std::move(space)), memory_bytes_(memory_bytes) {}

SpillBuffer::~SpillBuffer() {
  // The streams close their descriptors themselves.
  if (fd_ >= 0) close(fd_);
  space_->Give(bytes_in_file_);
}

arrow::Status SpillBuffer::Append(std::shared_ptr<arrow::RecordBatch> batch) {
  const int64_t bytes = arrow::util::TotalBufferSize(*batch);
  if (writer_ == nullptr && bytes_in_memory_ + bytes <= memory_bytes_) {
    bytes_in_memory_ += bytes;
    in_memory_.push_back(std::move(batch));
    return arrow::Status::OK();
  }
  if (writer_ == nullptr) ARROW_RETURN_NOT_OK(OpenFile());
  ARROW_RETURN_NOT_OK(space_->Take(bytes));
  bytes_in_file_ += bytes;
  return writer_->WriteRecordBatch(*batch);
}

arrow::Status SpillBuffer::OpenFile() {
  ARROW_ASSIGN_OR_RAISE(fd_, OpenUnnamed(space_->directory()));
  const int write_fd = fcntl(fd_, F_DUPFD_CLOEXEC, 0);
  if (write_fd < 0) return MakeError(ErrorClass::kIo, "no file descriptor left");
  ARROW_ASSIGN_OR_RAISE(out_, arrow::io::FileOutputStream::Open(write_fd));
  ARROW_ASSIGN_OR_RAISE(writer_, arrow::ipc::MakeStreamWriter(out_, schema_));
  return arrow::Status::OK();
}

arrow::Status SpillBuffer::StartReading() {
  ARROW_RETURN_NOT_OK(writer_->Close());
  ARROW_RETURN_NOT_OK(out_->Close());
  if (lseek(fd_, 0, SEEK_SET) < 0) {
    return MakeError(ErrorClass::kIo, "cannot read a temporary file back");
  }
  ARROW_ASSIGN_OR_RAISE(auto in, arrow::io::ReadableFile::Open(std::exchange(fd_, -1)));
  ARROW_ASSIGN_OR_RAISE(reader_, arrow::ipc::RecordBatchStreamReader::Open(in));
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> SpillBuffer::Next() {
  if (!in_memory_.empty()) {
    auto batch = std::move(in_memory_.front());
    in_memory_.pop_front();
    return batch;
  }
  if (writer_ == nullptr) return nullptr;
  if (reader_ == nullptr) ARROW_RETURN_NOT_OK(StartReading());
  std::shared_ptr<arrow::RecordBatch> batch;
  ARROW_RETURN_NOT_OK(reader_->ReadNext(&batch));
  if (batch == nullptr) return nullptr;
  // The schema's metadata as promised, not as it came back.
  return arrow::RecordBatch::Make(schema_, batch->num_rows(), batch->columns());
}

}  // namespace pinion::engine::duck
