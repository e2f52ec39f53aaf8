#pragma once

#include <memory>
#include <optional>
#include <string>

#include <arrow/result.h>

#include "base/mutex.h"
#include "data/column_layout.h"
#include "data/dataset.h"
#include "data/mapped_file.h"
#include "data/message_index.h"
#include "data/validated_columns.h"

namespace pinion::data {

// A Feather (Arrow IPC) file or an IPC stream file: memory-mapped, and known by the index
// of its messages. The messages can be sent as they are, and decoding reads the same
// messages. See Dataset for the rest.
class IpcDataset : public Dataset, public std::enable_shared_from_this<IpcDataset> {
 public:
  // The format is kFeather or kIpcStream, and the file is not empty.
  static arrow::Result<std::shared_ptr<IpcDataset>> Open(
      const std::shared_ptr<const SourceFile>& file, Format format);

  const std::string& path() const override { return map_->file().path(); }
  Format format() const override { return format_; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return index_.schema; }
  std::optional<int64_t> num_rows() const override;
  int64_t num_bytes() const override { return map_->file().size(); }
  int64_t num_batches() const override {
    return index_.leading_dictionaries ? index_.num_batches : 1;
  }
  arrow::Result<int64_t> BatchRows(int64_t batch) const override;
  bool has_fixed_batches() const override {
    return index_.leading_dictionaries.has_value();
  }
  arrow::Status CheckUnchanged() const override { return map_->CheckUnchanged(); }
  arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> OpenReader(
      const ReadOptions& options) const override;
  bool has_messages() const override { return can_be_sent_as_is_; }
  arrow::Result<std::unique_ptr<MessageReader>> OpenMessages(
      const ReadOptions& options, const MessageLimits& limits) const override;

  const MappedFile& map() const { return *map_; }
  const MessageIndex& index() const { return index_; }
  const ColumnLayout& layout() const { return layout_; }
  // Which columns of which batches have once been decoded and found valid.
  ValidatedColumns& validated() const { return validated_; }

  // The message with its body, checked as far as the headers go.
  arrow::Result<std::unique_ptr<arrow::ipc::Message>> ReadMessage(
      const MessageIndex::Entry& entry) const;

 private:
  // What the headers of all messages say together.
  struct Totals {
    int64_t num_rows = 0;
    bool any_compressed = false;
  };

  IpcDataset(std::shared_ptr<const MappedFile> map, Format format, MessageIndex index)
      : map_(std::move(map)),
        format_(format),
        index_(std::move(index)),
        layout_(*index_.schema),
        can_be_sent_as_is_(CanBeSentAsIs(index_)),
        validated_(index_.num_batches, index_.schema->num_fields()) {}

  static bool CanBeSentAsIs(const MessageIndex& index);
  arrow::Result<Totals> ReadTotals() const PINION_EXCLUDES(totals_mutex_);

  const std::shared_ptr<const MappedFile> map_;
  const Format format_;
  const MessageIndex index_;
  const ColumnLayout layout_;
  const bool can_be_sent_as_is_;
  mutable ValidatedColumns validated_;
  mutable base::Mutex totals_mutex_;
  mutable std::optional<arrow::Result<Totals>> totals_ PINION_GUARDED_BY(totals_mutex_);
};

}  // namespace pinion::data
