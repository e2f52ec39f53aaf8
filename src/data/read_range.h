#pragma once

#include <cstdint>
#include <vector>

#include <arrow/result.h>

#include "data/dataset.h"

namespace pinion::data {

// ReadOptions with everything stated.
struct ReadRange {
  std::vector<int> columns;
  bool all_columns = true;  // in the order of the schema
  int64_t first_batch = 0;
  int64_t end_batch = 0;
  bool use_threads = true;
};

// Invalid, saying what is there, if the options ask for what is not.
arrow::Result<ReadRange> ResolveRange(const Dataset& dataset, const ReadOptions& options);

// The selected fields, with the schema's metadata.
std::shared_ptr<arrow::Schema> SelectFields(const arrow::Schema& schema,
                                            const std::vector<int>& columns);

}  // namespace pinion::data
