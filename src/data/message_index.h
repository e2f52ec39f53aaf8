#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <arrow/ipc/message.h>
#include <arrow/result.h>
#include <arrow/type.h>

#include "data/ipc_metadata.h"
#include "data/source_file.h"

namespace pinion::data {

// Where the messages of an Arrow IPC file or stream file lie: all that is kept of it in
// memory. Made once at opening from the headers alone.
struct MessageIndex {
  struct Entry {
    int64_t offset;           // of the metadata's prefix
    int32_t metadata_length;  // with prefix and padding; the body follows
    int64_t body_length;
    std::optional<int64_t> dictionary_id;  // unset for a record batch
  };

  std::shared_ptr<arrow::Schema> schema;  // in the byte order of this machine
  MetadataVersion version = MetadataVersion::kV5;
  bool big_endian = false;
  DictionaryIds dictionary_ids;
  // In an order in which they can be read and sent.
  std::vector<Entry> messages;
  int64_t num_batches = 0;
  // The number of dictionaries if all come before the first batch, so that a range of the
  // batches makes sense by itself; unset for streams that change a dictionary in between.
  std::optional<int64_t> leading_dictionaries;
  // Unset if it takes reading the batches' headers to know.
  std::optional<int64_t> num_rows;
};

// Of a file with a footer, of which only the dictionaries' headers are looked at, as
// there may be very many batches. Fails with a line that says what is wrong with the
// file.
arrow::Result<MessageIndex> ReadFileIndex(const std::shared_ptr<const SourceFile>& file);

// Of a stream file, which means to visit the headers of all messages.
arrow::Result<MessageIndex> ReadStreamIndex(
    const std::shared_ptr<const SourceFile>& file);

// The metadata of a message without its prefix, in memory of its own so that it can be
// trusted after it was checked. IOError if it is not well formed.
arrow::Result<std::shared_ptr<arrow::Buffer>> ReadMetadata(
    const SourceFile& file, const MessageIndex::Entry& entry);

}  // namespace pinion::data
