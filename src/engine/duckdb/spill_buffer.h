#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>

#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/status.h>

namespace pinion::engine::duck {

// How much all spill buffers of an engine may write together. Thread-safe.
class SpillSpace {
 public:
  // `limit_bytes` 0: as much as the disk has. The directory must exist.
  SpillSpace(std::string directory, int64_t limit_bytes)
      : directory_(std::move(directory)), limit_bytes_(limit_bytes) {}

  const std::string& directory() const { return directory_; }
  // kOutOfMemory when the limit would be passed.
  arrow::Status Take(int64_t bytes);
  void Give(int64_t bytes) { used_ -= bytes; }
  int64_t used() const { return used_; }

 private:
  const std::string directory_;
  const int64_t limit_bytes_;
  std::atomic<int64_t> used_{0};
};

// Record batches that have to wait: some in memory, the others in a file without a name,
// which is gone with the buffer whatever happens. First in, first out: everything is
// appended before the first is taken.
//
// Not thread-safe.
class SpillBuffer {
 public:
  SpillBuffer(std::shared_ptr<arrow::Schema> schema, std::shared_ptr<SpillSpace> space,
              int64_t memory_bytes = 16 * 1024 * 1024);
  ~SpillBuffer();
  SpillBuffer(const SpillBuffer&) = delete;
  SpillBuffer& operator=(const SpillBuffer&) = delete;

  arrow::Status Append(std::shared_ptr<arrow::RecordBatch> batch);
  // Null after the last.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Next();

 private:
  arrow::Status OpenFile();
  arrow::Status StartReading();

  const std::shared_ptr<arrow::Schema> schema_;
  const std::shared_ptr<SpillSpace> space_;
  const int64_t memory_bytes_;
  std::deque<std::shared_ptr<arrow::RecordBatch>> in_memory_;
  int64_t bytes_in_memory_ = 0;
  int64_t bytes_in_file_ = 0;
  int fd_ = -1;
  std::shared_ptr<arrow::io::FileOutputStream> out_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
  std::shared_ptr<arrow::RecordBatchReader> reader_;
};

}  // namespace pinion::engine::duck
