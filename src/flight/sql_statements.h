#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <arrow/flight/server.h>
#include <arrow/flight/types.h>
#include <arrow/result.h>
#include <arrow/table.h>

#include "flight/call_gate.h"
#include "flight/sql_handles.h"
#include "flight/sql_options.h"
#include "flight/sql_plans.h"
#include "flight/sql_proto.h"
#include "flight/sql_result.h"
#include "flight/sql_running.h"
#include "flight/sql_sessions.h"
#include "flight/sql_ticket.h"
#include "flight/sql_transactions.h"

namespace pinion::flight {

// Runs statements for clients. The rule of what runs when:
//
// - A query that only reads is planned by GetFlightInfo and run by DoGet. Its ticket
// works
//   again until it expires.
// - Everything else is run by GetFlightInfo, once. The rows it returns wait to be
// fetched,
//   once; there is no expiry time in its endpoint, since that would invite a second
//   fetch.
//
// Thread-safe. Borrows the sessions and transactions.
class SqlStatements {
 public:
  using Context = arrow::flight::ServerCallContext;
  using Descriptor = arrow::flight::FlightDescriptor;
  using Info = std::unique_ptr<arrow::flight::FlightInfo>;
  using Poll = std::unique_ptr<arrow::flight::PollInfo>;
  using Stream = std::unique_ptr<arrow::flight::FlightDataStream>;

  SqlStatements(SqlSessions& sessions, SqlTransactions& transactions,
                const SqlOptions& options);

  // Plans a text for a caller, in its session and transaction, with its rights.
  arrow::Result<SqlPlan> Prepare(const Call& call, const SqlText& text);

  // A run of a plan: of text, or of a prepared statement with what is bound to it.
  struct Run {
    SqlPlan plan;
    std::shared_ptr<arrow::Table> parameters;
    // Its ticket may name it by its text.
    bool is_text = false;
  };
  arrow::Result<Info> GetInfo(const Call& call, Run run, const Descriptor& descriptor);
  arrow::Result<std::shared_ptr<arrow::Schema>> GetSchema(const Run& run);
  // Runs it in the background.
  arrow::Result<Poll> StartPolled(const Call& call, Run run);
  // `handle` is that of the descriptor StartPolled gave.
  arrow::Result<Poll> PollAgain(const Call& call, std::string_view handle);

  // For the statement_handle of a TicketStatementQuery.
  arrow::Result<Stream> Get(const Context& context, const Call& call,
                            std::string_view handle);
  // Runs it for a client that wants the rows without a GetFlightInfo.
  arrow::Result<Stream> GetNow(const Context& context, const Call& call, Run run);

  arrow::Result<arrow::flight::CancelFlightInfoResult> Cancel(
      const Call& call, const arrow::flight::FlightInfo& info);
  arrow::Result<arrow::flight::FlightEndpoint> Renew(
      const Call& call, const arrow::flight::FlightEndpoint& endpoint);

  void Expire();
  void Clear();

 private:
  arrow::Result<Info> PlanNow(const Call& call, Run run, const Descriptor& descriptor);
  arrow::Result<Info> RunNow(const Call& call, Run run, const Descriptor& descriptor);
  // What Cancel does to one ticket.
  arrow::Result<arrow::flight::CancelStatus> CancelTicket(const Call& call,
                                                          const SqlTicket& ticket);
  // The plan of a ticket, made before or now.
  arrow::Result<SqlPlan> PlanOf(const Call& call, const SqlTicket& ticket);
  arrow::Result<Poll> PollInfoOf(const std::string& id, const SqlResult& result,
                                 bool done) const;
  arrow::Result<Stream> StreamOf(const Context& context, const Call& call,
                                 std::shared_ptr<SqlResult> result);

  SqlSessions& sessions_;
  SqlTransactions& transactions_;
  const SqlOptions options_;
  SqlPlans plans_;
  SqlRunning running_;
  HandleStore<SqlResult> results_;
};

// Runs a statement for the count of changed rows. Never "unknown" (-1) for one that
// returns no rows: the JDBC driver takes that for a query, and runs it once more to get
// its rows.
arrow::Result<int64_t> RunUpdate(const Call& call, engine::Statement& statement,
                                 std::shared_ptr<arrow::RecordBatchReader> parameters);

// The schema of the rows that a run will return, as far as it can be told before it.
arrow::Result<std::shared_ptr<arrow::Schema>> PromisedSchema(
    const SqlStatements::Run& run);

}  // namespace pinion::flight
