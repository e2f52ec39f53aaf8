#pragma once

#include <memory>
#include <stop_token>

#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "data/ipc_dataset.h"
#include "data/read_range.h"

namespace pinion::data {

// Decodes a range of an IpcDataset. What can be used as it lies in the file is not
// copied. The reader keeps the dataset; it is not thread-safe.
arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> MakeIpcBatchReader(
    std::shared_ptr<const IpcDataset> dataset, ReadRange range, std::stop_token stop);

}  // namespace pinion::data
