#include "flight/sql_prepared.h"

#include <utility>

#include "flight/sql_upload.h"

namespace pinion::flight {
namespace {

bool ReturnsRows(const engine::StatementInfo& info) {
  return info.kind == engine::StatementKind::kQuery;
}

bool HasParameters(const engine::StatementInfo& info) {
  return info.parameter_schema != nullptr && info.parameter_schema->num_fields() > 0;
}

// Said when they are bound, where it is clear which call is wrong.
arrow::Status CheckParameters(const engine::StatementInfo& info,
                              const arrow::Schema& bound) {
  const int wanted = HasParameters(info) ? info.parameter_schema->num_fields() : 0;
  if (bound.num_fields() == wanted) return arrow::Status::OK();
  return engine::MakeError(engine::ErrorClass::kParameter,
                           "the statement has " + std::to_string(wanted) +
                               " parameters, not " + std::to_string(bound.num_fields()));
}

std::shared_ptr<arrow::DataType> InMilliseconds(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::TIMESTAMP:
      return arrow::timestamp(arrow::TimeUnit::MILLI,
                              static_cast<const arrow::TimestampType&>(type).timezone());
    case arrow::Type::TIME32:
    case arrow::Type::TIME64:
      return arrow::time32(arrow::TimeUnit::MILLI);
    default:
      return nullptr;
  }
}

std::shared_ptr<arrow::Schema> InMilliseconds(
    const std::shared_ptr<arrow::Schema>& parameters) {
  if (parameters == nullptr) return nullptr;
  arrow::FieldVector fields = parameters->fields();
  for (auto& field : fields) {
    const auto type = InMilliseconds(*field->type());
    if (type != nullptr) field = field->WithType(type);
  }
  return arrow::schema(std::move(fields), parameters->metadata());
}

}  // namespace

SqlPrepared::SqlPrepared(SqlStatements& statements, const SqlOptions& options)
    : statements_(statements),
      max_parameter_bytes_(options.max_parameter_bytes),
      statements_by_handle_(HandleScope::kConnection, options.prepared_statements,
                            "prepared statement",
                            "it was closed, has expired, or belongs to another "
                            "connection; prepare it again") {}

arrow::Result<PreparedStatementReply> SqlPrepared::Create(const Call& call,
                                                          const SqlText& text,
                                                          const ClientTraits& client) {
  auto entry = std::make_shared<Entry>();
  ARROW_ASSIGN_OR_RAISE(entry->plan, statements_.Prepare(call, text));
  const engine::StatementInfo& info = entry->plan.statement->info();
  PreparedStatementReply reply;
  if (ReturnsRows(info) && info.result_schema != nullptr &&
      info.result_schema->num_fields() > 0) {
    reply.dataset_schema = info.result_schema;
  }
  reply.parameter_schema = client.binds_milliseconds
                               ? InMilliseconds(info.parameter_schema)
                               : info.parameter_schema;
  reply.is_update = !ReturnsRows(info);
  ARROW_ASSIGN_OR_RAISE(reply.handle,
                        statements_by_handle_.Add(call.caller(), std::move(entry)));
  return reply;
}

arrow::Status SqlPrepared::Close(const Call& call, std::string_view handle) {
  return statements_by_handle_.Take(handle, call.caller()).status();
}

arrow::Status SqlPrepared::Bind(const Call& call, std::string_view handle,
                                arrow::flight::FlightMessageReader& upload) {
  ARROW_ASSIGN_OR_RAISE(const auto entry,
                        statements_by_handle_.Find(handle, call.caller()));
  ARROW_ASSIGN_OR_RAISE(const auto rows, OpenParameters(upload, call));
  std::shared_ptr<arrow::Table> parameters;
  if (rows != nullptr) {
    ARROW_RETURN_NOT_OK(CheckParameters(entry->plan.statement->info(), *rows->schema()));
    ARROW_ASSIGN_OR_RAISE(parameters, ReadParameters(*rows, max_parameter_bytes_));
  }
  base::MutexLock lock(entry->mutex);
  entry->parameters = std::move(parameters);
  return arrow::Status::OK();
}

arrow::Result<SqlStatements::Run> SqlPrepared::Find(const Call& call,
                                                    std::string_view handle) {
  ARROW_ASSIGN_OR_RAISE(const auto entry,
                        statements_by_handle_.Find(handle, call.caller()));
  ARROW_RETURN_NOT_OK(call.Admit(
      {Purpose::Subject::kSql, Purpose::Access::kRead, entry->plan.statement->sql()}));
  SqlStatements::Run run;
  run.plan = entry->plan;
  base::MutexLock lock(entry->mutex);
  run.parameters = entry->parameters;
  return run;
}

arrow::Result<int64_t> SqlPrepared::Update(const Call& call, std::string_view handle,
                                           arrow::flight::FlightMessageReader& upload) {
  ARROW_ASSIGN_OR_RAISE(const SqlStatements::Run run, Find(call, handle));
  engine::Statement& statement = *run.plan.statement;
  std::shared_ptr<arrow::RecordBatchReader> parameters;
  if (HasParameters(statement.info())) {
    ARROW_ASSIGN_OR_RAISE(parameters, OpenParameters(upload, call));
    if (parameters == nullptr && run.parameters != nullptr) {
      parameters = std::make_shared<arrow::TableBatchReader>(run.parameters);
    }
  }
  if (parameters != nullptr) {
    ARROW_RETURN_NOT_OK(CheckParameters(statement.info(), *parameters->schema()));
  }
  return RunUpdate(call, statement, std::move(parameters));
}

}  // namespace pinion::flight
