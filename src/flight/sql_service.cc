#include "flight/sql_service.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include <arrow/buffer.h>

#include "base/mutex.h"
#include "flight/sql_proto.h"
#include "flight/sql_stream.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::Action;
using arrow::flight::ActionType;
using arrow::flight::FlightDescriptor;
using arrow::flight::PollInfo;
using arrow::flight::ServerCallContext;

constexpr std::chrono::seconds kSweepInterval{1};

std::string_view BodyOf(const Action& action) {
  return action.body == nullptr ? std::string_view() : std::string_view(*action.body);
}

// Passes a status on, and tells the client its SQLSTATE.
Status Reported(const ServerCallContext& context, Status status) {
  if (!status.ok()) SendSqlState(context, status);
  return status;
}

}  // namespace

SqlService::SqlService(engine::Engine& engine, const SqlOptions& options)
    : supports_savepoints_(engine.info().supports_savepoints),
      sessions_(engine, options.sessions),
      transactions_(options.transactions),
      statements_(sessions_, transactions_, options),
      prepared_(statements_, options),
      handlers_(engine.info(), options,
                {.sessions = sessions_,
                 .transactions = transactions_,
                 .statements = statements_,
                 .prepared = prepared_}),
      sweeper_([this](std::stop_token stop) { Sweep(std::move(stop)); }) {}

SqlService::~SqlService() {
  sweeper_.request_stop();
  sweeper_.join();
  // Results before the statements and transactions they run in.
  statements_.Clear();
  prepared_.Clear();
  transactions_.Clear();
  sessions_.CloseAll();
}

void SqlService::Sweep(std::stop_token stop) {
  base::Mutex mutex;
  base::CondVar tick;
  while (!stop.stop_requested()) {
    {
      base::MutexLock lock(mutex);
      tick.WaitUntil(mutex, stop, Clock::now() + kSweepInterval, [] { return false; });
    }
    statements_.Expire();
    prepared_.Expire();
    transactions_.Expire();
    sessions_.Expire();
  }
}

std::vector<ActionType> SqlService::Actions() const {
  std::vector<ActionType> actions = {
      handlers_.kCreatePreparedStatementActionType,
      handlers_.kClosePreparedStatementActionType,
      handlers_.kBeginTransactionActionType,
      handlers_.kEndTransactionActionType,
      handlers_.kCancelQueryActionType,
      ActionType::kSetSessionOptions,
      ActionType::kGetSessionOptions,
      ActionType::kCloseSession,
  };
  if (supports_savepoints_) {
    actions.push_back(handlers_.kBeginSavepointActionType);
    actions.push_back(handlers_.kEndSavepointActionType);
  }
  return actions;
}

Status SqlService::GetFlightInfo(const ServerCallContext& context,
                                 const FlightDescriptor& request,
                                 std::unique_ptr<arrow::flight::FlightInfo>* info) {
  return Reported(context, handlers_.GetFlightInfo(context, request, info));
}

Status SqlService::GetSchema(const ServerCallContext& context,
                             const FlightDescriptor& request,
                             std::unique_ptr<arrow::flight::SchemaResult>* schema) {
  return Reported(context, handlers_.GetSchema(context, request, schema));
}

Status SqlService::DoGet(const ServerCallContext& context,
                         const arrow::flight::Ticket& request,
                         std::unique_ptr<arrow::flight::FlightDataStream>* stream) {
  return Reported(context, handlers_.DoGet(context, request, stream));
}

Status SqlService::DoPut(const ServerCallContext& context,
                         std::unique_ptr<arrow::flight::FlightMessageReader> reader,
                         std::unique_ptr<arrow::flight::FlightMetadataWriter> writer) {
  return Reported(context,
                  handlers_.DoPut(context, std::move(reader), std::move(writer)));
}

Status SqlService::PollFlightInfo(const ServerCallContext& context,
                                  const FlightDescriptor& request,
                                  std::unique_ptr<PollInfo>* info) {
  return Reported(context, Poll(context, request).Value(info));
}

Result<std::unique_ptr<PollInfo>> SqlService::Poll(const ServerCallContext& context,
                                                   const FlightDescriptor& request) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  const std::optional<SqlMessage> message = UnpackSqlMessage(request.cmd);
  if (!message.has_value()) {
    return Status::Invalid("the descriptor's command is no Flight SQL message");
  }
  if (message->name == "CommandStatementQuery") {
    ARROW_ASSIGN_OR_RAISE(const SqlText text, ParseSqlText(message->body));
    SqlStatements::Run run;
    ARROW_ASSIGN_OR_RAISE(run.plan, statements_.Prepare(*call, text));
    return statements_.StartPolled(*call, std::move(run));
  }
  if (message->name == "TicketStatementQuery" ||
      message->name == "CommandPreparedStatementQuery") {
    ARROW_ASSIGN_OR_RAISE(const std::string handle, ParseHandle(message->body));
    if (message->name == "TicketStatementQuery") {
      return statements_.PollAgain(*call, handle);
    }
    ARROW_ASSIGN_OR_RAISE(SqlStatements::Run run, prepared_.Find(*call, handle));
    return statements_.StartPolled(*call, std::move(run));
  }
  // Everything else is there at once.
  auto poll = std::make_unique<PollInfo>();
  ARROW_RETURN_NOT_OK(handlers_.GetFlightInfo(context, request, &poll->info));
  poll->progress = 1.0;
  return poll;
}

Status SqlService::DoAction(const ServerCallContext& context, const Action& action,
                            std::unique_ptr<arrow::flight::ResultStream>* result) {
  if (action.type == handlers_.kCreatePreparedStatementActionType.type) {
    return Reported(context, CreatePreparedStatement(context, action).Value(result));
  }
  return Reported(context, handlers_.DoAction(context, action, result));
}

Result<std::unique_ptr<arrow::flight::ResultStream>> SqlService::CreatePreparedStatement(
    const ServerCallContext& context, const Action& action) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  const std::optional<SqlMessage> message = UnpackSqlMessage(BodyOf(action));
  if (!message.has_value() || message->name != "ActionCreatePreparedStatementRequest") {
    return Status::Invalid(
        "CreatePreparedStatement needs an ActionCreatePreparedStatementRequest");
  }
  ARROW_ASSIGN_OR_RAISE(const SqlText text, ParseSqlText(message->body));
  ARROW_ASSIGN_OR_RAISE(const ClientTraits client, call->Traits());
  ARROW_ASSIGN_OR_RAISE(const PreparedStatementReply reply,
                        prepared_.Create(*call, text, client));
  ARROW_ASSIGN_OR_RAISE(std::string bytes, SerializePreparedStatement(reply));
  std::vector<arrow::flight::Result> results;
  results.push_back({arrow::Buffer::FromString(std::move(bytes))});
  return std::make_unique<arrow::flight::SimpleResultStream>(std::move(results));
}

}  // namespace pinion::flight
