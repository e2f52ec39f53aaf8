#include "engine/duckdb/duck_statement.h"

#include <utility>

#include "engine/duckdb/dataset_views.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/result_stream.h"
#include "engine/duckdb/row_results.h"
#include "engine/duckdb/signature.h"
#include "engine/duckdb/wire_type.h"

namespace pinion::engine::duck {

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
  ARROW_RETURN_NOT_OK(statement->session_->core()->RefreshViews());
  ARROW_ASSIGN_OR_RAISE(auto connection, statement->session_->Connect());
  ARROW_RETURN_NOT_OK(statement->Parse(*connection));
  if (statement->parts_.size() == 1) ARROW_RETURN_NOT_OK(statement->Bind(*connection));
  return statement;
}

arrow::Status DuckStatement::Parse(duckdb::Connection& connection) {
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
    parts_.push_back(std::move(part));
  }
  if (parts_.size() > 1) {
    // Once more one by one, so that positions count from the beginning of each.
    for (Part& part : parts_) {
      ARROW_RETURN_NOT_OK(Guard([&]() -> arrow::Status {
        part.statement = std::move(connection.ExtractStatements(part.text).front());
        return arrow::Status::OK();
      }));
    }
  }
  info_.is_script = parts_.size() > 1;
  info_.kind = parts_.back().traits.kind;
  info_.read_only = true;
  for (const auto& part : parts_) {
    if (part.traits.writes || part.traits.changes_session ||
        part.traits.controls_transaction) {
      info_.read_only = false;
    }
  }
  info_.parameter_schema = arrow::schema({});
  return arrow::Status::OK();
}

arrow::Status DuckStatement::Bind(duckdb::Connection& connection) {
  Part& part = parts_.front();
  if (part.traits.controls_transaction || part.traits.changes_session) {
    info_.result_schema = arrow::schema({});
    return arrow::Status::OK();
  }
  ARROW_ASSIGN_OR_RAISE(auto inside, session_->TransactionConnection(transaction_id_));
  auto& context = inside != nullptr ? inside->context() : *connection.context;
  ARROW_ASSIGN_OR_RAISE(auto signature,
                        BindSignature(context, *part.statement, part.text));
  ARROW_RETURN_NOT_OK(CheckProperties(signature.properties, policy_));
  ARROW_ASSIGN_OR_RAISE(info_.parameter_schema, signature.ParameterSchema());
  if (!signature.properties.modified_databases.empty()) {
    // Queries may write too: by sequences, or in a WITH.
    info_.read_only = false;
    part.traits.writes = true;
  }
  if (signature.deferred) return arrow::Status::OK();
  switch (signature.properties.return_type) {
    case duckdb::StatementReturnType::QUERY_RESULT: {
      if (info_.kind != StatementKind::kCommand) info_.kind = StatementKind::kQuery;
      ARROW_ASSIGN_OR_RAISE(info_.result_schema,
                            WireSchema(signature.names, signature.types));
      info_.result_depends_on_parameters = signature.HasOpenParameters();
      break;
    }
    default:
      info_.result_schema = arrow::schema({});
  }
  if (info_.kind == StatementKind::kCommand) info_.result_schema = arrow::schema({});
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::Schema>> DuckStatement::ResultSchema(
    const arrow::Schema& parameters) {
  if (info_.result_schema != nullptr && !info_.result_depends_on_parameters) {
    return info_.result_schema;
  }
  if (info_.is_script) return nullptr;
  const Part& part = parts_.front();
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
  const bool steers =
      parts_.front().traits.changes_session || parts_.front().traits.controls_transaction;
  if (info_.is_script || steers) {
    if (has_values) {
      return MakeError(ErrorClass::kParameter,
                       "a text of several statements takes no parameters");
    }
    auto result = RunScript(execution, place);
    const auto left = session_->Leave(place);
    if (result.ok()) ARROW_RETURN_NOT_OK(left);
    return result;
  }
  if (!has_values) {
    if (info_.parameter_schema->num_fields() > 0) {
      return MatchParameters(ParameterNames(*parts_.front().statement), arrow::Schema({}))
          .status();
    }
    ARROW_RETURN_NOT_OK(AddPlan(place, *execution));
    return RunOnce(execution, std::move(place), {});
  }
  ARROW_RETURN_NOT_OK(AddPlan(place, *execution));
  auto schema = parameters->schema();
  ARROW_ASSIGN_OR_RAISE(auto rows,
                        ParameterReader::Create(place.connection->context(),
                                                ParameterNames(*parts_.front().statement),
                                                std::move(parameters)));
  return RunRows(execution, std::move(place), std::move(rows), *schema);
}

// Where a statement that commits by itself runs often, with its plan at hand.
arrow::Status DuckStatement::AddPlan(DuckSession::Place& place, Execution& execution) {
  if (place.transaction != nullptr || info_.result_schema == nullptr ||
      (info_.kind != StatementKind::kQuery && info_.kind != StatementKind::kUpdate)) {
    return arrow::Status::OK();
  }
  // Of the settings and of the datasets: both only grow.
  const uint64_t version =
      session_->settings_version() + session_->core()->views().catalog_generation();
  place.plan = shelf_->Borrow(version);
  if (place.plan == nullptr && shelf_->WantsPlan()) {
    auto plan = std::make_unique<ShelvedPlan>();
    plan->version = version;
    const Part& part = parts_.front();
    auto status = [&]() -> arrow::Status {
      ARROW_ASSIGN_OR_RAISE(auto connection, session_->Connect());
      plan->connection =
          std::make_shared<Connection>(session_->core(), std::move(connection), nullptr);
      return plan->connection->Prepare(*part.statement, part.text).Value(&plan->prepared);
    }();
    if (!status.ok()) {
      shelf_->GiveUp();
      return status;
    }
    place.plan = shelf_->Lend(std::move(plan));
  }
  // The connection that the place came with stays for what it is worth: its permit.
  if (place.plan != nullptr) {
    execution.Hold(std::make_shared<DuckSession::Place>(place));
  }
  return arrow::Status::OK();
}

arrow::Result<ExecutionResult> DuckStatement::RunOnce(const ExecutionPtr& execution,
                                                      DuckSession::Place place,
                                                      ParameterValues values) const {
  const Part& part = parts_.front();
  if (policy_.read_only && part.traits.writes) {
    // What a name means may have changed since the statement was prepared.
    ARROW_RETURN_NOT_OK(CheckBound(part, place.connection->context()));
  }
  std::shared_ptr<ResultStream> stream;
  if (place.plan != nullptr) {
    ARROW_ASSIGN_OR_RAISE(stream, place.plan->connection->StartPrepared(
                                      execution, *place.plan->prepared, std::move(values),
                                      part.text, part.traits.writes));
  } else {
    ARROW_ASSIGN_OR_RAISE(stream,
                          place.connection->Start(execution, part.statement->Copy(),
                                                  std::move(values), part.text,
                                                  /*to_the_end=*/part.traits.writes));
  }
  place = {};  // so that the end of the rows frees the connection
  ExecutionResult result;
  if (stream->return_type() == duckdb::StatementReturnType::QUERY_RESULT &&
      info_.kind != StatementKind::kCommand) {
    ARROW_RETURN_NOT_OK(CheckPromise(*stream->schema()));
    result.stream = std::move(stream);
    return result;
  }
  ARROW_ASSIGN_OR_RAISE(result.affected_rows, stream->ReadCount());
  return result;
}

arrow::Result<ExecutionResult> DuckStatement::RunRows(
    const ExecutionPtr& execution, DuckSession::Place place,
    std::unique_ptr<ParameterReader> rows, const arrow::Schema& parameters) {
  ARROW_ASSIGN_OR_RAISE(bool any, rows->HasNext());
  if (!any) {
    ExecutionResult nothing;
    if (info_.kind != StatementKind::kQuery) {
      nothing.affected_rows = 0;
      return nothing;
    }
    ARROW_ASSIGN_OR_RAISE(auto schema, ResultSchema(parameters));
    ARROW_ASSIGN_OR_RAISE(nothing.stream, arrow::RecordBatchReader::Make({}, schema));
    return nothing;
  }
  ARROW_ASSIGN_OR_RAISE(auto values, rows->Next());
  ARROW_ASSIGN_OR_RAISE(bool more, rows->HasNext());
  if (!more) return RunOnce(execution, std::move(place), std::move(values));
  if (parts_.front().traits.writes) {
    rows->PutBack(std::move(values));
    return RunWrites(execution, place, *rows);
  }
  const auto connection = place.connection;
  ARROW_ASSIGN_OR_RAISE(auto first, RunOnce(execution, place, std::move(values)));
  ExecutionResult result;
  result.stream = std::make_shared<RowResults>(
      std::move(first.stream),
      [self = shared_from_this(), execution, place,
       rows = std::shared_ptr<ParameterReader>(std::move(
           rows))]() -> arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> {
        ARROW_ASSIGN_OR_RAISE(bool next, rows->HasNext());
        if (!next) return nullptr;
        ARROW_ASSIGN_OR_RAISE(auto row, rows->Next());
        ARROW_ASSIGN_OR_RAISE(auto part, self->RunOnce(execution, place, std::move(row)));
        return std::move(part.stream);
      });
  return result;
}

arrow::Result<ExecutionResult> DuckStatement::RunWrites(const ExecutionPtr& execution,
                                                        const DuckSession::Place& place,
                                                        ParameterReader& rows) const {
  const Part& part = parts_.front();
  auto& connection = *place.connection;
  if (policy_.read_only) ARROW_RETURN_NOT_OK(CheckBound(part, connection.context()));
  const bool own_transaction = place.transaction == nullptr;
  if (own_transaction) ARROW_RETURN_NOT_OK(connection.Begin());
  ExecutionResult result;
  result.affected_rows = 0;
  std::vector<std::shared_ptr<arrow::RecordBatchReader>> streams;
  auto run = [&]() -> arrow::Status {
    ARROW_ASSIGN_OR_RAISE(auto prepared, connection.Prepare(*part.statement, part.text));
    for (;;) {
      ARROW_ASSIGN_OR_RAISE(bool more, rows.HasNext());
      if (!more) break;
      ARROW_ASSIGN_OR_RAISE(auto values, rows.Next());
      ARROW_ASSIGN_OR_RAISE(
          auto stream, connection.StartPrepared(execution, *prepared, std::move(values),
                                                part.text, /*to_the_end=*/true));
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
  for (const Part& part : parts_) {
    auto ran = RunPart(execution, place, part, &part == &parts_.back());
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
  ARROW_ASSIGN_OR_RAISE(
      auto stream,
      place.connection->Start(execution, part.statement->Copy(), {}, part.text, writes));
  if (last && part.traits.kind != StatementKind::kCommand &&
      stream->return_type() == duckdb::StatementReturnType::QUERY_RESULT) {
    result.stream = std::move(stream);
    return result;
  }
  ARROW_ASSIGN_OR_RAISE(result.affected_rows, stream->ReadCount());
  return result;
}

arrow::Status DuckStatement::CheckPromise(const arrow::Schema& schema) const {
  if (info_.result_schema == nullptr || info_.result_depends_on_parameters ||
      info_.result_schema->Equals(schema, /*check_metadata=*/true)) {
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
