#pragma once

#include <memory>
#include <thread>
#include <vector>

#include <arrow/flight/server.h>
#include <arrow/flight/types.h>

#include "engine/engine.h"
#include "flight/call_gate.h"
#include "flight/sql_handlers.h"
#include "flight/sql_options.h"
#include "flight/sql_prepared.h"
#include "flight/sql_sessions.h"
#include "flight/sql_statements.h"
#include "flight/sql_transactions.h"

namespace pinion::flight {

// The Flight SQL part of a server. Called by Service, never a server on its own: its
// methods run inside a call that the gate has seen, so `Call::Of(context)` gives who
// calls and the stop token, and errors are mapped for the wire by Service.
//
// Arrow's FlightSqlServerBase parses and answers most of it (SqlHandlers). What it leaves
// out or gets wrong is done here: PollFlightInfo, the field is_update of a prepared
// statement, the list of actions there really are.
//
// Thread-safe.
class SqlService final : public arrow::flight::FlightServerBase {
 public:
  // Borrows the engine, which all parts of a server share.
  explicit SqlService(engine::Engine& engine, const SqlOptions& options = {});
  ~SqlService() override;

  // The actions that it really carries out; Arrow's own ListActions names all there are.
  // CancelFlightInfo and RenewFlightEndpoint reach it for endpoints whose ticket is a
  // Flight SQL message, and are listed by Service.
  std::vector<arrow::flight::ActionType> Actions() const;

  // The caller's session with the engine, for SQL that comes by plain Flight.
  arrow::Result<std::shared_ptr<engine::Session>> SessionOf(const Call& call) {
    return sessions_.Of(call.caller());
  }

  arrow::Status GetFlightInfo(const arrow::flight::ServerCallContext& context,
                              const arrow::flight::FlightDescriptor& request,
                              std::unique_ptr<arrow::flight::FlightInfo>* info) override;
  arrow::Status PollFlightInfo(const arrow::flight::ServerCallContext& context,
                               const arrow::flight::FlightDescriptor& request,
                               std::unique_ptr<arrow::flight::PollInfo>* info) override;
  arrow::Status GetSchema(const arrow::flight::ServerCallContext& context,
                          const arrow::flight::FlightDescriptor& request,
                          std::unique_ptr<arrow::flight::SchemaResult>* schema) override;
  arrow::Status DoGet(const arrow::flight::ServerCallContext& context,
                      const arrow::flight::Ticket& request,
                      std::unique_ptr<arrow::flight::FlightDataStream>* stream) override;
  arrow::Status DoPut(
      const arrow::flight::ServerCallContext& context,
      std::unique_ptr<arrow::flight::FlightMessageReader> reader,
      std::unique_ptr<arrow::flight::FlightMetadataWriter> writer) override;
  arrow::Status DoAction(const arrow::flight::ServerCallContext& context,
                         const arrow::flight::Action& action,
                         std::unique_ptr<arrow::flight::ResultStream>* result) override;

 private:
  arrow::Result<std::unique_ptr<arrow::flight::PollInfo>> Poll(
      const arrow::flight::ServerCallContext& context,
      const arrow::flight::FlightDescriptor& request);
  arrow::Result<std::unique_ptr<arrow::flight::ResultStream>> CreatePreparedStatement(
      const arrow::flight::ServerCallContext& context,
      const arrow::flight::Action& action);
  // Drops what clients forgot, now and then.
  void Sweep(std::stop_token stop);

  const bool supports_savepoints_;
  SqlSessions sessions_;
  SqlTransactions transactions_;
  SqlStatements statements_;
  SqlPrepared prepared_;
  SqlHandlers handlers_;
  // Last: uses the others.
  std::jthread sweeper_;
};

}  // namespace pinion::flight
