#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <utility>

#include <arrow/flight/server.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "engine/message_rows.h"
#include "flight/client_traits.h"

namespace pinion::flight {

// Batches on the wire, each in messages that the client takes: one that is too large goes
// in slices, down to single rows (a row that is too large goes as it is, and the client
// says so). Dictionaries go before the first batch that needs them.
//
// Used by one thread at a time. Errors of the reader end it.
class BatchStream final : public arrow::flight::FlightDataStream {
 public:
  // `messages`, if given, is what `reader` reads: those that the client takes go as they
  // are.
  static arrow::Result<std::unique_ptr<BatchStream>> Create(
      std::shared_ptr<arrow::RecordBatchReader> reader, const ClientTraits& traits,
      std::shared_ptr<engine::MessageRows> messages = nullptr);

  std::shared_ptr<arrow::Schema> schema() override { return reader_->schema(); }
  arrow::Result<arrow::flight::FlightPayload> GetSchemaPayload() override;
  arrow::Result<arrow::flight::FlightPayload> Next() override;

 private:
  // The messages that the IPC writer made and Next has not given away.
  using Payloads = std::deque<arrow::ipc::IpcPayload>;
  class PayloadCollector;

  BatchStream(std::shared_ptr<arrow::RecordBatchReader> reader,
              std::shared_ptr<engine::MessageRows> messages, int64_t max_message_bytes)
      : reader_(std::move(reader)),
        messages_(std::move(messages)),
        max_message_bytes_(max_message_bytes) {}

  // Makes the next message, or some for the next batch; false at the end.
  arrow::Result<bool> ReadSome();
  // Turns the next rows of batch_ into messages.
  arrow::Status WriteSome();
  // The number of rows of which messages of the allowed size may be expected.
  int64_t RowsThatFit(int64_t rows, int64_t bytes) const;

  const std::shared_ptr<arrow::RecordBatchReader> reader_;
  const std::shared_ptr<engine::MessageRows> messages_;
  const int64_t max_message_bytes_;
  Payloads payloads_;
  // Writes to payloads_.
  std::unique_ptr<arrow::ipc::RecordBatchWriter> writer_;

  // What is being sent, from row_ on, in slices of slice_rows_.
  std::shared_ptr<arrow::RecordBatch> batch_;
  int64_t row_ = 0;
  int64_t slice_rows_ = 0;
};

}  // namespace pinion::flight
