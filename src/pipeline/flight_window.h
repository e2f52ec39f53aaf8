#pragma once

#include <arrow/flight/client.h>

namespace pinion::internal {

// What may be on its way of a stream before it is read, in bytes.
inline constexpr int kFlightWindowBytes = 8 << 20;

// Keeps a client from buffering more than that. gRPC's probe of the bandwidth would else
// let the window of a stream that is read quickly grow with the stream.
inline void LimitFlightWindow(arrow::flight::FlightClientOptions* options) {
  options->generic_options.emplace_back("grpc.http2.bdp_probe", 0);
  options->generic_options.emplace_back("grpc.http2.lookahead_bytes", kFlightWindowBytes);
}

}  // namespace pinion::internal
