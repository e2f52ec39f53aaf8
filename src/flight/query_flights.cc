#include "flight/query_flights.h"

#include <algorithm>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>
#include <arrow/type.h>

#include "engine/statement.h"
#include "flight/errors.h"
#include "flight/sql_stream.h"
#include "flight/ticket.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::FlightDataStream;
using arrow::flight::FlightDescriptor;
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

// The parts of a table's name in SQL.
constexpr size_t kMaxPathParts = 3;

std::string Quoted(const std::string& name) {
  std::string quoted = "\"";
  for (const char character : name) {
    if (character == '"') quoted.push_back('"');
    quoted.push_back(character);
  }
  return quoted + '"';
}

std::string SelectAll(const std::vector<std::string>& path) {
  std::string sql = "SELECT * FROM ";
  for (size_t i = 0; i < path.size(); ++i) {
    if (i > 0) sql.push_back('.');
    sql += Quoted(path[i]);
  }
  return sql;
}

// A name that SQL can have between quotes.
bool IsName(const std::string& text) {
  return !text.empty() && text.find('\0') == std::string::npos;
}

FlightInfo InfoOf(const std::string& sql, const FlightDescriptor& descriptor,
                  std::string serialized_schema) {
  FlightInfo::Data info;
  info.schema = std::move(serialized_schema);
  info.descriptor = descriptor;
  info.endpoints.emplace_back().ticket.ticket =
      EncodeTicket({.target = QueryTicket{.sql = sql}, .flight_id = NewFlightId()});
  return FlightInfo(std::move(info));
}

// Empty for none, which Flight takes in an info: the stream has it.
Result<std::string> Serialized(const std::shared_ptr<arrow::Schema>& schema) {
  if (schema == nullptr) return "";
  ARROW_ASSIGN_OR_RAISE(const auto serialized, arrow::ipc::SerializeSchema(*schema));
  return serialized->ToString();
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
    const Call& call, const std::string& sql, const FlightDescriptor& descriptor) const {
  ARROW_ASSIGN_OR_RAISE(const auto statement, Prepare(call, sql));
  ARROW_ASSIGN_OR_RAISE(std::string schema, Serialized(statement->info().result_schema));
  return std::make_unique<FlightInfo>(InfoOf(sql, descriptor, std::move(schema)));
}

Result<std::vector<FlightInfo>> QueryFlights::ListTables(
    const Call& call, const std::function<bool(const std::string&)>& skip) const {
  ARROW_ASSIGN_OR_RAISE(const auto session, sessions_(call));
  ARROW_ASSIGN_OR_RAISE(const auto tables, session->Tables({.include_schema = true}));
  std::vector<FlightInfo> infos;
  for (const engine::TableEntry& table : tables) {
    if (skip(table.name)) continue;
    const std::vector<std::string> path = {table.catalog, table.schema, table.name};
    ARROW_ASSIGN_OR_RAISE(std::string schema, Serialized(table.table_schema));
    infos.push_back(
        InfoOf(SelectAll(path), FlightDescriptor::Path(path), std::move(schema)));
  }
  return infos;
}

Result<std::string> QueryFlights::TableQuery(const Call& call,
                                             const std::vector<std::string>& path) const {
  if (path.size() > kMaxPathParts || !std::all_of(path.begin(), path.end(), IsName)) {
    return "";
  }
  std::string sql = SelectAll(path);
  const Status status = Prepare(call, sql).status();
  if (status.ok()) return sql;
  // Whatever is wrong with the name alone means that there is no such table.
  const bool none = status.IsKeyError() || status.IsInvalid();
  return none ? Result<std::string>("") : status;
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
  options.compression = traits.codec;
  auto result = statement->Execute(nullptr, options);
  if (!result.ok()) return WithLocation(result.status(), sql);
  return MakeRowStream({.reader = std::move(result->stream),
                        .dataset_rows = std::move(result->dataset_rows),
                        .messages = std::move(result->messages)},
                       traits, std::move(stop), read_ahead_);
}

}  // namespace pinion::flight
