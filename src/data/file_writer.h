#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <arrow/util/type_fwd.h>

#include "data/format.h"

namespace pinion::data {

struct WriteOptions {
  // LZ4_FRAME, ZSTD or UNCOMPRESSED. Unset: LZ4 for Feather, as pyarrow does, Snappy for
  // Parquet, none for the others. Invalid for CSV.
  std::optional<arrow::Compression::type> compression = std::nullopt;
};

// Writes a table to a file, batch by batch in constant memory. What it writes lies under
// a temporary name in the same folder until Finish gives it the final one in one step: a
// reader sees the old file or the whole new one. Unless finished, nothing is left behind.
// A path that is not a regular file (a pipe, /dev/stdout) is written to directly.
//
// Not thread-safe.
class FileWriter {
 public:
  static arrow::Result<std::unique_ptr<FileWriter>> Create(
      const std::string& path, Format format, std::shared_ptr<arrow::Schema> schema,
      const WriteOptions& options = {});

  virtual ~FileWriter() = default;

  // The batch must have the writer's schema. After a failure only destruction is left.
  virtual arrow::Status Write(const arrow::RecordBatch& batch) = 0;

  // Completes the file, brings it to the disk and gives it its name. At most once.
  virtual arrow::Status Finish() = 0;

  virtual int64_t rows_written() const = 0;
  virtual int64_t bytes_written() const = 0;
};

}  // namespace pinion::data
