#include "data/parquet_dataset.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <arrow/memory_pool.h>
#include <arrow/status.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/properties.h>

#include "base/near_names.h"
#include "data/guarded_reader.h"
#include "data/read_range.h"

namespace pinion::data {
namespace {

constexpr int64_t kMostBatchRows = 64 * 1024;
constexpr int64_t kBatchBytes = 4 << 20;
// Of one column of one stream, before decompression.
constexpr int64_t kReadBufferBytes = 256 * 1024;

void CollectLeaves(const parquet::arrow::SchemaField& field, std::vector<int>* leaves) {
  if (field.is_leaf()) leaves->push_back(field.column_index);
  for (const auto& child : field.children) CollectLeaves(child, leaves);
}

// Few rows where rows are large, so that a batch stays small.
int64_t RowsOfABatch(const parquet::FileMetaData& metadata) {
  int64_t bytes = 0;
  int64_t rows = 0;
  for (int i = 0; i < metadata.num_row_groups(); ++i) {
    const auto row_group = metadata.RowGroup(i);
    bytes += std::max<int64_t>(row_group->total_byte_size(), 0);
    rows += std::max<int64_t>(row_group->num_rows(), 0);
  }
  const int64_t row_bytes = bytes / std::max<int64_t>(rows, 1);
  return std::clamp<int64_t>(kBatchBytes / std::max<int64_t>(row_bytes, 1), 1,
                             kMostBatchRows);
}

arrow::Result<std::unique_ptr<parquet::arrow::FileReader>> OpenArrowReader(
    const SourceFile& file, std::shared_ptr<parquet::FileMetaData> metadata,
    int64_t batch_rows) {
  parquet::ReaderProperties properties;
  properties.enable_buffered_stream();  // instead of whole column chunks
  properties.set_buffer_size(kReadBufferBytes);
  parquet::ArrowReaderProperties arrow_properties(/*use_threads=*/true);
  arrow_properties.set_pre_buffer(false);
  arrow_properties.set_batch_size(batch_rows);
  parquet::arrow::FileReaderBuilder builder;
  ARROW_RETURN_NOT_OK(builder.Open(file.OpenView(), properties, std::move(metadata)));
  return builder.memory_pool(arrow::default_memory_pool())
      ->properties(arrow_properties)
      ->Build();
}

bool HasDictionary(const arrow::DataType& type) {
  return type.id() == arrow::Type::DICTIONARY ||
         std::ranges::any_of(type.fields(), [](const auto& field) {
           return HasDictionary(*field->type());
         });
}

// Whether a batch must not go from one row group to the next: Arrow does not put nested
// columns together whose dictionaries differ.
bool HasNestedDictionary(const arrow::Schema& schema) {
  return std::ranges::any_of(schema.fields(), [](const auto& field) {
    return field->type()->num_fields() > 0 && HasDictionary(*field->type());
  });
}

class ParquetReader : public GuardedReader {
 public:
  // Each of `parts` is read by itself: row groups, some or all.
  ParquetReader(std::shared_ptr<const Dataset> dataset, const std::vector<int>& columns,
                std::stop_token stop, std::unique_ptr<parquet::arrow::FileReader> file,
                std::vector<std::vector<int>> parts, std::vector<int> leaves)
      : GuardedReader(std::move(dataset), columns, std::move(stop)),
        file_(std::move(file)),
        parts_(std::move(parts)),
        leaves_(std::move(leaves)) {
    // The batches have the columns in the order of the file.
    std::vector<int> in_order = columns;
    std::sort(in_order.begin(), in_order.end());
    for (const int column : columns) {
      const auto place = std::lower_bound(in_order.begin(), in_order.end(), column);
      places_.push_back(static_cast<int>(place - in_order.begin()));
    }
  }

 protected:
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Read() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    while (batch == nullptr) {
      if (batches_ == nullptr) {
        if (next_part_ == parts_.size()) return nullptr;
        ARROW_ASSIGN_OR_RAISE(batches_,
                              file_->GetRecordBatchReader(parts_[next_part_++], leaves_));
      }
      ARROW_ASSIGN_OR_RAISE(batch, batches_->Next());
      if (batch == nullptr) batches_.reset();
    }
    arrow::ArrayVector columns;
    for (const int place : places_) columns.push_back(batch->column(place));
    rows_ += batch->num_rows();
    return arrow::RecordBatch::Make(schema_, batch->num_rows(), std::move(columns));
  }

  std::string place() const override {
    return "what follows row " + std::to_string(rows_);
  }

 private:
  const std::unique_ptr<parquet::arrow::FileReader> file_;
  const std::vector<std::vector<int>> parts_;
  const std::vector<int> leaves_;
  size_t next_part_ = 0;
  std::unique_ptr<arrow::RecordBatchReader> batches_;
  std::vector<int> places_;
  int64_t rows_ = 0;
};

}  // namespace

arrow::Result<std::shared_ptr<ParquetDataset>> ParquetDataset::Open(
    std::shared_ptr<const SourceFile> file) {
  std::shared_ptr<ParquetDataset> dataset(new ParquetDataset(std::move(file)));
  const arrow::Status status = dataset->Init();
  if (status.ok()) return dataset;
  return arrow::Status::IOError(
      base::QuoteForMessage(dataset->path(), 200),
      " is not a Parquet file that can be read: ", status.message());
}

arrow::Status ParquetDataset::Init() {
  ARROW_ASSIGN_OR_RAISE(auto reader, OpenArrowReader(*file_, nullptr, kMostBatchRows));
  metadata_ = reader->parquet_reader()->metadata();
  ARROW_RETURN_NOT_OK(reader->GetSchema(&schema_));
  for (const auto& field : reader->manifest().schema_fields) {
    CollectLeaves(field, &leaves_.emplace_back());
  }
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> ParquetDataset::OpenReader(
    const ReadOptions& options) const {
  ARROW_ASSIGN_OR_RAISE(auto range, ResolveRange(*this, options));
  ARROW_ASSIGN_OR_RAISE(auto file,
                        OpenArrowReader(*file_, metadata_, RowsOfABatch(*metadata_)));
  std::vector<int> row_groups(static_cast<size_t>(range.end_batch - range.first_batch));
  std::iota(row_groups.begin(), row_groups.end(), static_cast<int>(range.first_batch));
  std::vector<int> leaves;
  for (const int column : range.columns) {
    const auto& own = leaves_[static_cast<size_t>(column)];
    leaves.insert(leaves.end(), own.begin(), own.end());
  }
  std::sort(leaves.begin(), leaves.end());
  std::vector<std::vector<int>> parts;
  if (HasNestedDictionary(*schema_)) {
    for (const int row_group : row_groups) parts.push_back({row_group});
  } else {
    parts.push_back(std::move(row_groups));
  }
  return std::make_shared<ParquetReader>(shared_from_this(), range.columns, options.stop,
                                         std::move(file), std::move(parts),
                                         std::move(leaves));
}

}  // namespace pinion::data
