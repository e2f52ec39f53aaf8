#pragma once

#include <memory>
#include <string>

#include <arrow/ipc/options.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>

#include "data/dataset.h"

namespace pinion::tests {

// Writes batches with Arrow's own writers: a Feather file or a stream by `format`.
arrow::Status WriteIpc(
    const std::string& path, data::Format format,
    const std::shared_ptr<arrow::Schema>& schema, const arrow::RecordBatchVector& batches,
    const arrow::ipc::IpcWriteOptions& options = arrow::ipc::IpcWriteOptions::Defaults());

// Decodes what the reader sends, as a client does that never saw the file.
arrow::Result<std::shared_ptr<arrow::Table>> DecodeMessages(data::MessageReader& reader);

// Everything the dataset has, decoded.
arrow::Result<std::shared_ptr<arrow::Table>> ReadTable(
    const data::Dataset& dataset, const data::ReadOptions& options = {});

// The same, as messages. Invalid if the dataset has none.
arrow::Result<std::shared_ptr<arrow::Table>> ReadMessages(
    const data::Dataset& dataset, const data::ReadOptions& options = {});

}  // namespace pinion::tests
