#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/table_builder.h>
#include <arrow/type.h>

namespace pinion::flight {

// Makes a stream of record batches of rows of C++ values, whose types must be those of
// the schema's fields: std::string for utf8 and binary, bool, integers, a vector of
// strings for lists of utf8; std::optional of them where a field is nullable.
//
// Batches are cut at about a megabyte, so that no message gets too large for a client.
// Used by one thread.
class SqlRows {
 public:
  static arrow::Result<SqlRows> Make(std::shared_ptr<arrow::Schema> schema) {
    SqlRows rows(std::move(schema));
    ARROW_ASSIGN_OR_RAISE(rows.builder_, arrow::RecordBatchBuilder::Make(
                                             rows.schema_, arrow::default_memory_pool()));
    return rows;
  }

  // One value for each field.
  template <typename... Values>
  arrow::Status Append(const Values&... values) {
    static_assert(sizeof...(Values) > 0);
    int column = 0;
    arrow::Status status;
    ((status = status.ok() ? AppendTo(*builder_->GetField(column++), values) : status),
     ...);
    ARROW_RETURN_NOT_OK(status);
    if (++row_count_ < kMaxRows && bytes_ < kMaxBytes) return status;
    return Flush();
  }

  arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> Finish() {
    if (row_count_ > 0) ARROW_RETURN_NOT_OK(Flush());
    return arrow::RecordBatchReader::Make(std::move(batches_), schema_);
  }

 private:
  static constexpr int64_t kMaxRows = 16 * 1024;
  static constexpr int64_t kMaxBytes = 1024 * 1024;

  explicit SqlRows(std::shared_ptr<arrow::Schema> schema) : schema_(std::move(schema)) {}

  template <typename T>
  arrow::Status AppendTo(arrow::ArrayBuilder& builder, const std::optional<T>& value) {
    return value.has_value() ? AppendTo(builder, *value) : builder.AppendNull();
  }
  arrow::Status AppendTo(arrow::ArrayBuilder& builder, const std::string& value) {
    bytes_ += static_cast<int64_t>(value.size());
    // StringBuilder is a BinaryBuilder.
    return static_cast<arrow::BinaryBuilder&>(builder).Append(value);
  }
  arrow::Status AppendTo(arrow::ArrayBuilder& builder,
                         const std::vector<std::string>& values) {
    auto& list = static_cast<arrow::ListBuilder&>(builder);
    ARROW_RETURN_NOT_OK(list.Append());
    for (const std::string& value : values) {
      ARROW_RETURN_NOT_OK(AppendTo(*list.value_builder(), value));
    }
    return arrow::Status::OK();
  }
  template <typename T>
    requires std::is_arithmetic_v<T>
  arrow::Status AppendTo(arrow::ArrayBuilder& builder, T value) {
    using Builder = typename arrow::CTypeTraits<T>::BuilderType;
    return static_cast<Builder&>(builder).Append(value);
  }

  arrow::Status Flush() {
    ARROW_ASSIGN_OR_RAISE(auto batch, builder_->Flush());
    batches_.push_back(std::move(batch));
    row_count_ = 0;
    bytes_ = 0;
    return arrow::Status::OK();
  }

  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<arrow::RecordBatchBuilder> builder_;
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  int64_t row_count_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace pinion::flight
