#include "data/preload.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <fstream>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <arrow/io/interfaces.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>
#include <arrow/status.h>

#include "base/near_names.h"
#include "base/system_error.h"
#include "data/ipc_dataset.h"
#include "data/shared_values.h"
#include "data/source_file.h"

namespace pinion::data {
namespace {

// A message has room for its header below the 4 MiB at which some clients stop.
constexpr int64_t kMessageBytes = 3 << 20;
// As Arrow recommends for what is computed with.
constexpr int32_t kAlignment = 64;
constexpr char kContainerLimit[] = "/sys/fs/cgroup/memory.max";

// A file without a name, in memory, that grows up to a limit.
class MemoryFile : public arrow::io::OutputStream {
 public:
  static arrow::Result<std::shared_ptr<MemoryFile>> Create(int64_t max_bytes) {
    const int fd = memfd_create("pinion-dataset", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) return base::SystemError(errno, "cannot make a file in memory");
    return std::shared_ptr<MemoryFile>(new MemoryFile(fd, max_bytes));
  }
  ~MemoryFile() override {
    if (fd_ >= 0) close(fd_);
  }

  arrow::Status Write(const void* data, int64_t bytes) override {
    if (bytes > max_bytes_ - size_) return arrow::Status::CapacityError("too much");
    const char* next = static_cast<const char*>(data);
    while (bytes > 0) {
      const ssize_t written = write(fd_, next, static_cast<size_t>(bytes));
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return base::SystemError(errno, "cannot write to memory");
      next += written;
      size_ += written;
      bytes -= written;
    }
    return arrow::Status::OK();
  }
  using arrow::io::OutputStream::Write;
  arrow::Result<int64_t> Tell() const override { return size_; }
  bool closed() const override { return closed_; }
  arrow::Status Close() override {
    closed_ = true;
    return arrow::Status::OK();
  }

  // Nobody changes it from here on. Gives the descriptor away.
  arrow::Result<int> Release() {
    if (fcntl(fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) {
      return base::SystemError(errno, "cannot seal a file in memory");
    }
    return std::exchange(fd_, -1);
  }

 private:
  MemoryFile(int fd, int64_t max_bytes) : fd_(fd), max_bytes_(max_bytes) {}

  int fd_;
  const int64_t max_bytes_;
  int64_t size_ = 0;
  bool closed_ = false;
};

// In slices that make messages of a good size.
arrow::Status WriteBatch(const arrow::RecordBatch& batch,
                         arrow::ipc::RecordBatchWriter& writer) {
  const auto& fields = batch.schema()->fields();
  if (std::ranges::any_of(
          fields, [](const auto& field) { return SharesValues(*field->type()); })) {
    return writer.WriteRecordBatch(batch);
  }
  int64_t bytes = 0;
  ARROW_RETURN_NOT_OK(arrow::ipc::GetRecordBatchSize(batch, &bytes));
  const int64_t slices = std::clamp<int64_t>((bytes + kMessageBytes - 1) / kMessageBytes,
                                             1, std::max<int64_t>(batch.num_rows(), 1));
  // Whole bytes of bitmaps need no shift.
  const int64_t rows = ((batch.num_rows() + slices - 1) / slices + 7) / 8 * 8;
  int64_t row = 0;
  do {
    ARROW_RETURN_NOT_OK(writer.WriteRecordBatch(*batch.Slice(row, rows)));
    row += rows;
  } while (row < batch.num_rows());
  return arrow::Status::OK();
}

arrow::Status WriteAll(const Dataset& dataset, MemoryFile& file) {
  ARROW_ASSIGN_OR_RAISE(auto reader, dataset.OpenReader({}));
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.alignment = kAlignment;
  ARROW_ASSIGN_OR_RAISE(auto writer,
                        arrow::ipc::MakeStreamWriter(&file, reader->schema(), options));
  std::shared_ptr<arrow::RecordBatch> batch;
  for (;;) {
    ARROW_RETURN_NOT_OK(reader->ReadNext(&batch));
    if (batch == nullptr) break;
    ARROW_RETURN_NOT_OK(WriteBatch(*batch, *writer));
  }
  return writer->Close();
}

}  // namespace

arrow::Result<std::shared_ptr<Dataset>> Preload(const Dataset& dataset,
                                                int64_t max_bytes) {
  ARROW_ASSIGN_OR_RAISE(const auto memory, MemoryFile::Create(max_bytes));
  const arrow::Status status = WriteAll(dataset, *memory);
  if (status.IsCapacityError()) {
    return arrow::Status::CapacityError(base::QuoteForMessage(dataset.path(), 200),
                                        " takes more than ", max_bytes >> 20,
                                        " MB of memory when it is decoded");
  }
  ARROW_RETURN_NOT_OK(status);
  ARROW_ASSIGN_OR_RAISE(const int descriptor, memory->Release());
  ARROW_ASSIGN_OR_RAISE(const auto file,
                        SourceFile::InMemory(dataset.path(), descriptor));
  return IpcDataset::Open(file, Format::kIpcStream);
}

int64_t MemoryBytes() {
  const int64_t machine = int64_t{sysconf(_SC_PHYS_PAGES)} * sysconf(_SC_PAGESIZE);
  // "max", or no such file, where there is no limit.
  int64_t container = 0;
  if (std::ifstream(kContainerLimit) >> container && container > 0) {
    return std::min(machine, container);
  }
  return machine;
}

}  // namespace pinion::data
