#pragma once

#include <string>
#include <vector>

#include <arrow/record_batch.h>

namespace pinion::tests {

// Batches of one schema, under a name for test output.
struct TypedBatches {
  std::string name;
  std::shared_ptr<arrow::Schema> schema;
  arrow::RecordBatchVector batches;
};

// Every kind of column layout that Arrow has, several columns each, with nulls, empty
// batches and sliced ones; dictionaries stay the same from batch to batch.
std::vector<TypedBatches> AllLayouts();

// One column of each layout of AllLayouts in a single table, for projections.
TypedBatches WideTable();

}  // namespace pinion::tests
