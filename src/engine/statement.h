#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type_fwd.h>
#include <arrow/util/type_fwd.h>

#include "engine/dataset_rows.h"
#include "engine/message_rows.h"

namespace pinion::engine {

// What a statement is for. Of a text with several statements, that of the last one.
enum class StatementKind : std::uint8_t {
  kQuery,       // returns rows: SELECT, VALUES, SHOW, EXPLAIN, INSERT … RETURNING
  kUpdate,      // INSERT, UPDATE, DELETE, MERGE, COPY … FROM: returns a count
  kDefinition,  // CREATE, ALTER, DROP
  kCommand,     // SET, USE, BEGIN, COMMIT, CHECKPOINT: returns nothing
};

// How far a running statement is. The engine writes it, anybody reads it.
struct Progress {
  // 0 to 1; -1 while unknown.
  std::atomic<double> fraction{-1.0};
  std::atomic<std::int64_t> rows_sent{0};
};

struct ExecuteOptions {
  // Stops the execution, and the stream it gave for as long as that lives. Work ends
  // within 100 ms; the call or the next read then returns kCancelled.
  std::stop_token stop = {};
  // The stream's batches have at most so many rows …
  std::int64_t max_batch_rows = 32 * 1024;
  // … and about so many bytes: larger ones are sliced, down to single rows. The default
  // keeps a message, with its header, below 4 MiB.
  std::int64_t max_batch_bytes = 3 * 1024 * 1024;
  // Not UNCOMPRESSED: ExecutionResult::messages, compressed so, is given where the engine
  // can. Reading such a result as batches costs decompressing them.
  arrow::Compression::type compression = arrow::Compression::UNCOMPRESSED;
  // The execution and its stream fail with kTimeout when it passes.
  std::optional<std::chrono::steady_clock::time_point> deadline = {};
  // Written to while the statement runs, if given.
  std::shared_ptr<Progress> progress = {};
};

struct StatementInfo {
  StatementKind kind = StatementKind::kQuery;

  // Writes nothing, changes no state of the session and may be run any number of times.
  bool read_only = false;

  // Exactly the schema of the stream, nullability and metadata included. Without fields
  // for a statement that returns no rows. Null when only running it can tell: a text of
  // several statements, and those that the engine expands into several.
  std::shared_ptr<arrow::Schema> result_schema;

  // Columns of result_schema take their types from parameters whose type is not known, as
  // in SELECT ?. Those are given as utf8; Statement::ResultSchema has them exactly.
  bool result_depends_on_parameters = false;

  // One field a parameter, in the order of their positions; a named one has its name,
  // a positional one its number. A type that cannot be inferred is utf8, which every
  // client can bind; whatever is bound instead keeps its own type.
  std::shared_ptr<arrow::Schema> parameter_schema;

  // Several statements in the text.
  bool is_script = false;
};

// What came of an execution: rows or a count, never both.
struct ExecutionResult {
  // Null when the statement returns no rows. It holds all that the result needs (the
  // session may be closed meanwhile by others, which ends it with kCancelled); destroying
  // it half-read ends the work at once. Used by one thread at a time.
  std::shared_ptr<arrow::RecordBatchReader> stream;
  // The same as `stream` if that is rows of a dataset and the engine knows; null if not.
  std::shared_ptr<DatasetRows> dataset_rows;
  // The same as `stream` if its batches come as compressed messages; null if not.
  std::shared_ptr<MessageRows> messages;
  // Rows inserted, updated or deleted; -1 when unknown or when it does not apply.
  std::int64_t affected_rows = -1;
};

// A text that has been parsed, checked and planned once, to be run any number of times.
//
// Thread-safe: executions of one statement may overlap, their results be open at the same
// time. It keeps what it needs of its session alive; after the session's Close or the end
// of its transaction, it fails.
class Statement {
 public:
  virtual ~Statement() = default;

  virtual const StatementInfo& info() const = 0;
  virtual const std::string& sql() const = 0;

  // The schema of the stream if the parameters have the types of these fields, in the
  // order of Execute's columns. Equals info().result_schema where that is exact.
  virtual arrow::Result<std::shared_ptr<arrow::Schema>> ResultSchema(
      const arrow::Schema& parameters) = 0;

  // Runs the statement (each one of a script, in order) exactly once for each row of
  // `parameters`, or once when that is null. Several rows: the results of a query follow
  // each other in one stream; updates run in one transaction, all or nothing, their
  // counts added. An error or a stop while reading `parameters` rolls back.
  //
  // Parameters are matched by name if the statement's are named and the columns have
  // those names, else by position. Null types bind as SQL NULL.
  //
  // Blocks until the statement has ended, or, if it returns rows, until it has begun: a
  // query's errors may come from reading its stream.
  virtual arrow::Result<ExecutionResult> Execute(
      std::shared_ptr<arrow::RecordBatchReader> parameters,
      const ExecuteOptions& options) = 0;

  // Execute of a statement that must return rows.
  arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> Query(
      std::shared_ptr<arrow::RecordBatchReader> parameters = nullptr,
      const ExecuteOptions& options = {});

  // Execute for the count alone; rows that come are read to their end and dropped.
  arrow::Result<std::int64_t> Update(
      std::shared_ptr<arrow::RecordBatchReader> parameters = nullptr,
      const ExecuteOptions& options = {});
};

// Metadata keys of the fields in schemas of results and tables: those of Flight SQL's
// column metadata, so that clients find them. Values are text, booleans "0" and "1".
namespace column_metadata {
inline constexpr char kCatalogName[] = "ARROW:FLIGHT:SQL:CATALOG_NAME";
inline constexpr char kSchemaName[] = "ARROW:FLIGHT:SQL:SCHEMA_NAME";
inline constexpr char kTableName[] = "ARROW:FLIGHT:SQL:TABLE_NAME";
inline constexpr char kTypeName[] = "ARROW:FLIGHT:SQL:TYPE_NAME";
inline constexpr char kPrecision[] = "ARROW:FLIGHT:SQL:PRECISION";
inline constexpr char kScale[] = "ARROW:FLIGHT:SQL:SCALE";
inline constexpr char kIsAutoIncrement[] = "ARROW:FLIGHT:SQL:IS_AUTO_INCREMENT";
inline constexpr char kIsCaseSensitive[] = "ARROW:FLIGHT:SQL:IS_CASE_SENSITIVE";
inline constexpr char kIsReadOnly[] = "ARROW:FLIGHT:SQL:IS_READ_ONLY";
inline constexpr char kIsSearchable[] = "ARROW:FLIGHT:SQL:IS_SEARCHABLE";
inline constexpr char kRemarks[] = "ARROW:FLIGHT:SQL:REMARKS";
}  // namespace column_metadata

}  // namespace pinion::engine
