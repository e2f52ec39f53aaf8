#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/status.h>

#include "data/dataset.h"

namespace pinion::engine {

// A result that is nothing but columns and rows of one dataset, as they lie in its file.
// It is read like any other; or whoever sends it takes those from the dataset, in
// whatever form it has them, and does not read it, but says so by Pass.
//
// The values have the result's schema: its types are those of the dataset in all that
// matters in memory. Names, nullability and metadata may differ, and are the schema's.
//
// Used by one thread at a time.
class DatasetRows : public arrow::RecordBatchReader {
 public:
  struct Selection {
    std::shared_ptr<const data::Dataset> dataset;
    // Each at most once, and none that is a dictionary.
    std::vector<int> columns;
    // Of the whole dataset.
    data::RowRange rows;
  };

  virtual const Selection& selection() const = 0;

  // Counts rows that were taken from the dataset, as progress. Fails, as reading would,
  // when the result has been stopped or its time is over: they must not be sent then.
  virtual arrow::Status Pass(std::int64_t rows) = 0;
};

}  // namespace pinion::engine
