#include "flight/query_flights.h"

#include <algorithm>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>

#include "engine/statement.h"
#include "flight/batch_stream.h"
#include "flight/errors.h"
#include "flight/read_ahead_stream.h"
#include "flight/ticket.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::FlightDataStream;
using arrow::flight::FlightEndpoint;
using arrow::flight::FlightInfo;
using engine::Statement;

Status CheckIsQuery(const engine::StatementInfo& info) {
  if (info.is_script) {
    return Status::Invalid("plain Flight runs one statement at a time");
  }
  if (info.kind != engine::StatementKind::kQuery || !info.read_only) {
    return PermissionDenied(
        "plain Flight runs queries only; use Flight SQL for statements that change "
        "something");
  }
  if (info.parameter_schema != nullptr && info.parameter_schema->num_fields() > 0) {
    return Status::Invalid("the query has parameters; plain Flight cannot bind any");
  }
  return Status::OK();
}

}  // namespace

Result<std::shared_ptr<Statement>> QueryFlights::Prepare(const Call& call,
                                                         const std::string& sql) const {
  ARROW_RETURN_NOT_OK(call.Admit({.subject = Purpose::Subject::kSql, .name = sql}));
  engine::PrepareOptions options;
  options.stop = call.stop_token();
  ARROW_ASSIGN_OR_RAISE(const auto session, sessions_(call));
  auto prepared = session->Prepare(sql, options);
  if (!prepared.ok()) return WithLocation(prepared.status(), sql);
  ARROW_RETURN_NOT_OK(CheckIsQuery((*prepared)->info()));
  return prepared;
}

Result<std::unique_ptr<FlightInfo>> QueryFlights::Info(
    const Call& call, const std::string& sql,
    const arrow::flight::FlightDescriptor& descriptor) const {
  ARROW_ASSIGN_OR_RAISE(const auto statement, Prepare(call, sql));
  FlightInfo::Data info;
  info.descriptor = descriptor;
  FlightEndpoint& endpoint = info.endpoints.emplace_back();
  endpoint.ticket.ticket =
      EncodeTicket({.target = QueryTicket{.sql = sql}, .flight_id = NewFlightId()});
  // Flight takes an info without a schema, and the stream has it.
  if (const auto& schema = statement->info().result_schema; schema != nullptr) {
    ARROW_ASSIGN_OR_RAISE(const auto serialized, arrow::ipc::SerializeSchema(*schema));
    info.schema = serialized->ToString();
  }
  return std::make_unique<FlightInfo>(std::move(info));
}

Result<std::shared_ptr<arrow::Schema>> QueryFlights::Schema(
    const Call& call, const std::string& sql) const {
  ARROW_ASSIGN_OR_RAISE(const auto statement, Prepare(call, sql));
  if (statement->info().result_schema == nullptr) {
    return Status::NotImplemented(
        "the schema of this statement is known only when it runs");
  }
  return statement->info().result_schema;
}

Result<std::unique_ptr<FlightDataStream>> QueryFlights::Stream(
    const Call& call, const std::string& sql, const ClientTraits& traits) const {
  ARROW_ASSIGN_OR_RAISE(const auto statement, Prepare(call, sql));
  auto stop = std::make_unique<LinkedStop>(call.stop_token());
  engine::ExecuteOptions options;
  options.stop = stop->token();
  options.max_batch_bytes =
      std::min(options.max_batch_bytes, traits.max_ipc_bytes() * 3 / 4);
  auto reader = statement->Query(nullptr, options);
  if (!reader.ok()) return WithLocation(reader.status(), sql);
  ARROW_ASSIGN_OR_RAISE(auto batches, BatchStream::Create(*std::move(reader), traits));
  return std::make_unique<ReadAheadStream>(std::move(batches), std::move(stop),
                                           read_ahead_bytes_);
}

}  // namespace pinion::flight
