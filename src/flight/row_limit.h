#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <arrow/record_batch.h>

namespace pinion::flight {

// The first rows of another reader. Does not touch it any more once it has them. Used by
// one thread at a time.
class RowLimit final : public arrow::RecordBatchReader {
 public:
  RowLimit(std::shared_ptr<arrow::RecordBatchReader> reader, int64_t rows)
      : reader_(std::move(reader)), rows_(rows) {}

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;
  arrow::Status Close() override { return reader_->Close(); }

 private:
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  int64_t rows_;
};

}  // namespace pinion::flight
