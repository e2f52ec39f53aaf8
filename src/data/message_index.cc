#include "data/message_index.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <arrow/io/interfaces.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/reader.h>
#include <arrow/status.h>
#include <arrow/util/endian.h>

#include "base/near_names.h"

namespace pinion::data {
namespace {

constexpr std::string_view kFileMagic = "ARROW1";
constexpr int64_t kPaddedMagicBytes = 8;  // at the beginning
constexpr uint32_t kContinuation = 0xffffffff;
constexpr int64_t kPrefixBytes = 8;        // continuation and length
constexpr int64_t kLegacyPrefixBytes = 4;  // before Arrow 0.15: the length alone
// The length of the footer and the magic, at the end.
constexpr int64_t kTrailerBytes = 4 + static_cast<int64_t>(kFileMagic.size());

template <typename... Args>
arrow::Status Bad(const SourceFile& file, Args&&... what) {
  return arrow::Status::IOError(base::QuoteForMessage(file.path(), 200),
                                std::forward<Args>(what)...);
}

// The length of the prefix before the metadata and the metadata's length as it says.
struct Prefix {
  int64_t bytes;
  int32_t metadata_bytes;
};

Prefix ParsePrefix(const uint8_t* data) {
  uint32_t words[2];
  std::memcpy(words, data, sizeof(words));
  const uint32_t first = arrow::bit_util::FromLittleEndian(words[0]);
  const uint32_t second = arrow::bit_util::FromLittleEndian(words[1]);
  if (first == kContinuation) return {kPrefixBytes, static_cast<int32_t>(second)};
  return {kLegacyPrefixBytes, static_cast<int32_t>(first)};
}

arrow::Status CheckVersion(const SourceFile& file, MetadataVersion version) {
  if (version == MetadataVersion::kV4 || version == MetadataVersion::kV5) {
    return arrow::Status::OK();
  }
  return Bad(file, " has Arrow metadata of a version other than 4 and 5");
}

// A footer that arrow::ipc::RecordBatchFileReader finds sound.
struct SoundFooter {
  FileFooter footer;
  std::shared_ptr<arrow::Schema> schema;
  int64_t offset;
};

arrow::Result<SoundFooter> ReadFooter(const std::shared_ptr<const SourceFile>& file) {
  const int64_t size = file->size();
  if (size < kPaddedMagicBytes + kTrailerBytes) {
    return Bad(*file, " is not a whole Arrow file: it has only ", size, " bytes");
  }
  ARROW_ASSIGN_OR_RAISE(auto trailer, file->Read(size - kTrailerBytes, kTrailerBytes));
  if (std::string_view(*trailer).substr(sizeof(int32_t)) != kFileMagic) {
    return Bad(*file,
               " is not a whole Arrow file: it begins as one but does not end as one, "
               "so it was cut or is still being written");
  }
  int32_t footer_bytes;
  std::memcpy(&footer_bytes, trailer->data(), sizeof(footer_bytes));
  footer_bytes = arrow::bit_util::FromLittleEndian(footer_bytes);
  const int64_t footer_offset = size - kTrailerBytes - footer_bytes;
  if (footer_bytes <= 0 || footer_offset < kPaddedMagicBytes) {
    return Bad(*file, " is corrupt: its footer cannot have ", footer_bytes, " bytes");
  }
  auto options = arrow::ipc::IpcReadOptions::Defaults();
  options.ensure_native_endian = false;
  auto reader = arrow::ipc::RecordBatchFileReader::Open(file->OpenView(), options);
  if (!reader.ok()) {
    return Bad(*file, " has a corrupt footer: ", reader.status().message());
  }
  ARROW_ASSIGN_OR_RAISE(auto bytes, file->Read(footer_offset, footer_bytes));
  auto footer = FileFooter::Parse(*bytes);
  if (!footer.ok()) {
    return Bad(*file, " has a corrupt footer: ", footer.status().message());
  }
  return SoundFooter{*std::move(footer), (*reader)->schema(), footer_offset};
}

arrow::Status AddBlocks(const SourceFile& file,
                        const std::vector<FileFooter::Block>& blocks,
                        int64_t footer_offset, MessageIndex* index) {
  for (const auto& block : blocks) {
    const bool inside =
        block.offset >= kPaddedMagicBytes && block.metadata_length >= kPrefixBytes &&
        block.body_length >= 0 && block.offset <= footer_offset - block.metadata_length &&
        block.body_length <= footer_offset - block.metadata_length - block.offset;
    if (!inside) {
      return Bad(file, " is corrupt: its footer points to ",
                 block.offset < 0 ? 0 : block.offset, ", outside of the data");
    }
    index->messages.push_back(
        {block.offset, block.metadata_length, block.body_length, std::nullopt});
  }
  return arrow::Status::OK();
}

arrow::Status ReadDictionaryHeaders(const SourceFile& file, MessageIndex* index) {
  std::set<int64_t> seen;
  for (auto& entry : index->messages) {
    ARROW_ASSIGN_OR_RAISE(auto metadata, ReadMetadata(file, entry));
    const auto message = MessageView::Open(*metadata);
    if (!message.ok() || message->type() != arrow::ipc::MessageType::DICTIONARY_BATCH) {
      return Bad(file, " is corrupt: its footer names a dictionary where there is none");
    }
    entry.dictionary_id = message->dictionary_id();
    if (!seen.insert(message->dictionary_id()).second && !message->is_delta()) {
      return Bad(file,
                 " replaces a dictionary, which a file (other than a stream) of "
                 "Arrow's cannot; write it again with one dictionary a column");
    }
  }
  return arrow::Status::OK();
}

// Not the footer's version: Arrow states the newest there whatever the messages have.
arrow::Status ReadVersion(const SourceFile& file, MessageIndex* index) {
  if (index->messages.empty()) return arrow::Status::OK();
  ARROW_ASSIGN_OR_RAISE(auto metadata, ReadMetadata(file, index->messages.front()));
  const auto message = MessageView::Open(*metadata);
  if (!message.ok()) {
    return Bad(file, " is corrupt at ", index->messages.front().offset, ": ",
               message.status().message());
  }
  index->version = message->version();
  return CheckVersion(file, index->version);
}

// Walks over a stream, one message after the other.
class StreamWalk {
 public:
  explicit StreamWalk(const SourceFile& file) : file_(file) {}

  // The next message's metadata; null at the end.
  arrow::Result<std::shared_ptr<arrow::Buffer>> Next() {
    const int64_t left = file_.size() - position_;
    if (left == 0) return nullptr;
    if (left < kLegacyPrefixBytes) return Cut();
    uint8_t prefix_bytes[kPrefixBytes] = {};
    ARROW_RETURN_NOT_OK(
        file_.ReadInto(position_, std::min(left, kPrefixBytes), prefix_bytes));
    const Prefix prefix = ParsePrefix(prefix_bytes);
    if (left < prefix.bytes) return Cut();
    if (prefix.metadata_bytes == 0) return nullptr;
    if (prefix.metadata_bytes < 0) {
      return Bad(file_, " is not an Arrow stream: at ", position_,
                 " there is no message");
    }
    if (prefix.metadata_bytes > left - prefix.bytes) return Cut();
    entry_ = {position_, static_cast<int32_t>(prefix.bytes + prefix.metadata_bytes), 0,
              std::nullopt};
    ARROW_ASSIGN_OR_RAISE(auto metadata, ReadMetadata(file_, entry_));
    auto message = MessageView::Open(*metadata);
    if (!message.ok()) {
      return Bad(file_, " is corrupt at ", position_, ": ", message.status().message());
    }
    entry_.body_length = message->body_length();
    const int64_t body = position_ + entry_.metadata_length;
    if (entry_.body_length < 0) {
      return Bad(file_, " is corrupt at ", position_, ": a message of negative length");
    }
    if (entry_.body_length > file_.size() - body) return Cut();
    position_ = body + entry_.body_length;
    return metadata;
  }

  // Of the message that Next returned.
  const MessageIndex::Entry& entry() const { return entry_; }

 private:
  arrow::Status Cut() const {
    return Bad(file_, " is cut: it ends in the middle of the message at ", position_);
  }

  const SourceFile& file_;
  int64_t position_ = 0;
  MessageIndex::Entry entry_ = {};
};

arrow::Status ReadStreamSchema(const SourceFile& file, StreamWalk* walk,
                               MessageIndex* index) {
  ARROW_ASSIGN_OR_RAISE(auto metadata, walk->Next());
  if (metadata == nullptr) return Bad(file, " is an Arrow stream without a schema");
  auto read = [&]() -> arrow::Status {
    ARROW_ASSIGN_OR_RAISE(auto message, arrow::ipc::Message::Open(metadata, nullptr));
    arrow::ipc::DictionaryMemo memo;
    ARROW_ASSIGN_OR_RAISE(index->schema, arrow::ipc::ReadSchema(*message, &memo));
    ARROW_ASSIGN_OR_RAISE(const auto view, MessageView::Open(*metadata));
    const auto table = view.SchemaTable();
    if (!table) return arrow::Status::IOError("it does not begin with a schema");
    index->version = view.version();
    index->big_endian = IsBigEndian(*table);
    return ReadDictionaryIds(*table).Value(&index->dictionary_ids);
  };
  const arrow::Status status = read();
  if (!status.ok()) {
    return Bad(file, " is not an Arrow stream that can be read: ", status.message());
  }
  return CheckVersion(file, index->version);
}

}  // namespace

arrow::Result<std::shared_ptr<arrow::Buffer>> ReadMetadata(
    const SourceFile& file, const MessageIndex::Entry& entry) {
  ARROW_ASSIGN_OR_RAISE(auto bytes, file.Read(entry.offset, entry.metadata_length));
  if (bytes->size() >= kPrefixBytes) {
    const Prefix prefix = ParsePrefix(bytes->data());
    if (prefix.metadata_bytes > 0 &&
        prefix.metadata_bytes <= bytes->size() - prefix.bytes) {
      // Flatbuffers must be aligned, which they are not after the shorter prefix.
      if (prefix.bytes != kPrefixBytes) {
        return bytes->CopySlice(prefix.bytes, prefix.metadata_bytes);
      }
      return arrow::SliceBuffer(bytes, prefix.bytes, prefix.metadata_bytes);
    }
  }
  return Bad(file, " is corrupt: there is no message at ", entry.offset);
}

arrow::Result<MessageIndex> ReadFileIndex(const std::shared_ptr<const SourceFile>& file) {
  ARROW_ASSIGN_OR_RAISE(SoundFooter sound, ReadFooter(file));
  MessageIndex index;
  index.schema = sound.schema->WithEndianness(arrow::Endianness::Native);
  index.big_endian = sound.footer.big_endian;
  index.dictionary_ids = std::move(sound.footer.dictionary_ids);
  const auto& blocks = sound.footer;
  index.messages.reserve(blocks.dictionaries.size() + blocks.batches.size());
  ARROW_RETURN_NOT_OK(AddBlocks(*file, blocks.dictionaries, sound.offset, &index));
  ARROW_RETURN_NOT_OK(ReadDictionaryHeaders(*file, &index));
  index.leading_dictionaries = static_cast<int64_t>(blocks.dictionaries.size());
  ARROW_RETURN_NOT_OK(AddBlocks(*file, blocks.batches, sound.offset, &index));
  index.num_batches = static_cast<int64_t>(blocks.batches.size());
  ARROW_RETURN_NOT_OK(ReadVersion(*file, &index));
  return index;
}

arrow::Result<MessageIndex> ReadStreamIndex(
    const std::shared_ptr<const SourceFile>& file) {
  MessageIndex index;
  StreamWalk walk(*file);
  ARROW_RETURN_NOT_OK(ReadStreamSchema(*file, &walk, &index));
  index.schema = index.schema->WithEndianness(arrow::Endianness::Native);
  index.leading_dictionaries = 0;
  int64_t num_rows = 0;
  while (true) {
    ARROW_ASSIGN_OR_RAISE(auto metadata, walk.Next());
    if (metadata == nullptr) break;
    ARROW_ASSIGN_OR_RAISE(const auto message, MessageView::Open(*metadata));
    MessageIndex::Entry entry = walk.entry();
    if (message.type() == arrow::ipc::MessageType::SCHEMA) {
      return Bad(*file, " is corrupt: a second schema at ", entry.offset);
    }
    if (message.type() == arrow::ipc::MessageType::DICTIONARY_BATCH) {
      entry.dictionary_id = message.dictionary_id();
      if (index.num_batches > 0) index.leading_dictionaries.reset();
      if (index.leading_dictionaries) ++*index.leading_dictionaries;
    } else {
      const auto rows = message.BatchLength();
      if (!rows.ok() || *rows > std::numeric_limits<int64_t>::max() - num_rows) {
        return Bad(*file, " is corrupt at ", entry.offset,
                   ": a batch with an impossible number of rows");
      }
      num_rows += *rows;
      ++index.num_batches;
    }
    index.messages.push_back(entry);
  }
  index.num_rows = num_rows;
  return index;
}

}  // namespace pinion::data
