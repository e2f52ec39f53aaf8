#pragma once

#include <memory>

#include <arrow/array.h>
#include <arrow/status.h>

#include "pipeline/column_stats.h"

namespace pinion::pipeline {

// Reads the values of one array into statistics: in blocks that stay in the cache, of
// which the nulls are dropped first, so that the loops over the values have no branches.
class ColumnScan {
 public:
  explicit ColumnScan(ColumnStats* stats) : stats_(*stats) {}

  arrow::Status Scan(const arrow::Array& array);

 private:
  template <typename Physical, typename Wide>
  void Numbers(const arrow::Array& array, bool moments);
  void Booleans(const arrow::Array& array);
  template <typename ArrayType>
  void Strings(const ArrayType& array);
  arrow::Status Decimals(const arrow::Array& array);
  arrow::Status Dictionary(const arrow::Array& array);

  ColumnStats& stats_;
};

}  // namespace pinion::pipeline
