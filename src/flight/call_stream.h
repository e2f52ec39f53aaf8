#pragma once

#include <memory>

#include <arrow/flight/server.h>

#include "flight/call_gate.h"

namespace pinion::flight {

// The stream of a DoGet as the wire sees it: ends when its call should stop, and maps the
// errors of the stream inside. Used by one thread, as Arrow uses streams.
//
// Arrow does not close a stream that failed or whose client is gone: what a stream holds
// must be freed by its destructor.
class CallStream final : public arrow::flight::FlightDataStream {
 public:
  // `call` is that of the DoGet, which outlives its stream.
  CallStream(std::unique_ptr<arrow::flight::FlightDataStream> stream, const Call& call)
      : stream_(std::move(stream)), call_(call) {}

  std::shared_ptr<arrow::Schema> schema() override { return stream_->schema(); }
  arrow::Result<arrow::flight::FlightPayload> GetSchemaPayload() override;
  arrow::Result<arrow::flight::FlightPayload> Next() override;
  arrow::Status Close() override;

 private:
  std::unique_ptr<arrow::flight::FlightDataStream> stream_;
  const Call& call_;
};

}  // namespace pinion::flight
