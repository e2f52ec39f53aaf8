#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/table.h>
#include <arrow/util/compression.h>

#include "base/mutex.h"
#include "engine/statement.h"
#include "flight/sql_stream.h"

namespace pinion::flight {

// The result of one run of a statement: not run yet, running, or waiting to be fetched.
// It is fetched once.
//
// Thread-safe. Shared by the store of results, the call that runs or fetches it, and
// whoever may cancel it; the run ends when nobody holds it any more.
class SqlResult {
 public:
  // How many bytes of rows are read at once from a statement that must be run before they
  // are asked for. What is beyond waits in the engine, until it is fetched.
  static constexpr int64_t kHeldBytes = 1024 * 1024;

  // `keep_alive` is held as long as the result: its transaction, for one. `promised` is
  // the schema that the client was told, null if it was not told any.
  SqlResult(std::shared_ptr<engine::Statement> statement,
            std::shared_ptr<arrow::Table> parameters, std::shared_ptr<void> keep_alive,
            std::shared_ptr<arrow::Schema> promised);
  // Stops the run.
  ~SqlResult();
  SqlResult(const SqlResult&) = delete;
  SqlResult& operator=(const SqlResult&) = delete;

  const engine::Statement& statement() const { return *statement_; }
  const std::shared_ptr<arrow::Schema>& promised() const { return promised_; }
  // Ends with Cancelled whatever is running or will be.
  void Cancel();
  // 0 to 1, if the engine knows.
  std::optional<double> progress() const;

  // Runs the statement now, once, on this thread: to its end if it returns no rows, else
  // until the first rows are there. `call_stop` counts until this returns.
  arrow::Status Run(std::stop_token call_stop) PINION_EXCLUDES(mutex_);

  // The same on a thread of its own; errors come from Wait and Fetch. Call it at most
  // once, on an object that a shared_ptr owns.
  void Start() PINION_EXCLUDES(mutex_);

  // Waits for a run to be done, until `deadline` at most. Whether it is.
  bool Wait(std::stop_token call_stop, std::chrono::steady_clock::time_point deadline)
      PINION_EXCLUDES(mutex_);

  // After the run: how it went, the schema of its rows (without fields: it returned
  // none), and the count of rows changed, -1 if unknown.
  struct Outcome {
    std::shared_ptr<arrow::Schema> schema;
    int64_t affected_rows = -1;
  };
  arrow::Result<Outcome> outcome() const PINION_EXCLUDES(mutex_);

  // The rows, once. Runs the statement if that has not been done, waits if it is being
  // done. The reader stops with `call_stop` and holds `self`. `compression` is for rows
  // that are not there yet.
  static arrow::Result<ResultRows> Fetch(
      std::shared_ptr<SqlResult> self, std::stop_token call_stop,
      arrow::Compression::type compression = arrow::Compression::UNCOMPRESSED)
      PINION_EXCLUDES(mutex_);

 private:
  class Reader;
  enum class State { kNew, kRunning, kDone, kFetched };

  arrow::Status Execute(
      arrow::Compression::type compression = arrow::Compression::UNCOMPRESSED);
  // Reads rows ahead: to the end, or until they take about so many bytes.
  arrow::Status Hold(int64_t max_bytes);
  arrow::Status Settle(arrow::Status status) PINION_EXCLUDES(mutex_);
  // The next batch, null at the end. By the one thread that runs or fetches.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Next();

  const std::shared_ptr<engine::Statement> statement_;
  const std::shared_ptr<arrow::Table> parameters_;
  const std::shared_ptr<engine::Progress> progress_ =
      std::make_shared<engine::Progress>();
  const std::shared_ptr<void> keep_alive_;
  const std::shared_ptr<arrow::Schema> promised_;
  std::stop_source stop_;

  mutable base::Mutex mutex_;
  base::CondVar changed_;
  State state_ PINION_GUARDED_BY(mutex_) = State::kNew;
  arrow::Status status_ PINION_GUARDED_BY(mutex_);

  // Written by the run, then read by the fetch: `state_` orders them.
  Outcome outcome_;
  std::deque<std::shared_ptr<arrow::RecordBatch>> held_;
  std::shared_ptr<arrow::RecordBatchReader> tail_;
  // The same as tail_, and nothing is held then; or null, one of them at least.
  std::shared_ptr<engine::DatasetRows> dataset_rows_;
  std::shared_ptr<engine::MessageRows> messages_;

  std::jthread thread_;
};

}  // namespace pinion::flight
