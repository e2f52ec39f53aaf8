#include "data/guarded_reader.h"

#include "base/near_names.h"

namespace pinion::data {

arrow::Status GuardedReader::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  batch->reset();
  if (stop_.stop_requested()) return arrow::Status::Cancelled("cancelled");
  // Also covers the batch before, which may have been used only now.
  ARROW_RETURN_NOT_OK(guarded_->CheckUnchanged());
  auto result = Read();
  // What looks corrupt may have been cut a moment ago.
  if (!result.ok()) ARROW_RETURN_NOT_OK(guarded_->CheckUnchanged());
  if (!result.ok()) {
    return arrow::Status::IOError("cannot read ", place(), " of ",
                                  base::QuoteForMessage(guarded_->path(), 200), ": ",
                                  result.status().message());
  }
  *batch = *std::move(result);
  return arrow::Status::OK();
}

}  // namespace pinion::data
