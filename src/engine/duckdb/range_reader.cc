#include "engine/duckdb/range_reader.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>

#include "engine/duckdb/error_translation.h"

namespace pinion::engine::duck {
namespace {

void ThrowIfNotOk(const arrow::Status& status) {
  if (!status.ok()) Throw(status);
}

// The columns from `first` on, `count` of them.
std::shared_ptr<arrow::RecordBatch> Columns(const arrow::RecordBatch& batch, size_t first,
                                            size_t count) {
  std::vector<int> places(count);
  std::iota(places.begin(), places.end(), static_cast<int>(first));
  auto columns = batch.SelectColumns(places);
  ThrowIfNotOk(columns.status());
  return columns.MoveValueUnsafe();
}

}  // namespace

RangeReader::Part::Part(duckdb::ClientContext& context,
                        const std::shared_ptr<const ArrowImport>& import,
                        const std::vector<duckdb::column_t>& columns)
    : fields(columns.begin(), columns.end()), reader(context, import, columns) {
  duckdb::vector<duckdb::LogicalType> types;
  for (const auto column : columns) types.push_back(import->types()[column]);
  if (!types.empty()) chunk.Initialize(context, types);
}

void RangeReader::Part::Set(const std::shared_ptr<arrow::RecordBatch>& batch) {
  ThrowIfNotOk(reader.SetBatch(batch));
}

RangeReader::RangeReader(duckdb::ClientContext& context,
                         std::shared_ptr<const data::Dataset> dataset,
                         const std::shared_ptr<const ArrowImport>& import,
                         const std::vector<duckdb::column_t>& first,
                         const std::vector<duckdb::column_t>& rest)
    : dataset_(std::move(dataset)),
      apart_(dataset_->has_fixed_batches() && !rest.empty()),
      first_(context, import, first),
      rest_(context, import, rest) {}

std::shared_ptr<arrow::RecordBatchReader> RangeReader::OpenReader(
    std::vector<int> fields, int64_t first_batch) const {
  data::ReadOptions options;
  options.columns = std::move(fields);
  options.first_batch = first_batch;
  options.num_batches = end_batch_ - first_batch;
  options.use_threads = false;  // all of DuckDB's are at it
  auto reader = dataset_->OpenReader(options);
  ThrowIfNotOk(reader.status());
  return reader.MoveValueUnsafe();
}

void RangeReader::Open(int64_t first_batch, int64_t num_batches) {
  end_batch_ = first_batch + num_batches;
  auto fields = first_.fields;
  if (!apart_) fields.insert(fields.end(), rest_.fields.begin(), rest_.fields.end());
  reader_ = OpenReader(std::move(fields), first_batch);
  rest_reader_.reset();
  batch_.reset();
  batch_index_ = first_batch - 1;
  rest_index_ = -1;
  row_ = next_row_ = 0;
}

duckdb::idx_t RangeReader::Next() {
  while (batch_ == nullptr || next_row_ == batch_->num_rows()) {
    if (!NextBatch()) return 0;
  }
  row_ = next_row_;
  const int64_t count =
      std::min<int64_t>(batch_->num_rows() - row_, STANDARD_VECTOR_SIZE);
  next_row_ += count;
  if (!first_.fields.empty()) {
    first_.chunk.Reset();
    first_.reader.Read(first_.chunk);
  }
  return static_cast<duckdb::idx_t>(count);
}

bool RangeReader::NextBatch() {
  ThrowIfNotOk(reader_->ReadNext(&batch_));
  if (batch_ == nullptr) {
    reader_.reset();
    rest_reader_.reset();
    // Vectors may have pointed into a file that was cut meanwhile.
    ThrowIfNotOk(dataset_->CheckUnchanged());
    return false;
  }
  ++batch_index_;
  row_ = next_row_ = 0;
  if (!first_.fields.empty()) first_.Set(Columns(*batch_, 0, first_.fields.size()));
  return true;
}

std::shared_ptr<arrow::RecordBatch> RangeReader::RestOfBatch() {
  if (!apart_) return Columns(*batch_, first_.fields.size(), rest_.fields.size());
  if (rest_reader_ == nullptr || rest_reader_at_ != batch_index_) {
    rest_reader_ = OpenReader(rest_.fields, batch_index_);
  }
  rest_reader_at_ = batch_index_ + 1;
  std::shared_ptr<arrow::RecordBatch> rest;
  ThrowIfNotOk(rest_reader_->ReadNext(&rest));
  if (rest == nullptr || rest->num_rows() != batch_->num_rows()) {
    ThrowIfNotOk(dataset_->CheckUnchanged());
    Throw(arrow::Status::IOError("columns of a batch differ in their number of rows"));
  }
  return rest;
}

duckdb::DataChunk& RangeReader::ReadRest() {
  if (rest_index_ != batch_index_) {
    rest_.Set(RestOfBatch());
    rest_index_ = batch_index_;
    rest_row_ = 0;
  }
  rest_.reader.Skip(row_ - rest_row_);
  rest_row_ = next_row_;
  rest_.chunk.Reset();
  rest_.reader.Read(rest_.chunk);
  return rest_.chunk;
}

}  // namespace pinion::engine::duck
