#pragma once

#include <arrow/array/array_base.h>
#include <arrow/record_batch.h>
#include <arrow/status.h>

namespace pinion::data {

// Whether an array, or a batch, is what its type says, down to each value: what
// ValidateFull of Arrow answers, but sooner where most of the bytes are. It looks at
// text, views and decimals value by value with a call for each; here they pass in a loop
// over whole buffers, and only what does not is left to ValidateFull, which has the
// words.
//
// The buffers need not be aligned.
arrow::Status CheckValues(const arrow::Array& array);
arrow::Status CheckValues(const arrow::RecordBatch& batch);

}  // namespace pinion::data
