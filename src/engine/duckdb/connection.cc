#include "engine/duckdb/connection.h"

#include <algorithm>
#include <utility>

#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/result_stream.h"

namespace pinion::engine::duck {

Execution::Execution(std::shared_ptr<Core> core, const ExecuteOptions& options)
    : core_(std::move(core)),
      stop_(options.stop),
      limits_{options.max_batch_rows, options.max_batch_bytes},
      progress_(options.progress),
      control_(std::make_shared<ExecutionControl>(options.stop)) {
  core_->executions().Add(control_);
  auto deadline = options.deadline;
  const auto timeout = core_->options().statement_timeout;
  if (timeout.count() > 0) {
    const auto latest = Timer::Clock::now() + timeout;
    deadline = deadline ? std::min(*deadline, latest) : latest;
  }
  if (deadline) {
    deadline_ =
        core_->timer().Set(*deadline, [weak = std::weak_ptr<ExecutionControl>(control_)] {
          if (auto control = weak.lock()) control->Stop(StopReason::kTimeout);
        });
  }
}

Connection::Connection(std::shared_ptr<Core> core,
                       std::unique_ptr<duckdb::Connection> connection,
                       std::shared_ptr<ConnectionBudget::Permit> permit)
    : core_(std::move(core)),
      permit_(std::move(permit)),
      connection_(std::move(connection)) {}

Connection::~Connection() = default;

void Connection::Idle() {
  if (auto open = open_.lock()) open->Buffer();
  open_.reset();
}

template <typename Submit>
arrow::Result<std::shared_ptr<ResultStream>> Connection::Run(
    const std::shared_ptr<Execution>& execution, const std::string& sql,
    const RunOptions& options, Submit submit) {
  base::MutexLock lock(mutex_);
  Idle();
  ARROW_RETURN_NOT_OK(execution->control().Check());
  auto& context = *connection_->context;
  context.config.enable_progress_bar = execution->progress() != nullptr;
  context.config.print_progress_bar = false;
  auto buffer = core_->result_buffers().Take();
  context.config.max_streaming_buffer_size = static_cast<duckdb::idx_t>(buffer->bytes());
  std::shared_ptr<ResultStream> stream;
  ARROW_RETURN_NOT_OK(Guard(
      [&]() -> arrow::Status {
        duckdb::QueryParameters parameters(duckdb::make_shared_ptr<WireFormat>(
            execution->limits(), buffer->bytes(), options.codec));
        auto result = submit(parameters);
        if (result->HasError()) {
          return execution->control().Translate(result->GetErrorObject(), sql);
        }
        stream = std::make_shared<ResultStream>(execution, shared_from_this(), sql,
                                                std::move(result), std::move(buffer));
        return arrow::Status::OK();
      },
      sql));
  ARROW_RETURN_NOT_OK(stream->AwaitSchema());
  if (options.to_the_end ||
      stream->return_type() != duckdb::StatementReturnType::QUERY_RESULT) {
    stream->Buffer();
  } else {
    open_ = stream;
  }
  return stream;
}

arrow::Result<std::shared_ptr<ResultStream>> Connection::Start(
    const std::shared_ptr<Execution>& execution,
    duckdb::unique_ptr<duckdb::SQLStatement> statement,
    duckdb::identifier_map_t<duckdb::BoundParameterData> values, const std::string& sql,
    const RunOptions& options) {
  return Run(execution, sql, options, [&](duckdb::QueryParameters& parameters) {
    if (values.empty()) {
      return connection_->context->Submit(std::move(statement), parameters);
    }
    return connection_->context->Submit(std::move(statement), values, parameters);
  });
}

arrow::Result<duckdb::unique_ptr<duckdb::PreparedStatement>> Connection::Prepare(
    const duckdb::SQLStatement& statement, const std::string& sql) {
  base::MutexLock lock(mutex_);
  Idle();
  return Guard(
      [&]() -> arrow::Result<duckdb::unique_ptr<duckdb::PreparedStatement>> {
        auto prepared = connection_->Prepare(statement.Copy());
        if (prepared->HasError()) return ToStatus(prepared->GetErrorObject(), sql);
        return prepared;
      },
      sql);
}

arrow::Result<std::shared_ptr<ResultStream>> Connection::StartPrepared(
    const std::shared_ptr<Execution>& execution, duckdb::PreparedStatement& prepared,
    duckdb::identifier_map_t<duckdb::BoundParameterData> values, const std::string& sql,
    const RunOptions& options) {
  return Run(execution, sql, options, [&](duckdb::QueryParameters& parameters) {
    return prepared.Submit(values, parameters);
  });
}

arrow::Status Connection::Begin() {
  base::MutexLock lock(mutex_);
  return Guard([&]() -> arrow::Status {
    connection_->BeginTransaction();
    return arrow::Status::OK();
  });
}

arrow::Status Connection::Commit() {
  base::MutexLock lock(mutex_);
  if (auto open = open_.lock()) (void)open->Close();
  open_.reset();
  return Guard([&]() -> arrow::Status {
    connection_->Commit();
    core_->CatalogMayHaveChanged();
    return arrow::Status::OK();
  });
}

arrow::Status Connection::Rollback() {
  base::MutexLock lock(mutex_);
  if (auto open = open_.lock()) (void)open->Close();
  open_.reset();
  return Guard([&]() -> arrow::Status {
    if (connection_->HasActiveTransaction()) connection_->Rollback();
    return arrow::Status::OK();
  });
}

bool Connection::InTransaction() {
  base::MutexLock lock(mutex_);
  // Not HasActiveTransaction: that of an open result ends by itself.
  return !connection_->IsAutoCommit();
}

}  // namespace pinion::engine::duck
