#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <duckdb/common/enums/expression_type.hpp>
#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/common/types/value.hpp>
#include <duckdb/planner/expression.hpp>
#include <duckdb/planner/operator/logical_get.hpp>

#include "base/mutex.h"
#include "data/dataset.h"

namespace pinion::engine::duck {

// The smallest and largest value of a column in a part of a dataset. Grows by the chunks
// that are scanned. Not thread-safe.
class MinMax {
 public:
  // Columns of other types have no MinMax.
  static bool Supports(const duckdb::LogicalType& type);

  void Add(const duckdb::Vector& vector, duckdb::idx_t count);

  // Whether some value in it may compare so with `constant`, which has the column's type.
  bool MayHold(duckdb::ExpressionType comparison, const duckdb::Value& constant) const;

 private:
  // Unset while all values are NULL.
  std::optional<duckdb::Value> min_;
  std::optional<duckdb::Value> max_;
  // A value without order (NaN) or too long to keep was seen.
  bool unknown_ = false;
};

// What scans have found out about the ranges of one dataset. Thread-safe.
class RangeStatistics {
 public:
  // Null if not known yet.
  std::shared_ptr<const MinMax> Find(int64_t range, duckdb::column_t column)
      PINION_EXCLUDES(mutex_);
  void Set(int64_t range, duckdb::column_t column, std::shared_ptr<const MinMax> found)
      PINION_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  std::map<std::pair<int64_t, duckdb::column_t>, std::shared_ptr<const MinMax>> found_
      PINION_GUARDED_BY(mutex_);
};

// The statistics of all datasets that were scanned and still exist. Thread-safe.
class StatisticsOfDatasets {
 public:
  std::shared_ptr<RangeStatistics> Of(const std::shared_ptr<const data::Dataset>& dataset)
      PINION_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  std::map<std::weak_ptr<const data::Dataset>, std::shared_ptr<RangeStatistics>,
           std::owner_less<>>
      datasets_ PINION_GUARDED_BY(mutex_);
};

// A filter of the form column = constant, or with another comparison.
struct ColumnComparison {
  duckdb::column_t column = 0;
  duckdb::ExpressionType type = duckdb::ExpressionType::COMPARE_EQUAL;
  duckdb::Value constant;
};

// Those that each row of the scan must fulfil to pass `filter`; what else it demands is
// left out.
std::vector<ColumnComparison> ComparisonsOf(const duckdb::Expression& filter,
                                            const duckdb::LogicalGet& scan);

}  // namespace pinion::engine::duck
