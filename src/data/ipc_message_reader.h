#pragma once

#include <memory>
#include <stop_token>
#include <vector>

#include "data/ipc_dataset.h"
#include "data/message_cursor.h"
#include "data/read_range.h"

namespace pinion::data {

// Sends the messages of an IpcDataset as they are, except that columns may be left out.
// See MessageReader.
class IpcMessageReader : public MessageReader {
 public:
  IpcMessageReader(std::shared_ptr<const IpcDataset> dataset, ReadRange range,
                   std::stop_token stop);

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  arrow::Result<arrow::ipc::IpcPayload> ReadSchema() override;
  arrow::Result<std::optional<arrow::ipc::IpcPayload>> Next() override;
  int64_t num_rows() const override { return num_rows_; }

 private:
  arrow::Result<arrow::ipc::IpcPayload> ReadPayload(const MessageIndex::Entry& entry);

  const std::shared_ptr<const IpcDataset> dataset_;
  const ReadRange range_;
  const std::stop_token stop_;
  const std::shared_ptr<arrow::Schema> schema_;
  MessageCursor cursor_;
  int64_t num_rows_ = 0;
};

// The schema message for the selected columns with the dictionary ids of the file. Also
// for files in the other byte order, which it states then.
arrow::Result<arrow::ipc::IpcPayload> MakeSchemaPayload(const MessageIndex& index,
                                                        const std::vector<int>& columns);

}  // namespace pinion::data
