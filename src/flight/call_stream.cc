#include "flight/call_stream.h"

namespace pinion::flight {

using arrow::flight::FlightPayload;

arrow::Result<FlightPayload> CallStream::GetSchemaPayload() {
  arrow::Result<FlightPayload> payload = stream_->GetSchemaPayload();
  if (!payload.ok()) return call_.Outcome(payload.status());
  return payload;
}

arrow::Result<FlightPayload> CallStream::Next() {
  ARROW_RETURN_NOT_OK(call_.CheckAlive());
  arrow::Result<FlightPayload> payload = stream_->Next();
  if (!payload.ok()) return call_.Outcome(payload.status());
  return payload;
}

arrow::Status CallStream::Close() { return call_.Outcome(stream_->Close()); }

}  // namespace pinion::flight
