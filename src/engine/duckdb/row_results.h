#pragma once

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "engine/error.h"

namespace pinion::engine::duck {

// The results of one statement for several rows of parameters, one after the other. They
// have the schema of the first. Not thread-safe.
class RowResults : public arrow::RecordBatchReader {
 public:
  using Reader = std::shared_ptr<arrow::RecordBatchReader>;
  // Makes the result of the next row; null after the last.
  using NextResult = std::function<arrow::Result<Reader>()>;

  RowResults(Reader first, NextResult next)
      : schema_(first->schema()), current_(std::move(first)), next_(std::move(next)) {}

  // Of results that are there already, at least one.
  static Reader Of(std::vector<Reader> results) {
    auto first = results.front();
    return std::make_shared<RowResults>(
        std::move(first),
        [rest = std::move(results), at = size_t{1}]() mutable -> arrow::Result<Reader> {
          if (at >= rest.size()) return nullptr;
          return std::move(rest[at++]);
        });
  }

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    while (current_ != nullptr) {
      ARROW_RETURN_NOT_OK(current_->ReadNext(batch));
      if (*batch != nullptr) return arrow::Status::OK();
      current_.reset();
      ARROW_ASSIGN_OR_RAISE(current_, next_());
      if (current_ != nullptr &&
          !current_->schema()->Equals(*schema_, /*check_metadata=*/true)) {
        return MakeError(ErrorClass::kParameter,
                         "the rows of parameters give results of different types");
      }
    }
    return arrow::Status::OK();
  }

  arrow::Status Close() override {
    current_.reset();
    next_ = nullptr;
    return arrow::Status::OK();
  }

 private:
  const std::shared_ptr<arrow::Schema> schema_;
  Reader current_;
  NextResult next_;
};

}  // namespace pinion::engine::duck
