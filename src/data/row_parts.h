#pragma once

#include <cstdint>
#include <vector>

#include <arrow/result.h>

#include "data/dataset.h"

namespace pinion::data {

// Whole batches, or some rows of one.
struct RowPart {
  int64_t first_batch = 0;
  int64_t num_batches = 0;
  // All if `is_cut` is false.
  RowRange rows = {};
  bool is_cut = false;
};

// The batches in which `rows` of those that `options` ask for lie, in order: at most one
// that is cut at its beginning, some that are whole, and one that is cut at its end.
//
// Reads headers up to the last of the rows if they are not all that follow.
// NotImplemented where headers do not tell.
arrow::Result<std::vector<RowPart>> FindRows(const Dataset& dataset,
                                             const ReadOptions& options,
                                             const RowRange& rows);

}  // namespace pinion::data
