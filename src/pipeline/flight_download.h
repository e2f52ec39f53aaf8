#pragma once

#include <memory>
#include <stop_token>

#include <arrow/flight/types.h>
#include <arrow/ipc/reader.h>
#include <arrow/record_batch.h>

#include "pipeline/flight_connection.h"

namespace pinion::internal {

// The record batches of one ticket, on a connection of their own. Not thread-safe, but a
// stop request from any thread ends what it waits for.
class FlightDownload {
 public:
  // Returns when the server has sent the schema.
  static arrow::Result<std::unique_ptr<FlightDownload>> Open(
      std::unique_ptr<FlightConnection> connection, const arrow::flight::Ticket& ticket,
      const std::stop_token& stop);
  // Cancels what is not finished.
  ~FlightDownload();

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }

  // Null at the end.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Next();

 private:
  struct Wire;

  FlightDownload() = default;

  std::unique_ptr<FlightConnection> connection_;
  std::shared_ptr<Wire> wire_;
  std::shared_ptr<arrow::ipc::RecordBatchStreamReader> reader_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<std::stop_callback<std::function<void()>>> cancel_;
};

}  // namespace pinion::internal
