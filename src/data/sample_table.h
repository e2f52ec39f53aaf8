#pragma once

#include <cstdint>
#include <memory>

#include <arrow/record_batch.h>
#include <arrow/type.h>

namespace pinion::data {

// The schema of the sample table (docs/wire_protocol.md).
std::shared_ptr<arrow::Schema> SampleSchema();

struct SampleOptions {
  int64_t rows = 10'000;
  uint64_t seed = 1;
  int64_t batch_rows = 64 * 1024;
};

// The sample table as a stream of batches in constant memory. The values are a function
// of the seed and the row alone: the same on every platform and for every batch size, and
// fewer rows are the beginning of more. `rows` is not negative, `batch_rows` positive.
std::shared_ptr<arrow::RecordBatchReader> SampleTable(const SampleOptions& options);

}  // namespace pinion::data
