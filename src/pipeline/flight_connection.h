#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <arrow/flight/client.h>
#include <arrow/flight/transport.h>
#include <arrow/result.h>

#include "pinion/pipeline_options.h"

namespace pinion::internal {

// A connection to a Flight server, every wait for whose answers can be cancelled.
//
// FlightClient can cancel neither an upload nor a download that has not sent its schema,
// and its upload's destructor completes what it should give up: a server would keep half
// a table. So streams are opened on Arrow's transport below FlightClient, whose streams
// can be cancelled at any time.
//
// Thread-safe.
class FlightConnection {
 public:
  static arrow::Result<std::unique_ptr<FlightConnection>> Connect(
      const arrow::flight::Location& location, const FlightOptions& options);
  ~FlightConnection();

  // For the calls that may block.
  const std::shared_ptr<arrow::flight::FlightClient>& client() const { return client_; }

  // Flight cannot cancel this call either (and gRPC's asynchronous calls, which could,
  // corrupt memory in the releases that Debian ships). Stopping leaves it behind, on a
  // thread of its own that ends when the server answers or its connection is lost.
  arrow::Result<arrow::flight::FlightInfo> GetInfo(
      const arrow::flight::FlightDescriptor& descriptor, const std::stop_token& stop);

  // The streams must not outlive the connection.
  arrow::Result<std::unique_ptr<arrow::flight::internal::ClientDataStream>> Get(
      const arrow::flight::Ticket& ticket);
  arrow::Result<std::unique_ptr<arrow::flight::internal::ClientDataStream>> Put();

  // Of the data that comes.
  const arrow::ipc::IpcReadOptions& read_options() const {
    return call_options_.read_options;
  }

 private:
  FlightConnection(std::shared_ptr<arrow::flight::FlightClient> client,
                   std::unique_ptr<arrow::flight::internal::ClientTransport> transport,
                   arrow::flight::FlightCallOptions call_options);

  // Shared with the threads of calls that were given up.
  const std::shared_ptr<arrow::flight::FlightClient> client_;
  const std::unique_ptr<arrow::flight::internal::ClientTransport> transport_;
  const arrow::flight::FlightCallOptions call_options_;
};

// Whether a status says that the server or the way to it is gone.
bool IsConnectionLoss(const arrow::Status& status);

}  // namespace pinion::internal
