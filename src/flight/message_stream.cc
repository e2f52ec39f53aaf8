#include "flight/message_stream.h"

#include <optional>

#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/writer.h>

namespace pinion::flight {

using arrow::Result;
using arrow::flight::FlightPayload;
using arrow::ipc::IpcPayload;

Result<FlightPayload> MessageStream::GetSchemaPayload() {
  if (sources_.size() == 1) {
    const auto* reader =
        std::get_if<std::unique_ptr<data::MessageReader>>(&sources_.front());
    if (reader != nullptr && (*reader)->schema()->Equals(*schema_, true)) {
      ARROW_ASSIGN_OR_RAISE(IpcPayload message, (*reader)->ReadSchema());
      return FlightPayload(nullptr, nullptr, std::move(message));
    }
  }
  IpcPayload message;
  const arrow::ipc::DictionaryFieldMapper ids(*schema_);
  ARROW_RETURN_NOT_OK(arrow::ipc::GetSchemaPayload(
      *schema_, arrow::ipc::IpcWriteOptions::Defaults(), ids, &message));
  return FlightPayload(nullptr, nullptr, std::move(message));
}

Result<FlightPayload> MessageStream::Next() {
  for (; source_ < sources_.size(); ++source_) {
    Source& source = sources_[source_];
    auto* const reader = std::get_if<std::unique_ptr<data::MessageReader>>(&source);
    ARROW_ASSIGN_OR_RAISE(FlightPayload payload,
                          reader != nullptr
                              ? Read(**reader)
                              : std::get<std::unique_ptr<BatchStream>>(source)->Next());
    if (payload.ipc_message.metadata != nullptr) return payload;
  }
  return FlightPayload();
}

Result<FlightPayload> MessageStream::Read(data::MessageReader& reader) {
  ARROW_ASSIGN_OR_RAISE(std::optional<IpcPayload> message, reader.Next());
  if (!message.has_value()) return FlightPayload();
  if (on_rows_) ARROW_RETURN_NOT_OK(on_rows_(reader.num_rows()));
  return FlightPayload(nullptr, nullptr, *std::move(message));
}

}  // namespace pinion::flight
