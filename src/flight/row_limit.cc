#include "flight/row_limit.h"

namespace pinion::flight {

arrow::Status RowLimit::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  *batch = nullptr;
  if (rows_ == 0) return arrow::Status::OK();
  ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
  if (*batch == nullptr) return arrow::Status::OK();
  if ((*batch)->num_rows() > rows_) *batch = (*batch)->Slice(0, rows_);
  rows_ -= (*batch)->num_rows();
  return arrow::Status::OK();
}

}  // namespace pinion::flight
