#pragma once

#include <arrow/flight/server.h>

namespace pinion::flight {

// The plain Flight part of a server: datasets by name, and SQL as bare text. Called by
// Service, never a server on its own.
//
// Thread-safe.
class PlainService final : public arrow::flight::FlightServerBase {
 public:
  PlainService() = default;
};

}  // namespace pinion::flight
