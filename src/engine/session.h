#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include "engine/metadata.h"
#include "engine/statement.h"

namespace pinion::engine {

// The value of a session option; monostate unsets it. The alternatives, and their order,
// are those of Flight's session options.
using OptionValue = std::variant<std::monostate, std::string, bool, std::int64_t, double,
                                 std::vector<std::string>>;

struct PrepareOptions {
  // Of BeginTransaction; empty: none, which commits every statement by itself.
  std::string transaction_id = {};
  // Refuse what writes, for a caller who may only read.
  bool read_only = false;
  std::stop_token stop = {};
};

enum class IngestMode : std::uint8_t {
  kCreate,           // the table must not exist
  kAppend,           // it must exist
  kReplace,          // dropped, if it exists, and created anew
  kReplaceExisting,  // it must exist; dropped and created anew
  kCreateOrAppend,   // created where it does not exist
};

struct IngestTarget {
  std::optional<std::string> catalog = {};
  std::optional<std::string> schema = {};
  std::string table = {};
  bool temporary = false;
};

struct IngestOptions {
  IngestMode mode = IngestMode::kCreate;
  std::string transaction_id = {};
  // Refuse it, for a caller who may only read.
  bool read_only = false;
  std::stop_token stop = {};
  std::shared_ptr<Progress> progress = {};
  // What each batch must pass before its rows are read, if anything; it may get a part of
  // one. Several threads call it at a time, so it is better placed here than in the
  // reader.
  std::function<arrow::Status(const arrow::RecordBatch&)> check = nullptr;
};

enum class TransactionEnd : std::uint8_t { kCommit, kRollback };

// One client's view of the engine: catalog, schema, settings, temporary objects.
//
// Thread-safe. Any number of statements and results may be open in it at once. A client
// with cookies gets a session of its own; callers without share a stateless one, in which
// statements that would change its state (SET, USE, temporary tables, BEGIN without
// COMMIT) are refused with a line that says what to do instead.
class Session {
 public:
  virtual ~Session() = default;

  // Parses, checks and plans `sql`, and runs nothing.
  virtual arrow::Result<std::shared_ptr<Statement>> Prepare(
      const std::string& sql, const PrepareOptions& options) = 0;

  // The id is unguessable, belongs to the session's user and works in each of that
  // user's sessions. After EngineOptions::transaction_timeout without a statement the
  // transaction is rolled back and its id answers kTransaction.
  virtual arrow::Result<std::string> BeginTransaction() = 0;
  // Ends results that are still open in it (kCancelled).
  virtual arrow::Status EndTransaction(const std::string& transaction_id,
                                       TransactionEnd end) = 0;

  // kNotSupported where EngineInfo::supports_savepoints is false.
  virtual arrow::Result<std::string> BeginSavepoint(const std::string& transaction_id,
                                                    const std::string& name) = 0;
  virtual arrow::Status EndSavepoint(const std::string& savepoint_id,
                                     TransactionEnd end) = 0;

  // Copies `source` into a table and returns the number of rows: all of them or, on any
  // error of the source, the engine or a stop, none. The caller has validated the data.
  // The stop is looked at once more just before the commit.
  virtual arrow::Result<std::int64_t> Ingest(
      const IngestTarget& target, std::shared_ptr<arrow::RecordBatchReader> source,
      const IngestOptions& options) = 0;

  // "catalog", "schema", and the settings of the engine that are safe for clients;
  // kMissingObject for others, kType for a value that is not one of its own.
  virtual arrow::Status SetOption(const std::string& name, const OptionValue& value) = 0;
  // Those that were set, and always "catalog" and "schema".
  virtual arrow::Result<std::map<std::string, OptionValue>> GetOptions() = 0;

  virtual arrow::Result<std::vector<std::string>> Catalogs() = 0;
  virtual arrow::Result<std::vector<SchemaEntry>> Schemas(const SchemaFilter& filter) = 0;
  virtual arrow::Result<std::vector<TableEntry>> Tables(const TableFilter& filter) = 0;
  virtual arrow::Result<std::vector<std::string>> TableTypes() = 0;
  virtual arrow::Result<std::vector<PrimaryKeyEntry>> PrimaryKeys(
      const TableName& table) = 0;
  // The keys of other tables that refer to `table`.
  virtual arrow::Result<std::vector<ForeignKeyEntry>> ExportedKeys(
      const TableName& table) = 0;
  // The keys of `table` that refer to others.
  virtual arrow::Result<std::vector<ForeignKeyEntry>> ImportedKeys(
      const TableName& table) = 0;
  virtual arrow::Result<std::vector<ForeignKeyEntry>> CrossReference(
      const TableName& primary, const TableName& foreign) = 0;
  // All of them, or those of one code.
  virtual arrow::Result<std::vector<TypeEntry>> Types(
      std::optional<std::int32_t> data_type) = 0;

  // Ends what runs in it (kCancelled), rolls its own transaction back, frees all it
  // holds. Idempotent; the destructor calls it. The engine's default session stays open.
  virtual arrow::Status Close() = 0;
};

}  // namespace pinion::engine
