#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <arrow/result.h>
#include <arrow/status.h>
#include <arrow/util/compression.h>
#include <duckdb.hpp>

#include "base/mutex.h"
#include "engine/duckdb/connection_budget.h"
#include "engine/duckdb/core.h"
#include "engine/duckdb/execution_control.h"
#include "engine/duckdb/timer.h"
#include "engine/duckdb/wire_format.h"
#include "engine/statement.h"

namespace pinion::engine::duck {

class ResultStream;

// One call of Statement::Execute or Ingest: what may stop it and how its rows come.
// Shared by the streams it makes; its deadline ends with the last of them.
//
// Thread-safe but for Hold, which comes before any stream.
class Execution {
 public:
  Execution(std::shared_ptr<Core> core, const ExecuteOptions& options);

  ExecutionControl& control() { return *control_; }
  const std::shared_ptr<ExecutionControl>& shared_control() const { return control_; }
  const std::shared_ptr<Core>& core() const { return core_; }
  const BatchLimits& limits() const { return limits_; }
  const std::shared_ptr<Progress>& progress() const { return progress_; }
  const std::stop_token& stop() const { return stop_; }

  // Keeps `what` until the last stream of this execution is gone.
  void Hold(std::shared_ptr<void> what) { held_ = std::move(what); }

 private:
  const std::shared_ptr<Core> core_;
  const std::stop_token stop_;
  const BatchLimits limits_;
  const std::shared_ptr<Progress> progress_;
  const std::shared_ptr<ExecutionControl> control_;
  std::shared_ptr<void> held_;
  std::unique_ptr<Timer::Alarm> deadline_;
};

// How a statement runs.
struct RunOptions {
  // To its end at once, not only until it is known that it has begun: what it writes is
  // committed then, however much of the result is read.
  bool to_the_end = false;
  // The workers make messages of the rows with it; null: batches.
  std::shared_ptr<arrow::util::Codec> codec = nullptr;
};

// One of DuckDB's connections, which has at most one open result: when the next statement
// comes, what is left of it is put aside.
//
// Thread-safe: statements wait for each other. Owned by a transaction, or by the stream
// of the only statement that runs on it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Core> core, std::unique_ptr<duckdb::Connection> connection,
             std::shared_ptr<ConnectionBudget::Permit> permit);
  ~Connection();

  // Runs `statement`, to its end if it returns no rows. `sql` is the text for the
  // positions of errors.
  arrow::Result<std::shared_ptr<ResultStream>> Start(
      const std::shared_ptr<Execution>& execution,
      duckdb::unique_ptr<duckdb::SQLStatement> statement,
      duckdb::identifier_map_t<duckdb::BoundParameterData> values, const std::string& sql,
      const RunOptions& options) PINION_EXCLUDES(mutex_);

  // Prepares a copy of `statement`, to run it many times here.
  arrow::Result<duckdb::unique_ptr<duckdb::PreparedStatement>> Prepare(
      const duckdb::SQLStatement& statement, const std::string& sql)
      PINION_EXCLUDES(mutex_);
  // As Start, of a statement prepared on this connection.
  arrow::Result<std::shared_ptr<ResultStream>> StartPrepared(
      const std::shared_ptr<Execution>& execution, duckdb::PreparedStatement& prepared,
      duckdb::identifier_map_t<duckdb::BoundParameterData> values, const std::string& sql,
      const RunOptions& options) PINION_EXCLUDES(mutex_);

  arrow::Status Begin() PINION_EXCLUDES(mutex_);
  // Open results end first (kTransactionEnded).
  arrow::Status Commit() PINION_EXCLUDES(mutex_);
  arrow::Status Rollback() PINION_EXCLUDES(mutex_);
  bool InTransaction();

  // For what does not run statements, such as binding.
  duckdb::ClientContext& context() { return *connection_->context; }

 private:
  // Puts an open result aside.
  void Idle() PINION_REQUIRES(mutex_);
  template <typename Submit>
  arrow::Result<std::shared_ptr<ResultStream>> Run(
      const std::shared_ptr<Execution>& execution, const std::string& sql,
      const RunOptions& options, Submit submit) PINION_EXCLUDES(mutex_);

  const std::shared_ptr<Core> core_;
  const std::shared_ptr<ConnectionBudget::Permit> permit_;
  const std::unique_ptr<duckdb::Connection> connection_;
  base::Mutex mutex_;
  std::weak_ptr<ResultStream> open_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::engine::duck
