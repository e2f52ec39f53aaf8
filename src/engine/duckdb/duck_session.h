#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <duckdb.hpp>

#include "base/mutex.h"
#include "engine/duckdb/connection.h"
#include "engine/duckdb/core.h"
#include "engine/duckdb/execution_control.h"
#include "engine/duckdb/plan_shelf.h"
#include "engine/duckdb/statement_cache.h"
#include "engine/duckdb/statement_policy.h"
#include "engine/duckdb/transaction.h"
#include "engine/session.h"

namespace pinion::engine::duck {

// A session over DuckDB. One of DuckDB's connections has one open result; so a session is
// as many connections as it has open results, which share its settings, search path and
// temporary objects. Its own connection, the home, holds those and runs nothing else.
//
// Thread-safe. Shared by the caller and the statements of the session.
class DuckSession : public Session, public std::enable_shared_from_this<DuckSession> {
 public:
  // A permanent one is not closed by Close.
  static arrow::Result<std::shared_ptr<DuckSession>> Open(std::shared_ptr<Core> core,
                                                          const SessionOptions& options,
                                                          bool permanent = false);
  ~DuckSession() override;

  arrow::Result<std::shared_ptr<Statement>> Prepare(
      const std::string& sql, const PrepareOptions& options) override;
  arrow::Result<std::string> BeginTransaction() override;
  arrow::Status EndTransaction(const std::string& transaction_id,
                               TransactionEnd end) override;
  arrow::Result<std::string> BeginSavepoint(const std::string& transaction_id,
                                            const std::string& name) override;
  arrow::Status EndSavepoint(const std::string& savepoint_id,
                             TransactionEnd end) override;
  arrow::Result<int64_t> Ingest(const IngestTarget& target,
                                std::shared_ptr<arrow::RecordBatchReader> source,
                                const IngestOptions& options) override;
  arrow::Status SetOption(const std::string& name, const OptionValue& value) override;
  arrow::Result<std::map<std::string, OptionValue>> GetOptions() override;
  arrow::Result<std::vector<std::string>> Catalogs() override;
  arrow::Result<std::vector<SchemaEntry>> Schemas(const SchemaFilter& filter) override;
  arrow::Result<std::vector<TableEntry>> Tables(const TableFilter& filter) override;
  arrow::Result<std::vector<std::string>> TableTypes() override;
  arrow::Result<std::vector<PrimaryKeyEntry>> PrimaryKeys(
      const TableName& table) override;
  arrow::Result<std::vector<ForeignKeyEntry>> ExportedKeys(
      const TableName& table) override;
  arrow::Result<std::vector<ForeignKeyEntry>> ImportedKeys(
      const TableName& table) override;
  arrow::Result<std::vector<ForeignKeyEntry>> CrossReference(
      const TableName& primary, const TableName& foreign) override;
  arrow::Result<std::vector<TypeEntry>> Types(std::optional<int32_t> data_type) override;
  arrow::Status Close() override;

  // What statements need.

  // Where a statement runs.
  struct Place {
    // The right to a connection.
    std::shared_ptr<ConnectionBudget::Permit> permit;
    // Null before Connect, and where there is a plan.
    std::shared_ptr<Connection> connection;
    // If the statement has one, it runs on the connection of the plan.
    std::shared_ptr<ShelvedPlan> plan;
    // Null when the statement commits by itself.
    std::shared_ptr<Transaction> transaction;
    // The transaction is one that SQL text has begun.
    bool by_text = false;
  };
  // Takes a place for `execution` and lets the session, and the transaction if there is
  // one, stop it.
  arrow::Result<Place> Enter(const std::string& transaction_id, Execution& execution)
      PINION_EXCLUDES(mutex_);
  // Gives the place a connection if it has none; making one costs more than running a
  // small statement whose plan has its own.
  arrow::Status Connect(Place& place) PINION_EXCLUDES(mutex_);
  // After a text with BEGIN, COMMIT or ROLLBACK has run at `place`: the session keeps a
  // transaction that is open, and lets go of one that has ended.
  arrow::Status Leave(const Place& place) PINION_EXCLUDES(mutex_);

  // Runs SET, RESET or USE for the session, and for the connection given.
  arrow::Status Change(const std::shared_ptr<Execution>& execution,
                       duckdb::unique_ptr<duckdb::SQLStatement> statement,
                       Connection& connection) PINION_EXCLUDES(mutex_);

  // A connection with the session's settings, for binding and metadata.
  arrow::Result<std::unique_ptr<duckdb::Connection>> Connect() PINION_EXCLUDES(mutex_);
  // The connection of the transaction that a statement would run in; null if none.
  arrow::Result<std::shared_ptr<Connection>> TransactionConnection(
      const std::string& transaction_id) PINION_EXCLUDES(mutex_);

  // Grows with whatever may change what a text means: the session's settings, the
  // datasets, the database's catalog.
  uint64_t Version() PINION_EXCLUDES(mutex_);
  StatementCache& statements() { return statements_; }

  const std::shared_ptr<Core>& core() const { return core_; }
  bool stateless() const { return stateless_; }
  bool read_only() const { return read_only_; }

 private:
  DuckSession(std::shared_ptr<Core> core, const SessionOptions& options, bool permanent);

  arrow::Status Shut() PINION_EXCLUDES(mutex_);
  arrow::Status CheckOpen() PINION_REQUIRES(mutex_);
  arrow::Status ApplyOption(const std::string& name, const OptionValue& value)
      PINION_EXCLUDES(mutex_);
  void Configure(duckdb::ClientContext& context) PINION_REQUIRES(mutex_);
  arrow::Status SetSearchPath(const std::optional<std::string>& catalog,
                              const std::optional<std::string>& schema)
      PINION_REQUIRES(mutex_);
  void KeepDatasetsInPath() PINION_REQUIRES(mutex_);
  arrow::Status RunAtHome(const std::shared_ptr<Execution>& execution,
                          duckdb::unique_ptr<duckdb::SQLStatement> statement)
      PINION_REQUIRES(mutex_);
  arrow::Result<std::vector<ForeignKeyEntry>> ForeignKeys(const TableName* primary,
                                                          const TableName* foreign);

  const std::shared_ptr<Core> core_;
  const std::string user_;
  const bool read_only_;
  const bool stateless_;
  const bool permanent_;
  ExecutionSet executions_;
  StatementCache statements_;
  base::Mutex mutex_;
  bool closed_ PINION_GUARDED_BY(mutex_) = false;
  std::shared_ptr<Connection> home_ PINION_GUARDED_BY(mutex_);
  uint64_t settings_version_ PINION_GUARDED_BY(mutex_) = 0;
  std::set<std::string> changed_settings_ PINION_GUARDED_BY(mutex_);
  // Begun by SQL text: the session's statements run in it until it ends.
  std::shared_ptr<Transaction> text_transaction_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::engine::duck
