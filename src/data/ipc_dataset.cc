#include "data/ipc_dataset.h"

#include <limits>
#include <utility>

#include <arrow/ipc/message.h>
#include <arrow/status.h>
#include <arrow/util/endian.h>

#include "base/near_names.h"
#include "data/ipc_batch_reader.h"
#include "data/ipc_message_reader.h"
#include "data/message_cursor.h"
#include "data/read_range.h"

namespace pinion::data {
namespace {

// What gRPC can send, with room for what goes around a message.
constexpr int64_t kMostMessageBytes = std::numeric_limits<int32_t>::max() - (1 << 16);

}  // namespace

arrow::Result<std::shared_ptr<IpcDataset>> IpcDataset::Open(
    const std::shared_ptr<const SourceFile>& file, Format format) {
  ARROW_ASSIGN_OR_RAISE(auto index, format == Format::kFeather ? ReadFileIndex(file)
                                                               : ReadStreamIndex(file));
  ARROW_ASSIGN_OR_RAISE(auto map, MappedFile::Map(file));
  ARROW_RETURN_NOT_OK(map->CheckUnchanged());
  return std::shared_ptr<IpcDataset>(
      new IpcDataset(std::move(map), format, std::move(index)));
}

arrow::Result<IpcDataset::Totals> IpcDataset::ReadTotals() const {
  base::MutexLock lock(totals_mutex_);
  if (totals_) return *totals_;
  const auto read = [this]() -> arrow::Result<Totals> {
    Totals totals;
    for (const auto& entry : index_.messages) {
      ARROW_ASSIGN_OR_RAISE(auto metadata, ReadMetadata(map_->file(), entry));
      ARROW_ASSIGN_OR_RAISE(const auto message, MessageView::Open(*metadata));
      ARROW_ASSIGN_OR_RAISE(const bool compressed, message.IsCompressed());
      totals.any_compressed = totals.any_compressed || compressed;
      if (entry.dictionary_id) continue;
      ARROW_ASSIGN_OR_RAISE(const int64_t rows, message.BatchLength());
      if (rows > std::numeric_limits<int64_t>::max() - totals.num_rows) {
        return arrow::Status::IOError("impossible numbers of rows");
      }
      totals.num_rows += rows;
    }
    return totals;
  };
  auto totals = read();
  // A file that was changed meanwhile says nothing about the one that was opened.
  ARROW_RETURN_NOT_OK(CheckUnchanged());
  totals_ = totals;
  return totals;
}

std::optional<int64_t> IpcDataset::num_rows() const {
  if (index_.num_rows) return index_.num_rows;
  const auto totals = ReadTotals();
  if (!totals.ok()) return std::nullopt;
  return totals->num_rows;
}

arrow::Result<int64_t> IpcDataset::BatchRows(int64_t batch) const {
  // Dictionaries between the batches: all of them count as one.
  if (!index_.leading_dictionaries) return Dataset::BatchRows(batch);
  const auto& entry =
      index_.messages[static_cast<size_t>(*index_.leading_dictionaries + batch)];
  ARROW_ASSIGN_OR_RAISE(const auto metadata, ReadMetadata(map_->file(), entry));
  ARROW_ASSIGN_OR_RAISE(const auto message, MessageView::Open(*metadata));
  ARROW_ASSIGN_OR_RAISE(const int64_t rows, message.BatchLength());
  // A file that was changed meanwhile says nothing about the one that was opened.
  ARROW_RETURN_NOT_OK(CheckUnchanged());
  return rows;
}

arrow::Result<std::unique_ptr<arrow::ipc::Message>> IpcDataset::ReadMessage(
    const MessageIndex::Entry& entry) const {
  const auto corrupt = [&](const std::string& what) {
    return arrow::Status::IOError(base::QuoteForMessage(path(), 200),
                                  " is corrupt in the message at ", entry.offset, ": ",
                                  what);
  };
  ARROW_ASSIGN_OR_RAISE(auto metadata, ReadMetadata(map_->file(), entry));
  ARROW_ASSIGN_OR_RAISE(
      auto body, map_->Slice(entry.offset + entry.metadata_length, entry.body_length));
  auto message = arrow::ipc::Message::Open(metadata, body);
  if (!message.ok()) return corrupt(message.status().message());
  const auto expected = entry.dictionary_id ? arrow::ipc::MessageType::DICTIONARY_BATCH
                                            : arrow::ipc::MessageType::RECORD_BATCH;
  if ((*message)->type() != expected) return corrupt("it is of another kind");
  if ((*message)->body_length() != entry.body_length) {
    return corrupt("it has another length than the footer says");
  }
  ARROW_ASSIGN_OR_RAISE(const auto view, MessageView::Open(*metadata));
  if (view.version() != index_.version) return corrupt("it is of another version");
  ARROW_ASSIGN_OR_RAISE(const auto header, view.Batch());
  // The layout is that of version 5, and of the columns' own batches.
  if (index_.version == MetadataVersion::kV5 && !entry.dictionary_id) {
    const arrow::Status status = layout_.Check(header, entry.body_length);
    if (!status.ok()) return corrupt(status.message());
  }
  return message;
}

bool IpcDataset::CanBeSentAsIs(const MessageIndex& index) {
  if (index.version != MetadataVersion::kV5 || index.big_endian) return false;
  for (const auto& entry : index.messages) {
    // Flight pads bodies, so that one of another length would not arrive as it says.
    if (entry.body_length % 8 != 0) return false;
  }
  return true;
}

arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> IpcDataset::OpenReader(
    const ReadOptions& options) const {
  ARROW_ASSIGN_OR_RAISE(auto range, ResolveRange(*this, options));
  return MakeIpcBatchReader(shared_from_this(), std::move(range), options.stop);
}

arrow::Result<std::unique_ptr<MessageReader>> IpcDataset::OpenMessages(
    const ReadOptions& options, const MessageLimits& limits) const {
  ARROW_ASSIGN_OR_RAISE(auto range, ResolveRange(*this, options));
  if (!can_be_sent_as_is_) return nullptr;
  const int64_t most_bytes = limits.max_message_bytes.value_or(kMostMessageBytes);
  MessageCursor cursor(index_, range);
  while (const auto* entry = cursor.Next()) {
    if (entry->metadata_length + entry->body_length > most_bytes) return nullptr;
  }
  if (!limits.accepts_compression) {
    ARROW_ASSIGN_OR_RAISE(const Totals totals, ReadTotals());
    if (totals.any_compressed) return nullptr;
  }
  return std::make_unique<IpcMessageReader>(shared_from_this(), std::move(range),
                                            options.stop);
}

}  // namespace pinion::data
