#include "flight/message_stream.h"

#include <optional>

namespace pinion::flight {

using arrow::flight::FlightPayload;
using arrow::ipc::IpcPayload;

arrow::Result<FlightPayload> MessageStream::GetSchemaPayload() {
  ARROW_ASSIGN_OR_RAISE(IpcPayload message, reader_->ReadSchema());
  return FlightPayload(nullptr, nullptr, std::move(message));
}

arrow::Result<FlightPayload> MessageStream::Next() {
  ARROW_ASSIGN_OR_RAISE(std::optional<IpcPayload> message, reader_->Next());
  if (!message.has_value()) return FlightPayload();
  return FlightPayload(nullptr, nullptr, *std::move(message));
}

}  // namespace pinion::flight
