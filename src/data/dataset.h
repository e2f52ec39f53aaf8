#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <arrow/io/type_fwd.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type.h>

#include "data/format.h"

namespace pinion::data {

// What of a dataset to read.
struct ReadOptions {
  // Indices of top-level fields, each at most once, in the order wanted; all if unset. An
  // empty list gives batches without columns that still count rows.
  std::optional<std::vector<int>> columns = std::nullopt;
  // The range of batches, of Dataset::num_batches; to the end if num_batches is unset.
  int64_t first_batch = 0;
  std::optional<int64_t> num_batches = std::nullopt;
  // Whether a batch may be decoded on several threads: those who read side by side have
  // their own.
  bool use_threads = true;
  // Ends the stream with Cancelled, between two batches.
  std::stop_token stop = {};
};

// Rows, counted from the first of the batches that are read.
struct RowRange {
  int64_t first = 0;
  // To the end if unset.
  std::optional<int64_t> count = std::nullopt;
};

// What the receiver of messages can take.
struct MessageLimits {
  // Of one message: its metadata and body.
  std::optional<int64_t> max_message_bytes = std::nullopt;
  bool accepts_compression = true;
};

// The IPC messages of one stream as they lie in the file: what DoGet can send without
// decoding. Body buffers are slices of the mapped file, which they keep mapped.
//
// Not thread-safe; independent of other readers of the same dataset. The caller must look
// at every status: a file that was changed or cut since it was opened ends the stream
// with an IOError, whatever was sent before.
class MessageReader {
 public:
  virtual ~MessageReader() = default;

  // The schema of the stream: the dataset's, with the selected columns.
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;

  // The schema message. Comes before everything else on the wire.
  virtual arrow::Result<arrow::ipc::IpcPayload> ReadSchema() = 0;

  // The dictionaries, then the record batches; std::nullopt after the last.
  virtual arrow::Result<std::optional<arrow::ipc::IpcPayload>> Next() = 0;

  // Of the message that Next gave last; 0 if it was a dictionary.
  virtual int64_t num_rows() const = 0;
};

// One open file, as a table. Immutable and thread-safe; shared by the catalog and by all
// streams that read it, and one dataset may have several names in the catalog. Streams
// stay valid when the dataset is dropped.
//
// The content is that of the moment of opening: when the file is overwritten or cut in
// place, streams fail with IOError, while a file that was replaced by renaming another
// one over it goes on being served as it was.
class Dataset {
 public:
  virtual ~Dataset() = default;

  virtual const std::string& path() const = 0;
  virtual Format format() const = 0;
  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;

  // Known without reading the data itself, or std::nullopt (CSV). The first call may read
  // the headers of all batches; later ones return at once.
  virtual std::optional<int64_t> num_rows() const = 0;

  // The size of the file.
  virtual int64_t num_bytes() const = 0;

  // The units that ReadOptions::first_batch counts: batches of IPC files, row groups of
  // Parquet; 1 where the content cannot be addressed in parts.
  virtual int64_t num_batches() const = 0;

  // The rows of one of num_batches(), from headers alone. NotImplemented where those do
  // not tell.
  virtual arrow::Result<int64_t> BatchRows(int64_t batch) const;

  // Whether a reader gives each of num_batches() as one batch, whatever its columns, so
  // that the columns of a batch can be read one after the other.
  virtual bool has_fixed_batches() const { return false; }

  // IOError if the file was changed or cut since it was opened, in words for the user.
  virtual arrow::Status CheckUnchanged() const = 0;

  // Decoded batches, one at a time and with bounded memory; they may be slices of the
  // mapped file. Invalid for columns or batches that are not there.
  virtual arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> OpenReader(
      const ReadOptions& options) const = 0;

  // The file itself, as it was when the dataset was opened, for a reader other than ours;
  // reading fails with IOError once it was changed. NotImplemented for formats that
  // nobody else reads (all but Parquet).
  virtual arrow::Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenFile() const;

  // Whether OpenMessages gives messages to those who take any.
  virtual bool has_messages() const { return false; }

  // The messages as they lie in the file, or null where that is not possible (another
  // format, a file in an old or foreign layout, or beyond `limits`): use OpenReader then.
  virtual arrow::Result<std::unique_ptr<MessageReader>> OpenMessages(
      const ReadOptions& options, const MessageLimits& limits) const;
};

// Opens a file of any of the formats, recognised by its content, CSV by its extension.
// Fails with one line that names the file and says what is wrong with it. Opening reads
// no more than headers: a Feather file of any size opens in milliseconds.
arrow::Result<std::shared_ptr<Dataset>> OpenDataset(const std::string& path);

}  // namespace pinion::data
