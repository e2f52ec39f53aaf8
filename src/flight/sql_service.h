#pragma once

#include <memory>
#include <vector>

#include <arrow/flight/sql/server.h>
#include <arrow/flight/types.h>

#include "engine/engine.h"

namespace pinion::flight {

// The Flight SQL part of a server. Called by Service, never a server on its own: its
// methods run inside a call that the gate has seen, so `Call::Of(context)` gives who
// calls and the stop token, and errors are mapped for the wire by Service.
//
// Thread-safe.
class SqlService final : public arrow::flight::sql::FlightSqlServerBase {
 public:
  // Borrows the engine, which all parts of a server share.
  explicit SqlService(engine::Engine& engine) : engine_(engine) {}

  // The actions that it really carries out; Arrow's own ListActions names all there are.
  // CancelFlightInfo and RenewFlightEndpoint reach it for endpoints whose ticket is a
  // Flight SQL message, and are listed by Service.
  std::vector<arrow::flight::ActionType> Actions() const { return {}; }

 private:
  [[maybe_unused]] engine::Engine& engine_;
};

}  // namespace pinion::flight
