#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <arrow/flight/client.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "pipeline/flight_connection.h"
#include "pipeline/flight_download.h"

namespace pinion::cli {

// A connection to a Flight server of any make, every wait of which ends when `stop` is
// requested. One thread at a time.
//
// Flight's blocking calls cannot be cancelled before they return, so each runs on a
// thread of its own. When a stop is requested that thread is left behind to end with the
// process, which Main ends without running the destructors of globals.
class Client {
 public:
  // How long a server may take to answer the first, cheapest call. Later calls, which
  // may compute for as long as they like, have no limit.
  static constexpr std::chrono::seconds kConnectTimeout{5};

  // Connects, and makes sure that a Flight server answers. `location` in messages is
  // what the user typed. `compression` is that of FlightOptions.
  static arrow::Result<std::unique_ptr<Client>> Connect(
      const arrow::flight::Location& location, std::stop_token stop,
      const std::string& compression = {});

  arrow::Result<std::vector<arrow::flight::FlightInfo>> List();
  arrow::Result<arrow::flight::FlightInfo> GetInfo(
      const arrow::flight::FlightDescriptor& descriptor);
  // Asks for a session that the statements from here on share: settings, temporary tables
  // and transactions. A server without sessions says that it has none, which is no error.
  arrow::Status OpenSession();
  // Ends it now rather than when it expires.
  arrow::Status CloseSession();
  // Runs a statement by Flight SQL (CommandStatementQuery).
  arrow::Result<arrow::flight::FlightInfo> Execute(const std::string& sql);
  // Returns when the stream's schema has come.
  arrow::Result<std::unique_ptr<internal::FlightDownload>> Open(
      const arrow::flight::Ticket& ticket);

  const arrow::flight::Location& location() const { return location_; }
  std::stop_token stop() const { return stop_; }
  // What ends the waits from here on.
  void set_stop(std::stop_token stop) { stop_ = std::move(stop); }

 private:
  Client(const arrow::flight::Location& location,
         std::shared_ptr<internal::FlightConnection> connection, std::stop_token stop);

  arrow::flight::Location location_;
  // Shared with the streams.
  std::shared_ptr<internal::FlightConnection> connection_;
  // Shared with the threads left behind.
  std::shared_ptr<arrow::flight::FlightClient> client_;
  std::stop_token stop_;
  bool has_session_ = false;
};

// What a command returns that a stop request has ended.
arrow::Status Interrupted();

// Whether a status has this code on the wire.
bool HasFlightCode(const arrow::Status& status, arrow::flight::FlightStatusCode code);

}  // namespace pinion::cli
