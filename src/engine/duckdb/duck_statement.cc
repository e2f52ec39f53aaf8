#include "engine/duckdb/duck_statement.h"

#include <utility>

#include <arrow/util/compression.h>

#include "engine/duckdb/dataset_plan.h"
#include "engine/duckdb/dataset_result.h"
#include "engine/duckdb/dataset_views.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/result_stream.h"
#include "engine/duckdb/row_results.h"
#include "engine/duckdb/scan_size.h"
#include "engine/duckdb/signature.h"
#include "engine/duckdb/wire_type.h"

namespace pinion::engine::duck {
namespace {

// Null for none.
arrow::Result<std::shared_ptr<arrow::util::Codec>> CodecFor(
    const ExecuteOptions& options) {
  if (options.compression == arrow::Compression::UNCOMPRESSED) return nullptr;
  return arrow::util::Codec::Create(options.compression);
}

}  // namespace

DuckStatement::DuckStatement(std::shared_ptr<DuckSession> session, std::string sql,
                             const PrepareOptions& options)
    : session_(std::move(session)),
      sql_(std::move(sql)),
      transaction_id_(options.transaction_id),
      policy_{options.read_only || session_->read_only(), session_->stateless()} {}

arrow::Result<std::shared_ptr<DuckStatement>> DuckStatement::Prepare(
    std::shared_ptr<DuckSession> session, const std::string& sql,
    const PrepareOptions& options) {
  std::shared_ptr<DuckStatement> statement(
      new DuckStatement(std::move(session), sql, options));
  auto& own_session = *statement->session_;
  ARROW_RETURN_NOT_OK(own_session.core()->RefreshViews());
  ARROW_ASSIGN_OR_RAISE(auto inside,
                        own_session.TransactionConnection(options.transaction_id));
  // What a transaction has defined is its own.
  const bool shared = inside == nullptr;
  const uint64_t version = own_session.Version();
  const bool read_only = statement->policy_.read_only;
  if (shared) statement->text_ = own_session.statements().Find(sql, read_only, version);
  if (statement->text_ != nullptr) return statement;
  ARROW_ASSIGN_OR_RAISE(auto connection, own_session.Connect());
  auto text = std::make_shared<StatementText>();
  ARROW_RETURN_NOT_OK(statement->Parse(*connection, *text));
  if (text->parts.size() == 1) ARROW_RETURN_NOT_OK(statement->Bind(*connection, *text));
  statement->text_ = text;
  const bool is_query = text->info.read_only && text->info.kind == StatementKind::kQuery;
  const bool is_update =
      text->info.kind == StatementKind::kUpdate && text->info.result_schema != nullptr;
  if (shared && !text->info.is_script && (is_query || is_update)) {
    own_session.statements().Add(sql, read_only, version, std::move(text));
  }
  return statement;
}

arrow::Status DuckStatement::Parse(duckdb::Connection& connection,
                                   StatementText& text) const {
  duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>> statements;
  ARROW_RETURN_NOT_OK(Guard(
      [&]() -> arrow::Status {
        statements = connection.ExtractStatements(sql_);
        return arrow::Status::OK();
      },
      sql_));
  if (statements.empty()) {
    return MakeError(ErrorClass::kSyntax, "there is no statement in the text", 0);
  }
  size_t offset = 0;
  for (auto& statement : statements) {
    Part part;
    ARROW_ASSIGN_OR_RAISE(part.traits, CheckStatement(*statement, policy_));
    part.text = statement->query;
    const size_t found = sql_.find(part.text, offset);
    if (found != std::string::npos) {
      part.offset = static_cast<int64_t>(found);
      offset = found + part.text.size();
    }
    part.statement = std::move(statement);
    text.parts.push_back(std::move(part));
  }
  if (text.parts.size() > 1) {
    // Once more one by one, so that positions count from the beginning of each.
    for (Part& part : text.parts) {
      ARROW_RETURN_NOT_OK(Guard([&]() -> arrow::Status {
        part.statement = std::move(connection.ExtractStatements(part.text).front());
        return arrow::Status::OK();
      }));
    }
  }
  text.info.is_script = text.parts.size() > 1;
  text.info.kind = text.parts.back().traits.kind;
  text.info.read_only = true;
  for (const auto& part : text.parts) {
    if (part.traits.writes || part.traits.changes_session ||
        part.traits.controls_transaction) {
      text.info.read_only = false;
    }
  }
  text.info.parameter_schema = arrow::schema({});
  return arrow::Status::OK();
}

arrow::Status DuckStatement::Bind(duckdb::Connection& connection,
                                  StatementText& text) const {
  Part& part = text.parts.front();
  if (part.traits.controls_transaction || part.traits.changes_session) {
    text.info.result_schema = arrow::schema({});
    return arrow::Status::OK();
  }
  ARROW_ASSIGN_OR_RAISE(auto inside, session_->TransactionConnection(transaction_id_));
  auto& context = inside != nullptr ? inside->context() : *connection.context;
  ARROW_ASSIGN_OR_RAISE(auto signature,
                        BindSignature(context, *part.statement, part.text));
  ARROW_RETURN_NOT_OK(CheckProperties(signature.properties, policy_));
  ARROW_ASSIGN_OR_RAISE(text.info.parameter_schema, signature.ParameterSchema());
  if (!signature.properties.modified_databases.empty()) {
    // Queries may write too: by sequences, or in a WITH.
    text.info.read_only = false;
    part.traits.writes = true;
  }
  if (signature.deferred) return arrow::Status::OK();
  switch (signature.properties.return_type) {
    case duckdb::StatementReturnType::QUERY_RESULT: {
      if (text.info.kind != StatementKind::kCommand)
        text.info.kind = StatementKind::kQuery;
      ARROW_ASSIGN_OR_RAISE(text.info.result_schema,
                            WireSchema(signature.names, signature.types));
      text.info.result_depends_on_parameters = signature.HasOpenParameters();
      text.may_pick_rows = text.info.read_only && MayBeDatasetPlan(*part.statement);
      break;
    }
    default:
      text.info.result_schema = arrow::schema({});
  }
  if (text.info.kind == StatementKind::kCommand)
    text.info.result_schema = arrow::schema({});
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::Schema>> DuckStatement::ResultSchema(
    const arrow::Schema& parameters) {
  if (text_->info.result_schema != nullptr && !text_->info.result_depends_on_parameters) {
    return text_->info.result_schema;
  }
  if (text_->info.is_script) return nullptr;
  const Part& part = text_->parts.front();
  ARROW_ASSIGN_OR_RAISE(auto inside, session_->TransactionConnection(transaction_id_));
  ARROW_ASSIGN_OR_RAISE(auto connection, session_->Connect());
  auto& context = inside != nullptr ? inside->context() : *connection->context;
  ARROW_ASSIGN_OR_RAISE(auto signature,
                        BindSignature(context, *part.statement, part.text, &parameters));
  if (signature.deferred) return nullptr;
  return WireSchema(signature.names, signature.types);
}

arrow::Result<ExecutionResult> DuckStatement::Execute(
    std::shared_ptr<arrow::RecordBatchReader> parameters, const ExecuteOptions& options) {
  auto execution = std::make_shared<Execution>(session_->core(), options);
  ARROW_ASSIGN_OR_RAISE(auto place, session_->Enter(transaction_id_, *execution));
  const bool has_values = parameters != nullptr && parameters->schema()->num_fields() > 0;
  const bool steers = text_->parts.front().traits.changes_session ||
                      text_->parts.front().traits.controls_transaction;
  if (text_->info.is_script || steers) {
    if (has_values) {
      return MakeError(ErrorClass::kParameter,
                       "a text of several statements takes no parameters");
    }
    ARROW_RETURN_NOT_OK(session_->Connect(place));
    auto result = RunScript(execution, place);
    session_->core()->CatalogMayHaveChanged();
    const auto left = session_->Leave(place);
    if (result.ok()) ARROW_RETURN_NOT_OK(left);
    return result;
  }
  if (!has_values) {
    if (text_->info.parameter_schema->num_fields() > 0) {
      return MatchParameters(ParameterNames(*text_->parts.front().statement),
                             arrow::Schema({}))
          .status();
    }
    ARROW_ASSIGN_OR_RAISE(auto rows, PickRows(execution, place));
    if (rows != nullptr) {
      ExecutionResult picked;
      picked.stream = rows;
      picked.dataset_rows = std::move(rows);
      return picked;
    }
    ARROW_RETURN_NOT_OK(Connect(place, *execution));
    ARROW_ASSIGN_OR_RAISE(auto codec, CodecFor(options));
    auto result = RunOnce(execution, std::move(place), {}, std::move(codec));
    if (DefinesSomething()) session_->core()->CatalogMayHaveChanged();
    return result;
  }
  ARROW_RETURN_NOT_OK(Connect(place, *execution));
  auto schema = parameters->schema();
  ARROW_ASSIGN_OR_RAISE(
      auto rows, ParameterReader::Create(ConnectionOf(place).context(),
                                         ParameterNames(*text_->parts.front().statement),
                                         std::move(parameters)));
  ARROW_ASSIGN_OR_RAISE(auto codec, CodecFor(options));
  auto result =
      RunRows(execution, std::move(place), std::move(rows), *schema, std::move(codec));
  if (DefinesSomething()) session_->core()->CatalogMayHaveChanged();
  return result;
}

arrow::Result<std::shared_ptr<DatasetRows>> DuckStatement::PickRows(
    const ExecutionPtr& execution, DuckSession::Place place) const {
  if (!text_->may_pick_rows) return nullptr;
  ARROW_RETURN_NOT_OK(execution->control().Check());
  ARROW_RETURN_NOT_OK(session_->Connect(place));
  // Each time, for names may mean something else than they did.
  auto plan =
      FindDatasetPlan(place.connection->context(), *text_->parts.front().statement);
  if (!plan) return nullptr;
  ARROW_RETURN_NOT_OK(CheckPromise(*plan->schema));
  return std::make_shared<DatasetResult>(execution, std::move(place), *std::move(plan));
}

arrow::Status DuckStatement::Connect(DuckSession::Place& place, Execution& execution) {
  if (place.transaction != nullptr || text_->info.result_schema == nullptr ||
      (text_->info.kind != StatementKind::kQuery &&
       text_->info.kind != StatementKind::kUpdate)) {
    return session_->Connect(place);
  }
  const uint64_t version = session_->Version();
  place.plan = text_->shelf->Borrow(version);
  if (place.plan == nullptr && text_->shelf->WantsPlan()) {
    auto plan = std::make_unique<ShelvedPlan>();
    plan->version = version;
    plan->runs_left = PlanShelf::kRunsOfAPlan;
    const Part& part = text_->parts.front();
    bool reads_much = false;
    auto status = [&]() -> arrow::Status {
      ARROW_ASSIGN_OR_RAISE(auto connection, session_->Connect());
      reads_much =
          text_->info.kind == StatementKind::kQuery &&
          LargestScan(*connection->context, *part.statement) > PlanShelf::kMostRowsRead;
      if (reads_much) return arrow::Status::OK();
      plan->connection =
          std::make_shared<Connection>(session_->core(), std::move(connection), nullptr);
      return plan->connection->Prepare(*part.statement, part.text).Value(&plan->prepared);
    }();
    if (!status.ok() || reads_much) text_->shelf->GiveUp();
    ARROW_RETURN_NOT_OK(status);
    if (!reads_much) place.plan = text_->shelf->Lend(std::move(plan));
  }
  if (place.plan == nullptr) return session_->Connect(place);
  // The plan and the permit, until the last row.
  execution.Hold(std::make_shared<DuckSession::Place>(place));
  return arrow::Status::OK();
}

arrow::Result<ExecutionResult> DuckStatement::RunOnce(const ExecutionPtr& execution,
                                                      DuckSession::Place place,
                                                      ParameterValues values,
                                                      CodecPtr codec) const {
  const Part& part = text_->parts.front();
  if (policy_.read_only && part.traits.writes) {
    // What a name means may have changed since the statement was prepared.
    ARROW_RETURN_NOT_OK(CheckBound(part, ConnectionOf(place).context()));
  }
  RunOptions run{.to_the_end = part.traits.writes};
  if (!part.traits.writes) run.codec = std::move(codec);
  std::shared_ptr<ResultStream> stream;
  if (place.plan != nullptr) {
    ARROW_ASSIGN_OR_RAISE(
        stream, place.plan->connection->StartPrepared(execution, *place.plan->prepared,
                                                      std::move(values), part.text, run));
  } else {
    ARROW_ASSIGN_OR_RAISE(stream,
                          place.connection->Start(execution, part.statement->Copy(),
                                                  std::move(values), part.text, run));
  }
  place = {};  // so that the end of the rows frees the connection
  ExecutionResult result;
  if (stream->return_type() == duckdb::StatementReturnType::QUERY_RESULT &&
      text_->info.kind != StatementKind::kCommand) {
    ARROW_RETURN_NOT_OK(CheckPromise(*stream->schema()));
    if (run.codec != nullptr) result.messages = stream;
    result.stream = std::move(stream);
    return result;
  }
  ARROW_ASSIGN_OR_RAISE(result.affected_rows, stream->ReadCount());
  return result;
}

arrow::Result<ExecutionResult> DuckStatement::RunRows(
    const ExecutionPtr& execution, DuckSession::Place place,
    std::unique_ptr<ParameterReader> rows, const arrow::Schema& parameters,
    CodecPtr codec) {
  ARROW_ASSIGN_OR_RAISE(bool any, rows->HasNext());
  if (!any) {
    ExecutionResult nothing;
    if (text_->info.kind != StatementKind::kQuery) {
      nothing.affected_rows = 0;
      return nothing;
    }
    ARROW_ASSIGN_OR_RAISE(auto schema, ResultSchema(parameters));
    ARROW_ASSIGN_OR_RAISE(nothing.stream, arrow::RecordBatchReader::Make({}, schema));
    return nothing;
  }
  ARROW_ASSIGN_OR_RAISE(auto values, rows->Next());
  ARROW_ASSIGN_OR_RAISE(bool more, rows->HasNext());
  if (!more) {
    return RunOnce(execution, std::move(place), std::move(values), std::move(codec));
  }
  if (text_->parts.front().traits.writes) {
    rows->PutBack(std::move(values));
    return RunWrites(execution, place, *rows);
  }
  ARROW_ASSIGN_OR_RAISE(auto first,
                        RunOnce(execution, place, std::move(values), nullptr));
  ExecutionResult result;
  result.stream = std::make_shared<RowResults>(
      std::move(first.stream),
      [self = shared_from_this(), execution, place,
       rows = std::shared_ptr<ParameterReader>(std::move(
           rows))]() -> arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> {
        ARROW_ASSIGN_OR_RAISE(bool next, rows->HasNext());
        if (!next) return nullptr;
        ARROW_ASSIGN_OR_RAISE(auto row, rows->Next());
        ARROW_ASSIGN_OR_RAISE(auto part,
                              self->RunOnce(execution, place, std::move(row), nullptr));
        return std::move(part.stream);
      });
  return result;
}

arrow::Result<ExecutionResult> DuckStatement::RunWrites(const ExecutionPtr& execution,
                                                        const DuckSession::Place& place,
                                                        ParameterReader& rows) const {
  const Part& part = text_->parts.front();
  auto& connection = ConnectionOf(place);
  if (policy_.read_only) ARROW_RETURN_NOT_OK(CheckBound(part, connection.context()));
  const bool own_transaction = place.transaction == nullptr;
  if (own_transaction) ARROW_RETURN_NOT_OK(connection.Begin());
  ExecutionResult result;
  result.affected_rows = 0;
  std::vector<std::shared_ptr<arrow::RecordBatchReader>> streams;
  auto run = [&]() -> arrow::Status {
    duckdb::unique_ptr<duckdb::PreparedStatement> own;
    if (place.plan == nullptr) {
      ARROW_ASSIGN_OR_RAISE(own, connection.Prepare(*part.statement, part.text));
    }
    auto& prepared = place.plan == nullptr ? *own : *place.plan->prepared;
    for (;;) {
      ARROW_ASSIGN_OR_RAISE(bool more, rows.HasNext());
      if (!more) break;
      ARROW_ASSIGN_OR_RAISE(auto values, rows.Next());
      ARROW_ASSIGN_OR_RAISE(
          auto stream, connection.StartPrepared(execution, prepared, std::move(values),
                                                part.text, {.to_the_end = true}));
      if (stream->return_type() == duckdb::StatementReturnType::QUERY_RESULT) {
        streams.push_back(std::move(stream));
        continue;
      }
      ARROW_ASSIGN_OR_RAISE(const int64_t count, stream->ReadCount());
      if (count < 0) result.affected_rows = -1;
      if (result.affected_rows >= 0) result.affected_rows += count;
    }
    return execution->control().Check();
  };
  auto status = run();
  if (own_transaction) {
    if (status.ok()) status = connection.Commit();
    if (!status.ok()) (void)connection.Rollback();
  }
  ARROW_RETURN_NOT_OK(status);
  if (!streams.empty()) {
    result.affected_rows = -1;
    result.stream = RowResults::Of(std::move(streams));
  }
  return result;
}

arrow::Result<bool> DuckStatement::CheckBound(const Part& part,
                                              duckdb::ClientContext& context) const {
  ARROW_ASSIGN_OR_RAISE(auto signature,
                        BindSignature(context, *part.statement, part.text));
  ARROW_RETURN_NOT_OK(CheckProperties(signature.properties, policy_));
  return part.traits.writes || !signature.properties.modified_databases.empty();
}

arrow::Result<ExecutionResult> DuckStatement::RunScript(
    const ExecutionPtr& execution, const DuckSession::Place& place) const {
  ExecutionResult result;
  for (const Part& part : text_->parts) {
    auto ran = RunPart(execution, place, part, &part == &text_->parts.back());
    if (!ran.ok()) return Shift(ran.status(), part);
    result = ran.MoveValueUnsafe();
  }
  return result;
}

arrow::Result<ExecutionResult> DuckStatement::RunPart(const ExecutionPtr& execution,
                                                      const DuckSession::Place& place,
                                                      const Part& part, bool last) const {
  ExecutionResult result;
  bool writes = part.traits.writes;
  if (part.traits.changes_session) {
    ARROW_RETURN_NOT_OK(
        session_->Change(execution, part.statement->Copy(), *place.connection));
    return result;
  }
  if (part.traits.controls_transaction) {
    if (!transaction_id_.empty()) {
      return MakeError(ErrorClass::kTransaction,
                       "BEGIN, COMMIT and ROLLBACK cannot run inside a transaction that "
                       "was begun by the protocol: end it there");
    }
  } else {
    if (!part.statement->named_param_map.empty()) {
      return MakeError(ErrorClass::kParameter,
                       "a text of several statements takes no parameters");
    }
    ARROW_ASSIGN_OR_RAISE(writes, CheckBound(part, place.connection->context()));
  }
  ARROW_ASSIGN_OR_RAISE(auto stream,
                        place.connection->Start(execution, part.statement->Copy(), {},
                                                part.text, {.to_the_end = writes}));
  if (last && part.traits.kind != StatementKind::kCommand &&
      stream->return_type() == duckdb::StatementReturnType::QUERY_RESULT) {
    result.stream = std::move(stream);
    return result;
  }
  ARROW_ASSIGN_OR_RAISE(result.affected_rows, stream->ReadCount());
  return result;
}

arrow::Status DuckStatement::CheckPromise(const arrow::Schema& schema) const {
  if (text_->info.result_schema == nullptr || text_->info.result_depends_on_parameters ||
      text_->info.result_schema->Equals(schema, /*check_metadata=*/true)) {
    return arrow::Status::OK();
  }
  return MakeError(ErrorClass::kBinding,
                   "the columns of the result have changed since the statement was "
                   "prepared: prepare it again",
                   std::nullopt, "0A000");
}

arrow::Status DuckStatement::Shift(arrow::Status status, const Part& part) const {
  const auto detail = GetErrorDetail(status);
  if (detail == nullptr || !detail->position() || part.offset == 0) return status;
  return MakeError(detail->error_class(), status.message(),
                   *detail->position() + part.offset, detail->sqlstate());
}

}  // namespace pinion::engine::duck
