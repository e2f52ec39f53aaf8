// The few Flight SQL messages that FlightSqlServerBase keeps to itself, read and written
// by hand: its protobuf headers are not installed. Field numbers are those of
// FlightSql.proto.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <arrow/result.h>
#include <arrow/type_fwd.h>

namespace pinion::flight {

// A command or ticket taken out of its google.protobuf.Any.
struct SqlMessage {
  // The message's name, such as "CommandStatementQuery".
  std::string name;
  std::string body;
};

// std::nullopt if the bytes are no Any of a Flight SQL message: plain Flight, then.
std::optional<SqlMessage> UnpackSqlMessage(std::string_view bytes);

// The Any around a Flight SQL message.
std::string PackSqlMessage(std::string_view name, std::string_view body);

// CommandStatementQuery and ActionCreatePreparedStatementRequest have the same fields.
struct SqlText {
  std::string query;
  // Empty: none.
  std::string transaction_id;
};
arrow::Result<SqlText> ParseSqlText(std::string_view body);

// The one bytes field, numbered 1, of TicketStatementQuery and
// CommandPreparedStatementQuery.
arrow::Result<std::string> ParseHandle(std::string_view body);

// ActionCreatePreparedStatementResult with the field is_update, which Arrow C++ cannot
// send.
struct PreparedStatementReply {
  std::string handle;
  // Null is sent as no schema: how clients without is_update know an update.
  std::shared_ptr<arrow::Schema> dataset_schema;
  std::shared_ptr<arrow::Schema> parameter_schema;
  bool is_update = false;
};
arrow::Result<std::string> SerializePreparedStatement(
    const PreparedStatementReply& reply);

// The same for sending, which DoPutPreparedStatementResult and TicketStatementQuery need.
std::string SerializeHandle(std::string_view handle);

}  // namespace pinion::flight
