#include "engine/duckdb/batch_message.h"

#include <cstdint>
#include <cstring>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>

namespace pinion::engine::duck {
namespace {

// Arrow compresses into buffers as large as the worst case: what is in them, padded as
// the metadata has it.
arrow::Result<std::shared_ptr<arrow::Buffer>> BodyOf(
    const arrow::ipc::IpcPayload& payload,
    const std::shared_ptr<base::RecyclingPool>& pool) {
  ARROW_ASSIGN_OR_RAISE(auto body,
                        arrow::AllocateBuffer(payload.body_length, pool.get()));
  uint8_t* out = body->mutable_data();
  for (const auto& buffer : payload.body_buffers) {
    if (buffer == nullptr || buffer->size() == 0) continue;
    const auto size = static_cast<size_t>(buffer->size());
    const size_t padding = (8 - size % 8) % 8;
    std::memcpy(out, buffer->data(), size);
    std::memset(out + size, 0, padding);
    out += size + padding;
  }
  return std::shared_ptr<arrow::Buffer>(body.release(),
                                        [pool](arrow::Buffer* buffer) { delete buffer; });
}

}  // namespace

arrow::Result<std::shared_ptr<arrow::ipc::Message>> EncodeBatch(
    const arrow::RecordBatch& batch, const std::shared_ptr<arrow::util::Codec>& codec,
    const std::shared_ptr<base::RecyclingPool>& pool) {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.codec = codec;
  options.memory_pool = pool.get();
  options.use_threads = false;
  arrow::ipc::IpcPayload payload;
  ARROW_RETURN_NOT_OK(arrow::ipc::GetRecordBatchPayload(batch, options, &payload));
  ARROW_ASSIGN_OR_RAISE(auto body, BodyOf(payload, pool));
  // It is from the pool, too, but does not keep that.
  ARROW_ASSIGN_OR_RAISE(auto metadata,
                        payload.metadata->CopySlice(0, payload.metadata->size()));
  ARROW_ASSIGN_OR_RAISE(auto message,
                        arrow::ipc::Message::Open(std::move(metadata), std::move(body)));
  return message;
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> DecodeBatch(
    const arrow::ipc::Message& message, const std::shared_ptr<arrow::Schema>& schema) {
  const arrow::ipc::DictionaryMemo no_dictionaries;
  return arrow::ipc::ReadRecordBatch(message, schema, &no_dictionaries,
                                     arrow::ipc::IpcReadOptions::Defaults());
}

}  // namespace pinion::engine::duck
