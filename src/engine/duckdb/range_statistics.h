#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/common/types/value.hpp>
#include <duckdb/storage/statistics/base_statistics.hpp>

#include "base/mutex.h"
#include "data/dataset.h"

namespace pinion::engine::duck {

// The smallest and largest value of a column in a part of a dataset. Grows by the chunks
// that are scanned. Not thread-safe.
class MinMax {
 public:
  // Columns of other types have no MinMax.
  static bool Supports(const duckdb::LogicalType& type);
  // Whether it costs next to nothing.
  static bool IsCheap(const duckdb::LogicalType& type);

  void Add(const duckdb::Vector& vector, duckdb::idx_t count);
  void Merge(const MinMax& other);

  // In DuckDB's words; null if it says nothing about a column of `type`.
  duckdb::unique_ptr<duckdb::BaseStatistics> ToStatistics(
      const duckdb::LogicalType& type) const;

 private:
  void Add(duckdb::Value min, duckdb::Value max);

  // Unset while all values are NULL.
  std::optional<duckdb::Value> min_;
  std::optional<duckdb::Value> max_;
  bool has_null_ = false;
  // A value without order (NaN) or too long to keep was seen.
  bool unknown_ = false;
};

// What scans have found out about one dataset, which is read in `ranges` parts.
// Thread-safe.
class RangeStatistics {
 public:
  explicit RangeStatistics(int64_t ranges) : ranges_(static_cast<size_t>(ranges)) {}

  // Null if not known yet.
  std::shared_ptr<const MinMax> Find(int64_t range, duckdb::column_t column)
      PINION_EXCLUDES(mutex_);
  void Set(int64_t range, duckdb::column_t column, std::shared_ptr<const MinMax> found)
      PINION_EXCLUDES(mutex_);

  // Of all ranges; unset unless all are known.
  std::optional<MinMax> Whole(duckdb::column_t column) PINION_EXCLUDES(mutex_);

 private:
  struct Column {
    std::vector<std::shared_ptr<const MinMax>> ranges;
    size_t known = 0;
    MinMax whole;  // of those that are known
  };

  const size_t ranges_;
  base::Mutex mutex_;
  std::map<duckdb::column_t, Column> columns_ PINION_GUARDED_BY(mutex_);
};

// The statistics of all datasets that were scanned and still exist. Thread-safe.
class StatisticsOfDatasets {
 public:
  // `ranges` is the same whenever the dataset is.
  std::shared_ptr<RangeStatistics> Of(const std::shared_ptr<const data::Dataset>& dataset,
                                      int64_t ranges) PINION_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  std::map<std::weak_ptr<const data::Dataset>, std::shared_ptr<RangeStatistics>,
           std::owner_less<>>
      datasets_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::engine::duck
