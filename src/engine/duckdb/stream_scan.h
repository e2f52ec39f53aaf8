#pragma once

#include <memory>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <duckdb/function/table_function.hpp>
#include <duckdb/parser/tableref.hpp>
#include <duckdb/storage/storage_info.hpp>

namespace pinion::engine::duck {

// Where pinion_stream gets its rows from. Shared by the plan and its caller.
class StreamSource {
 public:
  virtual ~StreamSource() = default;
  virtual std::shared_ptr<arrow::Schema> schema() const = 0;
  // Called at the beginning of each execution; one thread reads at a time. An error of
  // the reader becomes the query's.
  virtual arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> Open() = 0;
  // What is done to each batch, or part of one, before its rows are read. Called by
  // several threads at a time.
  virtual arrow::Status Check(const arrow::RecordBatch&) { return arrow::Status::OK(); }
  // How many rows a thread takes at a time, whatever batches they come in; 0 stands for a
  // batch. A table is written best in pieces of kRowGroupRows: of pieces that are no
  // whole row groups DuckDB copies every row once more to make some.
  virtual int64_t rows_at_once() const { return 0; }
};

inline constexpr int64_t kRowGroupRows = DEFAULT_ROW_GROUP_SIZE;

// pinion_stream(): the rows of a source that is given with the call, not by any argument;
// SQL text cannot name one. They are converted side by side and keep their order.
duckdb::TableFunction StreamFunction();

// A call of it.
duckdb::unique_ptr<duckdb::TableRef> StreamCall(std::shared_ptr<StreamSource> source);

}  // namespace pinion::engine::duck
