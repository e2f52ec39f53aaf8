#pragma once

#include <memory>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <duckdb/function/table_function.hpp>
#include <duckdb/parser/tableref.hpp>

namespace pinion::engine::duck {

// Where pinion_stream gets its rows from. Shared by the plan and its caller.
class StreamSource {
 public:
  virtual ~StreamSource() = default;
  virtual std::shared_ptr<arrow::Schema> schema() const = 0;
  // Called at the beginning of each execution; one thread reads at a time. An error of
  // the reader becomes the query's.
  virtual arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> Open() = 0;
};

// pinion_stream(): the rows of a source that is given with the call, not by any argument;
// SQL text cannot name one. Its batches are converted side by side and keep their order.
duckdb::TableFunction StreamFunction();

// A call of it.
duckdb::unique_ptr<duckdb::TableRef> StreamCall(std::shared_ptr<StreamSource> source);

}  // namespace pinion::engine::duck
