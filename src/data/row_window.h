#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "data/dataset.h"

namespace pinion::data {

// Some rows of another reader. Does not touch it any more once it has them. Used by one
// thread at a time.
class RowWindow final : public arrow::RecordBatchReader {
 public:
  RowWindow(std::shared_ptr<arrow::RecordBatchReader> reader, const RowRange& rows)
      : reader_(std::move(reader)), to_skip_(rows.first), rows_left_(rows.count) {}

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;
  arrow::Status Close() override { return reader_->Close(); }

 private:
  const std::shared_ptr<arrow::RecordBatchReader> reader_;
  int64_t to_skip_;
  std::optional<int64_t> rows_left_;
};

// Dataset::OpenReader for some of the rows that `options` ask for. Batches before them
// are not read if headers tell which those are.
arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> OpenRows(
    const Dataset& dataset, const ReadOptions& options, const RowRange& rows);

}  // namespace pinion::data
