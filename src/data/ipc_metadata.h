#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <arrow/buffer.h>
#include <arrow/ipc/message.h>
#include <arrow/result.h>
#include <arrow/util/type_fwd.h>

#include "data/flatbuffer.h"

namespace pinion::data {

// Arrow's IPC metadata (format/Message.fbs, format/Schema.fbs and format/File.fbs of
// Arrow) as far as it is needed to find messages in a file, to send them on and to leave
// columns out. All sizes and offsets are as stated in the metadata, unchecked.

// The header of a record batch, or that of a dictionary's values.
struct BatchHeader {
  struct Node {
    int64_t length;
    int64_t null_count;
  };
  struct Span {
    int64_t offset;  // in the body
    int64_t length;
  };
  enum class Codec : int8_t { kLz4Frame = 0, kZstd = 1 };

  int64_t length = 0;
  std::vector<Node> nodes;
  std::vector<Span> buffers;
  std::optional<Codec> codec;
  std::vector<int64_t> variadic_counts;
};

enum class MetadataVersion : int16_t { kV4 = 3, kV5 = 4 };

// A message's metadata, of which nothing but the place is kept: the buffer given must
// outlive it.
class MessageView {
 public:
  // IOError if it is no message.
  static arrow::Result<MessageView> Open(const arrow::Buffer& metadata);

  arrow::ipc::MessageType type() const { return type_; }
  MetadataVersion version() const;
  int64_t body_length() const;

  // Of record batches and dictionaries: the number of rows, whether the body is
  // compressed, and the whole header.
  arrow::Result<int64_t> BatchLength() const;
  arrow::Result<bool> IsCompressed() const;
  arrow::Result<BatchHeader> Batch() const;

  // Of dictionaries.
  int64_t dictionary_id() const;
  bool is_delta() const;

  // Of schemas; see ReadDictionaryIds.
  std::optional<FlatTable> SchemaTable() const;

 private:
  MessageView(FlatTable message, FlatTable header, arrow::ipc::MessageType type)
      : message_(message), header_(header), type_(type) {}
  arrow::Result<FlatTable> BatchTable() const;

  FlatTable message_;
  FlatTable header_;
  arrow::ipc::MessageType type_;
};

// Where dictionary-encoded fields lie in a schema (indices from the top level downwards)
// and the ids of their dictionaries.
using DictionaryIds = std::map<std::vector<int>, int64_t>;

// From a Schema table of a message or a footer.
arrow::Result<DictionaryIds> ReadDictionaryIds(const FlatTable& schema);

bool IsBigEndian(const FlatTable& schema);

// The footer of a file.
struct FileFooter {
  struct Block {
    int64_t offset;
    int32_t metadata_length;  // with the prefix and padding
    int64_t body_length;
  };

  bool big_endian;
  DictionaryIds dictionary_ids;
  std::vector<Block> dictionaries;
  std::vector<Block> batches;

  static arrow::Result<FileFooter> Parse(const arrow::Buffer& footer);
};

// The metadata of a record batch message: the inverse of MessageView::Batch.
std::shared_ptr<arrow::Buffer> MakeBatchMetadata(const BatchHeader& batch,
                                                 int64_t body_length);

}  // namespace pinion::data
