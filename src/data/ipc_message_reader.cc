#include "data/ipc_message_reader.h"

#include <utility>

#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>
#include <arrow/status.h>

namespace pinion::data {

arrow::Result<arrow::ipc::IpcPayload> MakeSchemaPayload(const MessageIndex& index,
                                                        const std::vector<int>& columns) {
  auto schema = SelectFields(*index.schema, columns);
  if (index.big_endian) schema = schema->WithEndianness(arrow::Endianness::Big);
  arrow::ipc::DictionaryFieldMapper ids;
  for (size_t place = 0; place < columns.size(); ++place) {
    // All paths that begin with the column.
    auto entry = index.dictionary_ids.lower_bound({columns[place]});
    for (; entry != index.dictionary_ids.end() && entry->first[0] == columns[place];
         ++entry) {
      std::vector<int> path = entry->first;
      path[0] = static_cast<int>(place);
      ARROW_RETURN_NOT_OK(ids.AddField(entry->second, std::move(path)));
    }
  }
  arrow::ipc::IpcPayload payload;
  ARROW_RETURN_NOT_OK(arrow::ipc::GetSchemaPayload(
      *schema, arrow::ipc::IpcWriteOptions::Defaults(), ids, &payload));
  return payload;
}

IpcMessageReader::IpcMessageReader(std::shared_ptr<const IpcDataset> dataset,
                                   ReadRange range, std::stop_token stop)
    : dataset_(std::move(dataset)),
      range_(std::move(range)),
      stop_(std::move(stop)),
      schema_(range_.all_columns ? dataset_->schema()
                                 : SelectFields(*dataset_->schema(), range_.columns)),
      cursor_(dataset_->index(), range_) {}

arrow::Result<arrow::ipc::IpcPayload> IpcMessageReader::ReadSchema() {
  return MakeSchemaPayload(dataset_->index(), range_.columns);
}

arrow::Result<std::optional<arrow::ipc::IpcPayload>> IpcMessageReader::Next() {
  if (stop_.stop_requested()) return arrow::Status::Cancelled("cancelled");
  // Also covers what was sent since the last call.
  ARROW_RETURN_NOT_OK(dataset_->CheckUnchanged());
  const MessageIndex::Entry* entry = cursor_.Next();
  if (entry == nullptr) return std::nullopt;
  if (const auto* following = cursor_.Following()) {
    dataset_->map().ReadAhead(following->offset,
                              following->metadata_length + following->body_length);
  }
  return ReadPayload(*entry);
}

arrow::Result<arrow::ipc::IpcPayload> IpcMessageReader::ReadPayload(
    const MessageIndex::Entry& entry) {
  ARROW_ASSIGN_OR_RAISE(auto message, dataset_->ReadMessage(entry));
  const std::shared_ptr<arrow::Buffer> body = message->body();
  ARROW_ASSIGN_OR_RAISE(const auto view, MessageView::Open(*message->metadata()));
  num_rows_ = 0;
  if (!entry.dictionary_id) {
    ARROW_ASSIGN_OR_RAISE(num_rows_, view.BatchLength());
  }
  if (!entry.dictionary_id && !range_.all_columns) {
    ARROW_ASSIGN_OR_RAISE(const auto header, view.Batch());
    auto payload = dataset_->layout().Select(header, range_.columns, body);
    for (const auto& buffer : payload.body_buffers) {
      ARROW_RETURN_NOT_OK(dataset_->map().Load(*buffer));
    }
    return payload;
  }
  ARROW_RETURN_NOT_OK(dataset_->map().Load(*body));
  arrow::ipc::IpcPayload payload;
  payload.type = message->type();
  payload.metadata = message->metadata();
  payload.body_buffers = {body};
  payload.body_length = payload.raw_body_length = body->size();
  return payload;
}

}  // namespace pinion::data
