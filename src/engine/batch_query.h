#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type_fwd.h>

namespace pinion::engine {

// A query over one batch at a time, which it sees as the table `batch`. It sees nothing
// else: no files, no other tables. Runs on the calling thread alone. Not thread-safe.
class BatchQuery {
 public:
  // Plans `sql`, one SELECT, for batches of `schema`.
  static arrow::Result<std::unique_ptr<BatchQuery>> Create(
      const std::string& sql, const std::shared_ptr<arrow::Schema>& schema);

  virtual ~BatchQuery() = default;

  // Of every result.
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;

  // The result as one batch. Stopping ends it with Cancelled within milliseconds.
  virtual arrow::Result<std::shared_ptr<arrow::RecordBatch>> Run(
      const std::shared_ptr<arrow::RecordBatch>& batch, const std::stop_token& stop) = 0;
};

}  // namespace pinion::engine
