#include "flight/sql_handlers.h"

#include <algorithm>
#include <utility>

#include <arrow/buffer.h>

#include "flight/sql_info.h"
#include "flight/sql_ingest.h"
#include "flight/sql_proto.h"

namespace pinion::flight {
namespace {

namespace sql = arrow::flight::sql;
using arrow::Result;
using arrow::Status;
using arrow::flight::FlightDataStream;
using arrow::flight::FlightDescriptor;
using arrow::flight::FlightInfo;
using arrow::flight::FlightMessageReader;
using arrow::flight::FlightMetadataWriter;
using arrow::flight::SchemaResult;
using arrow::flight::ServerCallContext;
using InfoResult = Result<std::unique_ptr<FlightInfo>>;
using StreamResult = Result<std::unique_ptr<FlightDataStream>>;

Status NoSubstrait() {
  return Status::NotImplemented("Substrait plans are not supported: send SQL");
}

Result<std::unique_ptr<SchemaResult>> MakeSchemaResult(
    const Result<std::shared_ptr<arrow::Schema>>& schema) {
  ARROW_RETURN_NOT_OK(schema);
  return SchemaResult::Make(**schema);
}

engine::TransactionEnd EndOf(sql::ActionEndTransactionRequest::EndTransaction action) {
  return action == sql::ActionEndTransactionRequest::kCommit
             ? engine::TransactionEnd::kCommit
             : engine::TransactionEnd::kRollback;
}

}  // namespace

SqlHandlers::SqlHandlers(const engine::EngineInfo& engine, const SqlOptions& options,
                         Parts parts)
    : parts_(parts),
      sql_info_(MakeSqlInfo(
          engine, {.read_only = options.read_only,
                   .prepared_statement_timeout = options.prepared_statements.idle,
                   .transaction_timeout = options.transactions.idle})) {
  for (const auto& [code, value] : sql_info_) RegisterSqlInfo(code, value);
}

InfoResult SqlHandlers::GetFlightInfoStatement(const ServerCallContext& context,
                                               const sql::StatementQuery& command,
                                               const FlightDescriptor& descriptor) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  SqlStatements::Run run;
  run.is_text = true;
  ARROW_ASSIGN_OR_RAISE(run.plan, parts_.statements.Prepare(
                                      *call, {command.query, command.transaction_id}));
  return parts_.statements.GetInfo(*call, std::move(run), descriptor);
}

Result<std::unique_ptr<SchemaResult>> SqlHandlers::GetSchemaStatement(
    const ServerCallContext& context, const sql::StatementQuery& command,
    const FlightDescriptor&) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  SqlStatements::Run run;
  ARROW_ASSIGN_OR_RAISE(run.plan, parts_.statements.Prepare(
                                      *call, {command.query, command.transaction_id}));
  return MakeSchemaResult(parts_.statements.GetSchema(run));
}

StreamResult SqlHandlers::DoGetStatement(const ServerCallContext& context,
                                         const sql::StatementQueryTicket& command) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.statements.Get(context, *call, command.statement_handle);
}

Result<int64_t> SqlHandlers::DoPutCommandStatementUpdate(
    const ServerCallContext& context, const sql::StatementUpdate& command) {
  // The upload stays unread: some clients end it only when they have the answer.
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(
      const SqlPlan plan,
      parts_.statements.Prepare(*call, {command.query, command.transaction_id}));
  return RunUpdate(*call, *plan.statement, nullptr);
}

Result<int64_t> SqlHandlers::DoPutCommandStatementIngest(
    const ServerCallContext& context, const sql::StatementIngest& command,
    FlightMessageReader* reader) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(auto session, parts_.sessions.Of(call->caller()));
  ARROW_ASSIGN_OR_RAISE(
      const auto transaction,
      parts_.transactions.Find(call->caller(), command.transaction_id.value_or("")));
  if (command.temporary && transaction == nullptr &&
      SqlSessions::CanOpen(call->caller())) {
    ARROW_ASSIGN_OR_RAISE(SqlSessions::Opened opened,
                          parts_.sessions.Open(context, call->caller()));
    session = std::move(opened.session);
  }
  return Ingest(*call, *session, transaction.get(), command, *reader);
}

InfoResult SqlHandlers::GetFlightInfoPreparedStatement(
    const ServerCallContext& context, const sql::PreparedStatementQuery& command,
    const FlightDescriptor& descriptor) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(SqlStatements::Run run,
                        parts_.prepared.Find(*call, command.prepared_statement_handle));
  return parts_.statements.GetInfo(*call, std::move(run), descriptor);
}

Result<std::unique_ptr<SchemaResult>> SqlHandlers::GetSchemaPreparedStatement(
    const ServerCallContext& context, const sql::PreparedStatementQuery& command,
    const FlightDescriptor&) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(const SqlStatements::Run run,
                        parts_.prepared.Find(*call, command.prepared_statement_handle));
  return MakeSchemaResult(parts_.statements.GetSchema(run));
}

StreamResult SqlHandlers::DoGetPreparedStatement(
    const ServerCallContext& context, const sql::PreparedStatementQuery& command) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(SqlStatements::Run run,
                        parts_.prepared.Find(*call, command.prepared_statement_handle));
  return parts_.statements.GetNow(context, *call, std::move(run));
}

Status SqlHandlers::DoPutPreparedStatementQuery(
    const ServerCallContext& context, const sql::PreparedStatementQuery& command,
    FlightMessageReader* reader, FlightMetadataWriter* writer) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_RETURN_NOT_OK(
      parts_.prepared.Bind(*call, command.prepared_statement_handle, *reader));
  // The handle stays what it was.
  return writer->WriteMetadata(
      *arrow::Buffer::FromString(SerializeHandle(command.prepared_statement_handle)));
}

Result<int64_t> SqlHandlers::DoPutPreparedStatementUpdate(
    const ServerCallContext& context, const sql::PreparedStatementUpdate& command,
    FlightMessageReader* reader) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.prepared.Update(*call, command.prepared_statement_handle, *reader);
}

Status SqlHandlers::ClosePreparedStatement(
    const ServerCallContext& context,
    const sql::ActionClosePreparedStatementRequest& request) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.prepared.Close(*call, request.prepared_statement_handle);
}

Result<sql::ActionBeginTransactionResult> SqlHandlers::BeginTransaction(
    const ServerCallContext& context, const sql::ActionBeginTransactionRequest&) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(auto session, parts_.sessions.Of(call->caller()));
  ARROW_ASSIGN_OR_RAISE(std::string handle,
                        parts_.transactions.Begin(call->caller(), std::move(session)));
  return sql::ActionBeginTransactionResult{std::move(handle)};
}

Status SqlHandlers::EndTransaction(const ServerCallContext& context,
                                   const sql::ActionEndTransactionRequest& request) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.transactions.End(call->caller(), request.transaction_id,
                                 EndOf(request.action));
}

Result<sql::ActionBeginSavepointResult> SqlHandlers::BeginSavepoint(
    const ServerCallContext& context, const sql::ActionBeginSavepointRequest& request) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(std::string handle,
                        parts_.transactions.BeginSavepoint(
                            call->caller(), request.transaction_id, request.name));
  return sql::ActionBeginSavepointResult{std::move(handle)};
}

Status SqlHandlers::EndSavepoint(const ServerCallContext& context,
                                 const sql::ActionEndSavepointRequest& request) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.transactions.EndSavepoint(
      call->caller(), request.savepoint_id,
      request.action == sql::ActionEndSavepointRequest::kRelease
          ? engine::TransactionEnd::kCommit
          : engine::TransactionEnd::kRollback);
}

Result<arrow::flight::SetSessionOptionsResult> SqlHandlers::SetSessionOptions(
    const ServerCallContext& context,
    const arrow::flight::SetSessionOptionsRequest& request) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.sessions.SetOptions(context, call->caller(), request);
}

Result<arrow::flight::GetSessionOptionsResult> SqlHandlers::GetSessionOptions(
    const ServerCallContext& context, const arrow::flight::GetSessionOptionsRequest&) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.sessions.GetOptions(call->caller());
}

Result<arrow::flight::CloseSessionResult> SqlHandlers::CloseSession(
    const ServerCallContext& context, const arrow::flight::CloseSessionRequest&) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.sessions.Close(context, call->caller());
}

Result<arrow::flight::CancelFlightInfoResult> SqlHandlers::CancelFlightInfo(
    const ServerCallContext& context,
    const arrow::flight::CancelFlightInfoRequest& request) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.statements.Cancel(*call, *request.info);
}

Result<arrow::flight::FlightEndpoint> SqlHandlers::RenewFlightEndpoint(
    const ServerCallContext& context,
    const arrow::flight::RenewFlightEndpointRequest& request) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return parts_.statements.Renew(*call, request.endpoint);
}

StreamResult SqlHandlers::DoGetSqlInfo(const ServerCallContext& context,
                                       const sql::GetSqlInfo& command) {
  sql::GetSqlInfo known;
  for (const int32_t code : command.info) {
    if (sql_info_.contains(code)) known.info.push_back(code);
  }
  std::sort(known.info.begin(), known.info.end());
  return FlightSqlServerBase::DoGetSqlInfo(context, known);
}

InfoResult SqlHandlers::GetFlightInfoSubstraitPlan(const ServerCallContext&,
                                                   const sql::StatementSubstraitPlan&,
                                                   const FlightDescriptor&) {
  return NoSubstrait();
}

Result<std::unique_ptr<SchemaResult>> SqlHandlers::GetSchemaSubstraitPlan(
    const ServerCallContext&, const sql::StatementSubstraitPlan&,
    const FlightDescriptor&) {
  return NoSubstrait();
}

Result<int64_t> SqlHandlers::DoPutCommandSubstraitPlan(
    const ServerCallContext&, const sql::StatementSubstraitPlan&) {
  return NoSubstrait();
}

Result<sql::ActionCreatePreparedStatementResult> SqlHandlers::CreatePreparedSubstraitPlan(
    const ServerCallContext&, const sql::ActionCreatePreparedSubstraitPlanRequest&) {
  return NoSubstrait();
}

}  // namespace pinion::flight
