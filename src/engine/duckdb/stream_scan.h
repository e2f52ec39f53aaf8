#pragma once

#include <memory>

#include <arrow/record_batch.h>
#include <duckdb/function/table_function.hpp>
#include <duckdb/parser/tableref.hpp>

#include "engine/statement.h"

namespace pinion::engine::duck {

// pinion_stream(): the rows of a reader that is given with the call, not by any argument;
// SQL text cannot name one. The reader is read once, by one thread at a time; converting
// its batches goes on side by side.
duckdb::TableFunction StreamFunction();

// A call of it that reads `source`. An error of the source becomes the query's. Adds the
// rows read to `progress`, if given.
duckdb::unique_ptr<duckdb::TableRef> StreamCall(
    std::shared_ptr<arrow::RecordBatchReader> source, std::shared_ptr<Progress> progress);

}  // namespace pinion::engine::duck
