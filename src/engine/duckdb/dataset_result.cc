#include "engine/duckdb/dataset_result.h"

#include <algorithm>
#include <utility>

#include <arrow/array.h>
#include <arrow/util/byte_size.h>

#include "data/row_window.h"
#include "engine/error.h"

namespace pinion::engine::duck {
namespace {

// As the same error is called when a scan meets it.
arrow::Status AsError(const arrow::Status& status) {
  if (status.ok() || GetErrorDetail(status) != nullptr) return status;
  return MakeError(status.IsCancelled() ? ErrorClass::kCancelled : ErrorClass::kIo,
                   status.message());
}

// In the types of the result: the names inside of them, and nullability, may be others.
std::shared_ptr<arrow::ArrayData> Relabelled(
    const arrow::ArrayData& data, const std::shared_ptr<arrow::DataType>& type) {
  auto relabelled = data.Copy();
  relabelled->type = type;
  for (size_t i = 0; i < data.child_data.size(); ++i) {
    relabelled->child_data[i] =
        Relabelled(*data.child_data[i], type->field(static_cast<int>(i))->type());
  }
  return relabelled;
}

}  // namespace

arrow::Status DatasetResult::Pass(int64_t rows) {
  ARROW_RETURN_NOT_OK(execution_->control().Check());
  rows_passed_ += rows;
  const auto& progress = execution_->progress();
  if (progress == nullptr) return arrow::Status::OK();
  progress->rows_sent += rows;
  const auto total = plan_.selection.dataset->num_rows();
  if (!total) return arrow::Status::OK();
  const int64_t after_first = std::max<int64_t>(*total - plan_.selection.rows.first, 0);
  const int64_t all =
      std::min(plan_.selection.rows.count.value_or(after_first), after_first);
  progress->fraction =
      all == 0
          ? 1.0
          : std::min(1.0, static_cast<double>(rows_passed_) / static_cast<double>(all));
  return arrow::Status::OK();
}

arrow::Status DatasetResult::Fetch() {
  const Selection& selection = plan_.selection;
  if (reader_ == nullptr) {
    data::ReadOptions options;
    options.columns = selection.columns;
    options.stop = execution_->stop();
    ARROW_ASSIGN_OR_RAISE(reader_,
                          data::OpenRows(*selection.dataset, options, selection.rows));
  }
  std::shared_ptr<arrow::RecordBatch> read;
  ARROW_RETURN_NOT_OK(reader_->ReadNext(&read));
  batch_.reset();
  row_ = 0;
  if (read == nullptr) return arrow::Status::OK();
  std::vector<std::shared_ptr<arrow::ArrayData>> columns;
  for (int i = 0; i < read->num_columns(); ++i) {
    columns.push_back(Relabelled(*read->column_data(i), plan_.schema->field(i)->type()));
  }
  batch_ = arrow::RecordBatch::Make(plan_.schema, read->num_rows(), std::move(columns));
  const BatchLimits& limits = execution_->limits();
  const int64_t bytes = arrow::util::TotalBufferSize(*batch_);
  slice_rows_ = limits.rows;
  if (bytes > limits.bytes) {
    const double share = static_cast<double>(limits.bytes) / static_cast<double>(bytes);
    const auto fit = static_cast<int64_t>(static_cast<double>(read->num_rows()) * share);
    slice_rows_ = std::clamp<int64_t>(fit, 1, slice_rows_);
  }
  return arrow::Status::OK();
}

arrow::Status DatasetResult::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  batch->reset();
  if (ended_) return arrow::Status::OK();
  ARROW_RETURN_NOT_OK(execution_->control().Check());
  while (batch_ == nullptr || row_ == batch_->num_rows()) {
    arrow::Status status = AsError(Fetch());
    if (!status.ok()) {
      ARROW_RETURN_NOT_OK(execution_->control().Check());
      return status;
    }
    if (batch_ != nullptr) continue;
    ended_ = true;
    reader_.reset();
    place_ = {};
    return arrow::Status::OK();
  }
  *batch = batch_->Slice(row_, slice_rows_);
  row_ += (*batch)->num_rows();
  return Pass((*batch)->num_rows());
}

arrow::Status DatasetResult::Close() {
  // A reader who comes back must not take this for the end of the rows.
  if (!ended_) execution_->control().Stop(StopReason::kCancelled);
  reader_.reset();
  batch_.reset();
  place_ = {};
  return arrow::Status::OK();
}

}  // namespace pinion::engine::duck
