#pragma once

#include <memory>

#include <arrow/ipc/message.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>

#include "base/recycling_pool.h"

namespace pinion::engine::duck {

// The batch, which has no dictionaries, as an IPC message whose buffers are compressed
// (Arrow columnar format, "Compression") on the calling thread. The body is one buffer
// from the pool, and keeps that alive.
arrow::Result<std::shared_ptr<arrow::ipc::Message>> EncodeBatch(
    const arrow::RecordBatch& batch, const std::shared_ptr<arrow::util::Codec>& codec,
    const std::shared_ptr<base::RecyclingPool>& pool);

// The batch again.
arrow::Result<std::shared_ptr<arrow::RecordBatch>> DecodeBatch(
    const arrow::ipc::Message& message, const std::shared_ptr<arrow::Schema>& schema);

}  // namespace pinion::engine::duck
