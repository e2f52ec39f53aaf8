#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <string_view>
#include <utility>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/status.h>

#include "data/dataset.h"
#include "data/read_range.h"

namespace pinion::data {

// What the readers of all formats have in common: each batch may be the last if a stop is
// requested, the file is looked after, and errors name it. Keeps the dataset. Not
// thread-safe.
class GuardedReader : public arrow::RecordBatchReader {
 public:
  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) final;

 protected:
  GuardedReader(std::shared_ptr<const Dataset> dataset, const std::vector<int>& columns,
                std::stop_token stop)
      : schema_(SelectFields(*dataset->schema(), columns)),
        guarded_(std::move(dataset)),
        stop_(std::move(stop)) {}

  // Null at the end.
  virtual arrow::Result<std::shared_ptr<arrow::RecordBatch>> Read() = 0;

  // What Read reads, for the message of its error ("batch 3").
  virtual std::string place() const = 0;

  const std::shared_ptr<arrow::Schema> schema_;

 private:
  const std::shared_ptr<const Dataset> guarded_;
  const std::stop_token stop_;
};

}  // namespace pinion::data
