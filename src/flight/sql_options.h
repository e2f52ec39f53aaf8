#pragma once

#include <chrono>
#include <cstdint>

#include "flight/read_ahead_stream.h"
#include "flight/sql_handles.h"

namespace pinion::flight {

// The limits of a server's Flight SQL part. Together they stay below what the engine may
// have open at once (EngineOptions::max_connections), so that handles which clients
// forgot cannot keep the others from working.
struct SqlOptions {
  HandleLimits sessions = {.most = 1000, .idle = std::chrono::minutes(30)};
  HandleLimits prepared_statements = {.most = 256, .idle = std::chrono::minutes(30)};
  // The engine has a time limit of its own, which counts if it is shorter.
  HandleLimits transactions = {.most = 128, .idle = std::chrono::minutes(5)};
  // Results that wait to be fetched.
  HandleLimits results = {.most = 256, .idle = std::chrono::minutes(10)};
  // Statements planned by GetFlightInfo and not fetched yet. One above it is planned
  // again when it is fetched.
  HandleLimits plans = {.most = 128, .idle = std::chrono::minutes(1)};
  // How long the ticket of a query works.
  std::chrono::milliseconds ticket_lifetime = std::chrono::minutes(10);
  // What one prepared statement keeps of the parameters bound to it.
  int64_t max_parameter_bytes = int64_t{64} << 20;
  // How long the first PollFlightInfo of a statement, and a later one, wait for it to be
  // done before they say that it is not.
  std::chrono::milliseconds first_poll_wait{50};
  std::chrono::milliseconds poll_wait{1000};
  // Of each stream, between the engine and the client.
  std::shared_ptr<ReadAheadShare> read_ahead =
      std::make_shared<ReadAheadShare>(int64_t{16} << 20);
  // What GetSqlInfo says; refusing writes is the gate's and the engine's.
  bool read_only = false;
};

}  // namespace pinion::flight
