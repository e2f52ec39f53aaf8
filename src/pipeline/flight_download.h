#pragma once

#include <memory>
#include <stop_token>

#include <arrow/flight/types.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>

#include "pipeline/flight_connection.h"

namespace pinion::internal {

// As many as suit the machine.
int DefaultDecoders();

// The record batches of one ticket. Not thread-safe, but a stop request from any thread
// ends what it waits for.
//
// A stream that turns out to be long is received and decoded ahead, on threads of its own
// (see DecodeAhead), unless there are to be none. A dictionary changes the meaning of
// what follows, so where there are any the asking thread decodes alone.
class FlightDownload {
 public:
  // Returns when the server has sent the schema. `decoders` are threads that decode
  // beside the asking one; with 0 it alone receives and decodes.
  static arrow::Result<std::unique_ptr<FlightDownload>> Open(
      std::shared_ptr<FlightConnection> connection, const arrow::flight::Ticket& ticket,
      int decoders, const std::stop_token& stop);
  // Cancels what is not finished.
  ~FlightDownload();

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

  // Null at the end.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Next();

 private:
  struct Wire;

  FlightDownload() = default;

  void BeginAhead();

  std::shared_ptr<FlightConnection> connection_;
  std::shared_ptr<Wire> wire_;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
  int decoders_ = 0;
  // Whether batches can be decoded in any order.
  bool independent_ = false;
  std::unique_ptr<std::stop_callback<std::function<void()>>> cancel_;
};

}  // namespace pinion::internal
