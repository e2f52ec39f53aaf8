#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include <arrow/result.h>
#include <arrow/status.h>
#include <duckdb.hpp>

#include "base/mutex.h"
#include "engine/duckdb/connection_budget.h"
#include "engine/duckdb/execution_control.h"
#include "engine/duckdb/result_buffers.h"
#include "engine/duckdb/spill_buffer.h"
#include "engine/duckdb/timer.h"
#include "engine/engine.h"

namespace pinion::engine::duck {

class DatasetViews;
class TransactionRegistry;

// The attached catalog that holds the views of the datasets.
inline constexpr char kDatasetsCatalog[] = "datasets";

// What the engine, its sessions, statements and streams share. It lives as long as the
// last of them, so that a stream may outlast the engine; Close ends its use before that.
//
// Thread-safe.
class Core {
 public:
  static arrow::Result<std::shared_ptr<Core>> Open(
      const EngineOptions& options, std::shared_ptr<data::Catalog> catalog);
  ~Core();
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  // A new connection to the database, with its settings as they come; kUnavailable after
  // Close.
  arrow::Result<std::unique_ptr<duckdb::Connection>> Connect() PINION_EXCLUDES(mutex_);

  // Makes the views of the datasets what the catalog is now.
  arrow::Status RefreshViews() PINION_EXCLUDES(mutex_);

  // Stops all executions, rolls all transactions back, brings the database to the disk.
  arrow::Status Close() PINION_EXCLUDES(mutex_);

  const EngineOptions& options() const { return options_; }
  const EngineInfo& info() const { return info_; }
  // The catalog of the database that clients write to.
  const std::string& database_name() const { return database_name_; }
  // The value that a session's setting has before anybody changes it.
  const duckdb::Value& InitialSetting(const std::string& name) const {
    return initial_settings_.at(duckdb::Identifier(name));
  }
  // Grows when tables and the like may have been created, changed or dropped: what is
  // known of a text is out of date then.
  uint64_t catalog_version() const { return catalog_version_; }
  void CatalogMayHaveChanged() { ++catalog_version_; }
  const std::shared_ptr<ConnectionBudget>& budget() const { return budget_; }
  ResultBuffers& result_buffers() { return *result_buffers_; }
  const std::shared_ptr<SpillSpace>& spill() const { return spill_; }
  Timer& timer() { return timer_; }
  ExecutionSet& executions() { return executions_; }
  DatasetViews& views() { return *views_; }
  TransactionRegistry& transactions() { return *transactions_; }

 private:
  explicit Core(const EngineOptions& options);

  arrow::Status MakeTempDirectory();
  arrow::Status OpenDatabase(std::shared_ptr<data::Catalog> catalog);
  arrow::Status LockDown(duckdb::Connection& connection);
  arrow::Status ReadInitialSettings(duckdb::Connection& connection);

  EngineOptions options_;
  EngineInfo info_;
  std::string database_name_;
  duckdb::identifier_map_t<duckdb::Value> initial_settings_;
  // Removed at the end if it was made here.
  std::string own_temp_directory_;
  std::shared_ptr<ConnectionBudget> budget_;
  std::shared_ptr<ResultBuffers> result_buffers_;
  std::shared_ptr<SpillSpace> spill_;
  ExecutionSet executions_;
  std::atomic<uint64_t> catalog_version_ = 0;
  base::Mutex mutex_;
  bool closed_ PINION_GUARDED_BY(mutex_) = false;
  std::unique_ptr<duckdb::DuckDB> database_ PINION_GUARDED_BY(mutex_);
  std::unique_ptr<DatasetViews> views_;
  std::unique_ptr<TransactionRegistry> transactions_;
  // Last, so that nothing rings while the rest goes away.
  Timer timer_;
};

}  // namespace pinion::engine::duck
