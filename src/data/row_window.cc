#include "data/row_window.h"

#include <algorithm>
#include <vector>

#include "data/row_parts.h"

namespace pinion::data {

arrow::Status RowWindow::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  for (;;) {
    batch->reset();
    if (rows_left_ == 0) return arrow::Status::OK();
    ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
    if (*batch == nullptr) return arrow::Status::OK();
    const int64_t skipped = std::min(to_skip_, (*batch)->num_rows());
    to_skip_ -= skipped;
    const int64_t rest = (*batch)->num_rows() - skipped;
    if (skipped > 0 && rest == 0) continue;
    const int64_t rows = std::min(rest, rows_left_.value_or(rest));
    if (rows < (*batch)->num_rows()) *batch = (*batch)->Slice(skipped, rows);
    if (rows_left_) *rows_left_ -= rows;
    return arrow::Status::OK();
  }
}

arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> OpenRows(
    const Dataset& dataset, const ReadOptions& options, const RowRange& rows) {
  ReadOptions narrowed = options;
  RowRange window = rows;
  const auto parts = FindRows(dataset, options, rows);
  if (parts.ok()) {
    narrowed.num_batches = 0;
    for (const RowPart& part : *parts) *narrowed.num_batches += part.num_batches;
    if (!parts->empty()) {
      narrowed.first_batch = parts->front().first_batch;
      window.first = parts->front().rows.first;
    }
  } else if (!parts.status().IsNotImplemented()) {
    return parts.status();
  }
  ARROW_ASSIGN_OR_RAISE(auto reader, dataset.OpenReader(narrowed));
  if (window.first == 0 && !window.count) return reader;
  return std::make_shared<RowWindow>(std::move(reader), window);
}

}  // namespace pinion::data
