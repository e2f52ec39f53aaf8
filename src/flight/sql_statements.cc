#include "flight/sql_statements.h"

#include <chrono>
#include <optional>
#include <utility>
#include <vector>

#include "base/random_id.h"
#include "flight/errors.h"
#include "flight/linked_stop.h"
#include "flight/sql_stream.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::CancelFlightInfoResult;
using arrow::flight::CancelStatus;
using arrow::flight::FlightDescriptor;
using arrow::flight::FlightEndpoint;
using arrow::flight::FlightInfo;
using arrow::flight::PollInfo;
using std::chrono::system_clock;

// May be run any number of times, by whichever call: nobody can tell that it was.
bool OnlyReads(const engine::StatementInfo& info) {
  return info.kind == engine::StatementKind::kQuery && info.read_only &&
         !info.is_script && info.result_schema != nullptr;
}

Result<std::unique_ptr<FlightInfo>> MakeInfo(const std::shared_ptr<arrow::Schema>& schema,
                                             const FlightDescriptor& descriptor,
                                             FlightEndpoint endpoint, int64_t rows) {
  ARROW_ASSIGN_OR_RAISE(FlightInfo info,
                        FlightInfo::Make(schema, descriptor, {std::move(endpoint)}, rows,
                                         /*total_bytes=*/-1, /*ordered=*/true));
  return std::make_unique<FlightInfo>(std::move(info));
}

FlightEndpoint EndpointOf(const SqlTicket& ticket) {
  FlightEndpoint endpoint;
  endpoint.ticket.ticket = SerializeTicket(ticket);
  if (ticket.kind == SqlTicket::Kind::kQuery)
    endpoint.expiration_time = ticket.expires_at;
  return endpoint;
}

SqlTicket ResultTicket(std::string id) {
  SqlTicket ticket;
  ticket.kind = SqlTicket::Kind::kResult;
  ticket.id = std::move(id);
  return ticket;
}

// Tickets in the endpoints that clients send back, as Any.
Result<std::optional<SqlTicket>> TicketIn(const FlightEndpoint& endpoint) {
  const std::optional<SqlMessage> message = UnpackSqlMessage(endpoint.ticket.ticket);
  if (!message.has_value() || message->name != "TicketStatementQuery") {
    return std::nullopt;
  }
  ARROW_ASSIGN_OR_RAISE(const std::string handle, ParseHandle(message->body));
  return ParseTicket(handle);
}

std::shared_ptr<SqlResult> MakeResult(SqlStatements::Run run,
                                      std::shared_ptr<arrow::Schema> promised) {
  return std::make_shared<SqlResult>(
      std::move(run.plan.statement), std::move(run.parameters),
      std::move(run.plan.transaction), std::move(promised));
}

// Whether it would change its session: SET, USE, BEGIN, a temporary object.
bool NeedsSession(const Result<std::shared_ptr<engine::Statement>>& statement) {
  if (statement.ok()) {
    return (*statement)->info().kind == engine::StatementKind::kCommand;
  }
  const auto detail = engine::GetErrorDetail(statement.status());
  return detail != nullptr && detail->sqlstate() == engine::kNeedsSessionState;
}

Status SchemaChanged() {
  return Status::Invalid(
      "the result has another schema than GetFlightInfo promised, since a table has "
      "changed: call GetFlightInfo again");
}

}  // namespace

Result<int64_t> RunUpdate(const Call& call, engine::Statement& statement,
                          std::shared_ptr<arrow::RecordBatchReader> parameters) {
  engine::ExecuteOptions options;
  options.stop = call.stop_token();
  const auto count = statement.Update(std::move(parameters), options);
  if (!count.ok()) return WithLocation(count.status(), statement.sql());
  const bool returns_rows = statement.info().kind == engine::StatementKind::kQuery;
  return *count < 0 && !returns_rows ? 0 : *count;
}

Result<std::shared_ptr<arrow::Schema>> PromisedSchema(const SqlStatements::Run& run) {
  const engine::StatementInfo& info = run.plan.statement->info();
  if (info.result_depends_on_parameters && run.parameters != nullptr) {
    return run.plan.statement->ResultSchema(*run.parameters->schema());
  }
  return info.result_schema;
}

SqlStatements::SqlStatements(SqlSessions& sessions, SqlTransactions& transactions,
                             const SqlOptions& options)
    : sessions_(sessions),
      transactions_(transactions),
      options_(options),
      plans_(options.plans),
      results_(HandleScope::kIdentity, options.results, "result",
               "it has been fetched, was cancelled, or has expired; run the statement "
               "again") {}

Result<SqlPlan> SqlStatements::Prepare(const Call& call, const SqlText& text) {
  const Purpose read{Purpose::Subject::kSql, Purpose::Access::kRead, text.query};
  ARROW_RETURN_NOT_OK(call.Admit(read));
  const Purpose write{Purpose::Subject::kSql, Purpose::Access::kWrite, text.query};
  SqlPlan plan;
  plan.session = SqlSessions::NameIn(call.caller().session);
  plan.transaction_handle = text.transaction_id;
  ARROW_ASSIGN_OR_RAISE(plan.transaction,
                        transactions_.Find(call.caller(), text.transaction_id));
  ARROW_ASSIGN_OR_RAISE(auto session, sessions_.Of(call.caller()));
  engine::PrepareOptions options;
  if (plan.transaction != nullptr) options.transaction_id = plan.transaction->engine_id();
  options.read_only = !call.Admit(write).ok();
  options.stop = call.stop_token();
  auto statement = session->Prepare(text.query, options);
  const bool can_open =
      plan.transaction == nullptr && SqlSessions::CanOpen(call.caller());
  if (can_open && NeedsSession(statement)) {
    ARROW_ASSIGN_OR_RAISE(SqlSessions::Opened opened,
                          sessions_.Open(call.context(), call.caller()));
    plan.session = std::move(opened.name);
    session = std::move(opened.session);
    statement = session->Prepare(text.query, options);
  }
  if (!statement.ok()) return WithLocation(statement.status(), text.query);
  plan.statement = *std::move(statement);
  return plan;
}

Result<SqlStatements::Info> SqlStatements::GetInfo(const Call& call, Run run,
                                                   const FlightDescriptor& descriptor) {
  if (OnlyReads(run.plan.statement->info())) {
    return PlanNow(call, std::move(run), descriptor);
  }
  return RunNow(call, std::move(run), descriptor);
}

Result<SqlStatements::Info> SqlStatements::PlanNow(const Call& call, Run run,
                                                   const FlightDescriptor& descriptor) {
  ARROW_ASSIGN_OR_RAISE(const std::shared_ptr<arrow::Schema> schema, PromisedSchema(run));
  SqlTicket ticket;
  if (run.is_text) {
    ARROW_ASSIGN_OR_RAISE(ticket.schema_hash, HashOf(*schema));
    ticket.kind = SqlTicket::Kind::kQuery;
    ticket.id = base::RandomId();
    ticket.expires_at = system_clock::now() + options_.ticket_lifetime;
    ticket.session = run.plan.session;
    ticket.transaction = run.plan.transaction_handle;
    ticket.sql = run.plan.statement->sql();
    plans_.Put(ticket.id, call.caller().identity, std::move(run.plan));
  } else {
    ARROW_ASSIGN_OR_RAISE(
        std::string id, results_.Add(call.caller(), MakeResult(std::move(run), schema)));
    ticket = ResultTicket(std::move(id));
  }
  return MakeInfo(schema, descriptor, EndpointOf(ticket), /*rows=*/-1);
}

Result<SqlStatements::Info> SqlStatements::RunNow(const Call& call, Run run,
                                                  const FlightDescriptor& descriptor) {
  const auto result = MakeResult(std::move(run), nullptr);
  // First the place for the result: after the run it is too late for a refusal.
  ARROW_ASSIGN_OR_RAISE(const std::string id, results_.Add(call.caller(), result));
  const Status status = result->Run(call.stop_token());
  if (!status.ok()) {
    (void)results_.Take(id, call.caller());
    return WithLocation(status, result->statement().sql());
  }
  ARROW_ASSIGN_OR_RAISE(const SqlResult::Outcome outcome, result->outcome());
  if (outcome.schema->num_fields() > 0) {
    return MakeInfo(outcome.schema, descriptor, EndpointOf(ResultTicket(id)),
                    /*rows=*/-1);
  }
  (void)results_.Take(id, call.caller());
  // The count of changed rows where clients look for one.
  return MakeInfo(outcome.schema, descriptor, EndpointOf(SqlTicket{}),
                  outcome.affected_rows);
}

Result<std::shared_ptr<arrow::Schema>> SqlStatements::GetSchema(const Run& run) {
  ARROW_ASSIGN_OR_RAISE(auto schema, PromisedSchema(run));
  if (schema != nullptr) return schema;
  return engine::MakeError(engine::ErrorClass::kNotSupported,
                           "only running it tells the schema of this statement: call "
                           "GetFlightInfo");
}

Result<SqlStatements::Poll> SqlStatements::StartPolled(const Call& call, Run run) {
  const auto result = MakeResult(std::move(run), nullptr);
  ARROW_ASSIGN_OR_RAISE(const std::string id, results_.Add(call.caller(), result));
  result->Start();
  const bool done =
      result->Wait(call.stop_token(), Clock::now() + options_.first_poll_wait);
  return PollInfoOf(id, *result, done);
}

Result<SqlStatements::Poll> SqlStatements::PollAgain(const Call& call,
                                                     std::string_view handle) {
  ARROW_ASSIGN_OR_RAISE(const SqlTicket ticket, ParseTicket(handle));
  ARROW_ASSIGN_OR_RAISE(const auto result, results_.Find(ticket.id, call.caller()));
  const bool done = result->Wait(call.stop_token(), Clock::now() + options_.poll_wait);
  return PollInfoOf(ticket.id, *result, done);
}

Result<SqlStatements::Poll> SqlStatements::PollInfoOf(const std::string& id,
                                                      const SqlResult& result,
                                                      bool done) const {
  const FlightEndpoint endpoint = EndpointOf(ResultTicket(id));
  const auto retry = FlightDescriptor::Command(endpoint.ticket.ticket);
  auto poll = std::make_unique<PollInfo>();
  if (done) {
    ARROW_ASSIGN_OR_RAISE(const SqlResult::Outcome outcome, result.outcome());
    const bool has_rows = outcome.schema->num_fields() > 0;
    ARROW_ASSIGN_OR_RAISE(poll->info,
                          MakeInfo(outcome.schema, retry, endpoint,
                                   has_rows ? int64_t{-1} : outcome.affected_rows));
    poll->progress = 1.0;
    return poll;
  }
  std::shared_ptr<arrow::Schema> schema = result.statement().info().result_schema;
  if (schema == nullptr) schema = arrow::schema({});
  // With the endpoint: it is what CancelFlightInfo knows it by, and fetching it waits.
  ARROW_ASSIGN_OR_RAISE(poll->info, MakeInfo(schema, retry, endpoint, -1));
  poll->descriptor = retry;
  poll->progress = result.progress();
  poll->expiration_time = system_clock::now() + options_.results.idle;
  return poll;
}

Result<SqlPlan> SqlStatements::PlanOf(const Call& call, const SqlTicket& ticket) {
  SqlPlan plan = plans_.Take(ticket.id, call.caller().identity);
  if (plan.statement == nullptr) {
    plan.session = ticket.session;
    plan.transaction_handle = ticket.transaction;
    ARROW_ASSIGN_OR_RAISE(plan.transaction,
                          transactions_.Find(call.caller(), ticket.transaction));
    ARROW_ASSIGN_OR_RAISE(const auto session,
                          sessions_.Named(ticket.session, call.caller().identity));
    engine::PrepareOptions options;
    if (plan.transaction != nullptr) {
      options.transaction_id = plan.transaction->engine_id();
    }
    // Whatever the ticket says.
    options.read_only = true;
    options.stop = call.stop_token();
    ARROW_ASSIGN_OR_RAISE(plan.statement, session->Prepare(ticket.sql, options));
  }
  const engine::StatementInfo& info = plan.statement->info();
  if (!OnlyReads(info)) {
    return Status::Invalid("the ticket is for a statement that does more than read");
  }
  return plan;
}

Result<SqlStatements::Stream> SqlStatements::Get(const Context& context, const Call& call,
                                                 std::string_view handle) {
  ARROW_ASSIGN_OR_RAISE(const SqlTicket ticket, ParseTicket(handle));
  switch (ticket.kind) {
    case SqlTicket::Kind::kNothing:
      return EmptyStream();
    case SqlTicket::Kind::kResult: {
      ARROW_RETURN_NOT_OK(
          call.Admit({Purpose::Subject::kHandle, Purpose::Access::kRead, ticket.id}));
      ARROW_ASSIGN_OR_RAISE(auto result, results_.Take(ticket.id, call.caller()));
      running_.Add(ticket.id, call.caller().identity, result);
      return StreamOf(context, call, std::move(result));
    }
    case SqlTicket::Kind::kQuery:
      break;
  }
  ARROW_RETURN_NOT_OK(
      call.Admit({Purpose::Subject::kSql, Purpose::Access::kRead, ticket.sql}));
  if (ticket.expires_at < system_clock::now()) {
    return Status::KeyError("the ticket has expired: call GetFlightInfo again");
  }
  Run run;
  ARROW_ASSIGN_OR_RAISE(run.plan, PlanOf(call, ticket));
  const std::shared_ptr<arrow::Schema> schema = run.plan.statement->info().result_schema;
  ARROW_ASSIGN_OR_RAISE(const uint64_t hash, HashOf(*schema));
  if (hash != ticket.schema_hash) return SchemaChanged();
  auto result = MakeResult(std::move(run), schema);
  if (!running_.Add(ticket.id, call.caller().identity, result)) {
    return engine::MakeError(engine::ErrorClass::kCancelled, "the query was cancelled");
  }
  return StreamOf(context, call, std::move(result));
}

Result<SqlStatements::Stream> SqlStatements::GetNow(const Context& context,
                                                    const Call& call, Run run) {
  return StreamOf(context, call, MakeResult(std::move(run), nullptr));
}

Result<SqlStatements::Stream> SqlStatements::StreamOf(const Context& context,
                                                      const Call& call,
                                                      std::shared_ptr<SqlResult> result) {
  const std::shared_ptr<arrow::Schema> promised = result->promised();
  const std::string sql = result->statement().sql();
  ARROW_ASSIGN_OR_RAISE(const ClientTraits traits, call.Traits());
  auto stop = std::make_unique<LinkedStop>(call.stop_token());
  auto rows = SqlResult::Fetch(std::move(result), stop->token(), traits.codec);
  if (!rows.ok()) return WithLocation(rows.status(), sql);
  if (promised != nullptr && !rows->reader->schema()->Equals(*promised)) {
    return SchemaChanged();
  }
  return MakeSqlStream(context, *std::move(rows), traits, std::move(stop),
                       options_.read_ahead);
}

Result<CancelFlightInfoResult> SqlStatements::Cancel(const Call& call,
                                                     const FlightInfo& info) {
  CancelFlightInfoResult result{CancelStatus::kNotCancellable};
  for (const FlightEndpoint& endpoint : info.endpoints()) {
    ARROW_ASSIGN_OR_RAISE(const auto ticket, TicketIn(endpoint));
    // Tables of metadata are there at once.
    if (!ticket.has_value()) continue;
    ARROW_ASSIGN_OR_RAISE(result.status, CancelTicket(call, *ticket));
  }
  return result;
}

Result<CancelStatus> SqlStatements::CancelTicket(const Call& call,
                                                 const SqlTicket& ticket) {
  ARROW_RETURN_NOT_OK(
      call.Admit({Purpose::Subject::kHandle, Purpose::Access::kRead, ticket.id}));
  const std::string& identity = call.caller().identity;
  if (ticket.kind == SqlTicket::Kind::kNothing) return CancelStatus::kNotCancellable;
  if (running_.Cancel(ticket.id, identity)) return CancelStatus::kCancelled;
  if (ticket.kind == SqlTicket::Kind::kResult) {
    ARROW_ASSIGN_OR_RAISE(const auto result, results_.Take(ticket.id, call.caller()));
    result->Cancel();
    return CancelStatus::kCancelled;
  }
  running_.Forbid(ticket.id, ticket.expires_at);
  plans_.Take(ticket.id, identity);
  return CancelStatus::kCancelled;
}

Result<FlightEndpoint> SqlStatements::Renew(const Call& call,
                                            const FlightEndpoint& endpoint) {
  ARROW_ASSIGN_OR_RAISE(std::optional<SqlTicket> ticket, TicketIn(endpoint));
  // Metadata does not expire, and neither does nothing.
  if (!ticket.has_value() || ticket->kind == SqlTicket::Kind::kNothing) return endpoint;
  if (ticket->kind == SqlTicket::Kind::kResult) {
    ARROW_RETURN_NOT_OK(results_.Find(ticket->id, call.caller()));
    return endpoint;
  }
  if (ticket->expires_at < system_clock::now()) {
    return Status::KeyError("the endpoint has expired: call GetFlightInfo again");
  }
  FlightEndpoint renewed = endpoint;
  ticket->expires_at = system_clock::now() + options_.ticket_lifetime;
  renewed.ticket.ticket = SerializeTicket(*ticket);
  renewed.expiration_time = ticket->expires_at;
  return renewed;
}

void SqlStatements::Expire() {
  plans_.Expire();
  running_.Expire();
  results_.Expire();
}

void SqlStatements::Clear() {
  plans_.Clear();
  results_.Clear();
}

}  // namespace pinion::flight
