#pragma once

#include <cstdint>
#include <memory>

#include <arrow/flight/sql/server.h>
#include <arrow/result.h>

#include "engine/engine.h"
#include "flight/sql_options.h"
#include "flight/sql_prepared.h"
#include "flight/sql_sessions.h"
#include "flight/sql_statements.h"
#include "flight/sql_transactions.h"

namespace pinion::flight {

// The commands and actions of Flight SQL, as Arrow has parsed them. What Arrow cannot
// parse or answer is in SqlService, which calls this.
//
// Thread-safe. Borrows the parts.
class SqlHandlers final : public arrow::flight::sql::FlightSqlServerBase {
 public:
  struct Parts {
    SqlSessions& sessions;
    SqlTransactions& transactions;
    SqlStatements& statements;
    SqlPrepared& prepared;
  };

  SqlHandlers(const engine::EngineInfo& engine, const SqlOptions& options, Parts parts);

 private:
  // Names as Arrow has them.
  using Context = arrow::flight::ServerCallContext;
  using Descriptor = arrow::flight::FlightDescriptor;
  using Reader = arrow::flight::FlightMessageReader;
  using Writer = arrow::flight::FlightMetadataWriter;
  using InfoResult = arrow::Result<std::unique_ptr<arrow::flight::FlightInfo>>;
  using StreamResult = arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>>;
  using SchemaResultResult = arrow::Result<std::unique_ptr<arrow::flight::SchemaResult>>;
  template <typename T>
  using Result = arrow::Result<T>;

  // Statements.
  InfoResult GetFlightInfoStatement(const Context& context,
                                    const arrow::flight::sql::StatementQuery& command,
                                    const Descriptor& descriptor) override;
  SchemaResultResult GetSchemaStatement(const Context& context,
                                        const arrow::flight::sql::StatementQuery& command,
                                        const Descriptor& descriptor) override;
  StreamResult DoGetStatement(
      const Context& context,
      const arrow::flight::sql::StatementQueryTicket& command) override;
  Result<int64_t> DoPutCommandStatementUpdate(
      const Context& context,
      const arrow::flight::sql::StatementUpdate& command) override;
  Result<int64_t> DoPutCommandStatementIngest(
      const Context& context, const arrow::flight::sql::StatementIngest& command,
      Reader* reader) override;

  // Prepared statements; CreatePreparedStatement is SqlService's.
  InfoResult GetFlightInfoPreparedStatement(
      const Context& context, const arrow::flight::sql::PreparedStatementQuery& command,
      const Descriptor& descriptor) override;
  SchemaResultResult GetSchemaPreparedStatement(
      const Context& context, const arrow::flight::sql::PreparedStatementQuery& command,
      const Descriptor& descriptor) override;
  StreamResult DoGetPreparedStatement(
      const Context& context,
      const arrow::flight::sql::PreparedStatementQuery& command) override;
  arrow::Status DoPutPreparedStatementQuery(
      const Context& context, const arrow::flight::sql::PreparedStatementQuery& command,
      Reader* reader, Writer* writer) override;
  Result<int64_t> DoPutPreparedStatementUpdate(
      const Context& context, const arrow::flight::sql::PreparedStatementUpdate& command,
      Reader* reader) override;
  arrow::Status ClosePreparedStatement(
      const Context& context,
      const arrow::flight::sql::ActionClosePreparedStatementRequest& request) override;

  // Transactions.
  Result<arrow::flight::sql::ActionBeginTransactionResult> BeginTransaction(
      const Context& context,
      const arrow::flight::sql::ActionBeginTransactionRequest& request) override;
  arrow::Status EndTransaction(
      const Context& context,
      const arrow::flight::sql::ActionEndTransactionRequest& request) override;
  Result<arrow::flight::sql::ActionBeginSavepointResult> BeginSavepoint(
      const Context& context,
      const arrow::flight::sql::ActionBeginSavepointRequest& request) override;
  arrow::Status EndSavepoint(
      const Context& context,
      const arrow::flight::sql::ActionEndSavepointRequest& request) override;

  // Sessions, and what is under way.
  Result<arrow::flight::SetSessionOptionsResult> SetSessionOptions(
      const Context& context,
      const arrow::flight::SetSessionOptionsRequest& request) override;
  Result<arrow::flight::GetSessionOptionsResult> GetSessionOptions(
      const Context& context,
      const arrow::flight::GetSessionOptionsRequest& request) override;
  Result<arrow::flight::CloseSessionResult> CloseSession(
      const Context& context, const arrow::flight::CloseSessionRequest& request) override;
  Result<arrow::flight::CancelFlightInfoResult> CancelFlightInfo(
      const Context& context,
      const arrow::flight::CancelFlightInfoRequest& request) override;
  Result<arrow::flight::FlightEndpoint> RenewFlightEndpoint(
      const Context& context,
      const arrow::flight::RenewFlightEndpointRequest& request) override;

  // Metadata: the ticket is the command itself, so it works for ever.
  InfoResult GetFlightInfoCatalogs(const Context& context,
                                   const Descriptor& descriptor) override;
  StreamResult DoGetCatalogs(const Context& context) override;
  InfoResult GetFlightInfoSchemas(const Context& context,
                                  const arrow::flight::sql::GetDbSchemas& command,
                                  const Descriptor& descriptor) override;
  StreamResult DoGetDbSchemas(const Context& context,
                              const arrow::flight::sql::GetDbSchemas& command) override;
  InfoResult GetFlightInfoTables(const Context& context,
                                 const arrow::flight::sql::GetTables& command,
                                 const Descriptor& descriptor) override;
  StreamResult DoGetTables(const Context& context,
                           const arrow::flight::sql::GetTables& command) override;
  InfoResult GetFlightInfoTableTypes(const Context& context,
                                     const Descriptor& descriptor) override;
  StreamResult DoGetTableTypes(const Context& context) override;
  InfoResult GetFlightInfoPrimaryKeys(const Context& context,
                                      const arrow::flight::sql::GetPrimaryKeys& command,
                                      const Descriptor& descriptor) override;
  StreamResult DoGetPrimaryKeys(
      const Context& context, const arrow::flight::sql::GetPrimaryKeys& command) override;
  InfoResult GetFlightInfoExportedKeys(const Context& context,
                                       const arrow::flight::sql::GetExportedKeys& command,
                                       const Descriptor& descriptor) override;
  StreamResult DoGetExportedKeys(
      const Context& context,
      const arrow::flight::sql::GetExportedKeys& command) override;
  InfoResult GetFlightInfoImportedKeys(const Context& context,
                                       const arrow::flight::sql::GetImportedKeys& command,
                                       const Descriptor& descriptor) override;
  StreamResult DoGetImportedKeys(
      const Context& context,
      const arrow::flight::sql::GetImportedKeys& command) override;
  InfoResult GetFlightInfoCrossReference(
      const Context& context, const arrow::flight::sql::GetCrossReference& command,
      const Descriptor& descriptor) override;
  StreamResult DoGetCrossReference(
      const Context& context,
      const arrow::flight::sql::GetCrossReference& command) override;
  InfoResult GetFlightInfoXdbcTypeInfo(const Context& context,
                                       const arrow::flight::sql::GetXdbcTypeInfo& command,
                                       const Descriptor& descriptor) override;
  StreamResult DoGetXdbcTypeInfo(
      const Context& context,
      const arrow::flight::sql::GetXdbcTypeInfo& command) override;
  // Passes over codes that it does not know; Arrow's own fails for one.
  StreamResult DoGetSqlInfo(const Context& context,
                            const arrow::flight::sql::GetSqlInfo& command) override;

  // Plans in Substrait, which no engine here takes.
  InfoResult GetFlightInfoSubstraitPlan(
      const Context& context, const arrow::flight::sql::StatementSubstraitPlan& command,
      const Descriptor& descriptor) override;
  SchemaResultResult GetSchemaSubstraitPlan(
      const Context& context, const arrow::flight::sql::StatementSubstraitPlan& command,
      const Descriptor& descriptor) override;
  Result<int64_t> DoPutCommandSubstraitPlan(
      const Context& context,
      const arrow::flight::sql::StatementSubstraitPlan& command) override;
  Result<arrow::flight::sql::ActionCreatePreparedStatementResult>
  CreatePreparedSubstraitPlan(
      const Context& context,
      const arrow::flight::sql::ActionCreatePreparedSubstraitPlanRequest& request)
      override;

  Parts parts_;
  arrow::flight::sql::SqlInfoResultMap sql_info_;
};

}  // namespace pinion::flight
