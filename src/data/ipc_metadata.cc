#include "data/ipc_metadata.h"

#include <utility>

#include <arrow/status.h>

namespace pinion::data {
namespace {

using arrow::ipc::MessageType;

// Numbers of fields, by table.
namespace message_field {
constexpr int kVersion = 0;
constexpr int kHeaderType = 1;
constexpr int kHeader = 2;
constexpr int kBodyLength = 3;
}  // namespace message_field
namespace batch_field {
constexpr int kLength = 0;
constexpr int kNodes = 1;
constexpr int kBuffers = 2;
constexpr int kCompression = 3;
constexpr int kVariadicCounts = 4;
}  // namespace batch_field
namespace dictionary_field {
constexpr int kId = 0;
constexpr int kData = 1;
constexpr int kIsDelta = 2;
}  // namespace dictionary_field
namespace schema_field {
constexpr int kEndianness = 0;
constexpr int kFields = 1;
}  // namespace schema_field
namespace field_field {
constexpr int kDictionary = 4;
constexpr int kChildren = 5;
}  // namespace field_field
namespace footer_field {
constexpr int kSchema = 1;
constexpr int kDictionaries = 2;
constexpr int kBatches = 3;
}  // namespace footer_field

constexpr int kCodecField = 0;        // of BodyCompression
constexpr int kEncodingIdField = 0;   // of DictionaryEncoding
constexpr int64_t kPairStride = 16;   // FieldNode and Buffer: two 64-bit numbers
constexpr int64_t kBlockStride = 24;  // of Block
constexpr int64_t kOffsetStride = 4;  // of vectors of tables
constexpr int kMaxSchemaDepth = 64;   // as Arrow's readers

arrow::Status NotArrow(const char* what) {
  return arrow::Status::IOError("invalid Arrow metadata: ", what);
}

arrow::Status CollectDictionaryIds(const FlatTable& field, std::vector<int>* path,
                                   DictionaryIds* ids) {
  if (path->size() > kMaxSchemaDepth) return NotArrow("too deeply nested");
  if (const auto encoding = field.Table(field_field::kDictionary)) {
    ids->emplace(*path, encoding->Read<int64_t>(kEncodingIdField).value_or(0));
  }
  const auto children = field.Vector(field_field::kChildren, kOffsetStride);
  if (!children) return arrow::Status::OK();
  for (int64_t i = 0; i < children->size(); ++i) {
    const auto child = field.TableIn(*children, i);
    if (!child) return NotArrow("a field is missing");
    path->push_back(static_cast<int>(i));
    ARROW_RETURN_NOT_OK(CollectDictionaryIds(*child, path, ids));
    path->pop_back();
  }
  return arrow::Status::OK();
}

arrow::Result<std::vector<FileFooter::Block>> ReadBlocks(const FlatTable& footer,
                                                         int field) {
  std::vector<FileFooter::Block> blocks;
  const auto vector = footer.Vector(field, kBlockStride);
  if (!vector) return blocks;
  blocks.reserve(static_cast<size_t>(vector->size()));
  for (int64_t i = 0; i < vector->size(); ++i) {
    const auto offset = vector->Read<int64_t>(i, kBlockStride, 0);
    const auto metadata_length = vector->Read<int32_t>(i, kBlockStride, 8);
    const auto body_length = vector->Read<int64_t>(i, kBlockStride, 16);
    if (!offset || !metadata_length || !body_length) return NotArrow("a short footer");
    blocks.push_back({*offset, *metadata_length, *body_length});
  }
  return blocks;
}

}  // namespace

arrow::Result<MessageView> MessageView::Open(const arrow::Buffer& metadata) {
  const auto message = FlatTable::Root(metadata.data(), metadata.size());
  if (!message) return NotArrow("no message");
  MessageType type = MessageType::NONE;
  switch (message->Read<uint8_t>(message_field::kHeaderType).value_or(0)) {
    case 1:
      type = MessageType::SCHEMA;
      break;
    case 2:
      type = MessageType::DICTIONARY_BATCH;
      break;
    case 3:
      type = MessageType::RECORD_BATCH;
      break;
    default:
      return NotArrow("a message that is no schema, dictionary or record batch");
  }
  const auto header = message->Table(message_field::kHeader);
  if (!header) return NotArrow("a message without a header");
  return MessageView(*message, *header, type);
}

MetadataVersion MessageView::version() const {
  return static_cast<MetadataVersion>(
      message_.Read<int16_t>(message_field::kVersion).value_or(0));
}

int64_t MessageView::body_length() const {
  return message_.Read<int64_t>(message_field::kBodyLength).value_or(0);
}

arrow::Result<FlatTable> MessageView::BatchTable() const {
  if (type_ == MessageType::RECORD_BATCH) return header_;
  if (type_ == MessageType::DICTIONARY_BATCH) {
    const auto data = header_.Table(dictionary_field::kData);
    if (data) return *data;
  }
  return NotArrow("a record batch is missing");
}

arrow::Result<int64_t> MessageView::BatchLength() const {
  ARROW_ASSIGN_OR_RAISE(const FlatTable batch, BatchTable());
  const int64_t length = batch.Read<int64_t>(batch_field::kLength).value_or(0);
  if (length < 0) return NotArrow("a negative number of rows");
  return length;
}

arrow::Result<bool> MessageView::IsCompressed() const {
  ARROW_ASSIGN_OR_RAISE(const FlatTable batch, BatchTable());
  return batch.Table(batch_field::kCompression).has_value();
}

arrow::Result<BatchHeader> MessageView::Batch() const {
  ARROW_ASSIGN_OR_RAISE(const FlatTable batch, BatchTable());
  BatchHeader header;
  ARROW_ASSIGN_OR_RAISE(header.length, BatchLength());
  if (const auto nodes = batch.Vector(batch_field::kNodes, kPairStride)) {
    header.nodes.reserve(static_cast<size_t>(nodes->size()));
    for (int64_t i = 0; i < nodes->size(); ++i) {
      header.nodes.push_back({*nodes->Read<int64_t>(i, kPairStride, 0),
                              *nodes->Read<int64_t>(i, kPairStride, 8)});
    }
  }
  if (const auto buffers = batch.Vector(batch_field::kBuffers, kPairStride)) {
    header.buffers.reserve(static_cast<size_t>(buffers->size()));
    for (int64_t i = 0; i < buffers->size(); ++i) {
      header.buffers.push_back({*buffers->Read<int64_t>(i, kPairStride, 0),
                                *buffers->Read<int64_t>(i, kPairStride, 8)});
    }
  }
  if (const auto compression = batch.Table(batch_field::kCompression)) {
    header.codec = static_cast<BatchHeader::Codec>(
        compression->Read<int8_t>(kCodecField).value_or(0));
  }
  if (const auto counts = batch.Vector(batch_field::kVariadicCounts, sizeof(int64_t))) {
    for (int64_t i = 0; i < counts->size(); ++i) {
      header.variadic_counts.push_back(*counts->Read<int64_t>(i, sizeof(int64_t)));
    }
  }
  return header;
}

int64_t MessageView::dictionary_id() const {
  return header_.Read<int64_t>(dictionary_field::kId).value_or(0);
}

bool MessageView::is_delta() const {
  return header_.Read<uint8_t>(dictionary_field::kIsDelta).value_or(0) != 0;
}

std::optional<FlatTable> MessageView::SchemaTable() const {
  if (type_ != MessageType::SCHEMA) return std::nullopt;
  return header_;
}

arrow::Result<DictionaryIds> ReadDictionaryIds(const FlatTable& schema) {
  DictionaryIds ids;
  const auto fields = schema.Vector(schema_field::kFields, kOffsetStride);
  if (!fields) return ids;
  for (int64_t i = 0; i < fields->size(); ++i) {
    const auto field = schema.TableIn(*fields, i);
    if (!field) return NotArrow("a field is missing");
    std::vector<int> path = {static_cast<int>(i)};
    ARROW_RETURN_NOT_OK(CollectDictionaryIds(*field, &path, &ids));
  }
  return ids;
}

bool IsBigEndian(const FlatTable& schema) {
  return schema.Read<int16_t>(schema_field::kEndianness).value_or(0) != 0;
}

arrow::Result<FileFooter> FileFooter::Parse(const arrow::Buffer& buffer) {
  const auto footer = FlatTable::Root(buffer.data(), buffer.size());
  if (!footer) return NotArrow("no footer");
  const auto schema = footer->Table(footer_field::kSchema);
  if (!schema) return NotArrow("a footer without a schema");
  FileFooter result;
  result.big_endian = IsBigEndian(*schema);
  ARROW_ASSIGN_OR_RAISE(result.dictionary_ids, ReadDictionaryIds(*schema));
  ARROW_ASSIGN_OR_RAISE(result.dictionaries,
                        ReadBlocks(*footer, footer_field::kDictionaries));
  ARROW_ASSIGN_OR_RAISE(result.batches, ReadBlocks(*footer, footer_field::kBatches));
  return result;
}

}  // namespace pinion::data
