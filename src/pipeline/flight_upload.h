#pragma once

#include <memory>
#include <string>
#include <thread>

#include <arrow/flight/types.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>

#include "pipeline/flight_connection.h"

namespace pinion::internal {

// A DoPut, which the server gets whole or sees cancelled. Not thread-safe, but Cancel may
// be called by any thread.
class FlightUpload {
 public:
  static arrow::Result<std::unique_ptr<FlightUpload>> Open(
      std::unique_ptr<FlightConnection> connection,
      const arrow::flight::FlightDescriptor& descriptor,
      const std::shared_ptr<arrow::Schema>& schema);
  // Cancels what is not finished.
  ~FlightUpload();

  arrow::Status Write(const arrow::RecordBatch& batch);
  // Waits until the server has taken everything and said so.
  arrow::Status Finish();
  void Cancel();

 private:
  class Payloads;

  FlightUpload() = default;
  // Ends the call and brings the server's verdict.
  arrow::Status End();

  std::unique_ptr<FlightConnection> connection_;
  std::unique_ptr<arrow::flight::internal::ClientDataStream> stream_;
  std::unique_ptr<arrow::ipc::RecordBatchWriter> writer_;
  // Takes what the server answers meanwhile, so that it never waits for us.
  std::thread answers_;
  bool ended_ = false;
};

}  // namespace pinion::internal
