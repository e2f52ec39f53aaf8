#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include "pipeline/distinct_sketch.h"

namespace pinion::pipeline {

// How numbers vary, such that parts can be merged.
struct Moments {
  int64_t count = 0;
  double mean = 0;
  double squares = 0;  // of the distances from the mean

  void Merge(const Moments& other);
};

// What is known of the values of one column: of one batch, or merged of many. A value.
class ColumnStats {
 public:
  explicit ColumnStats(std::string name, std::shared_ptr<arrow::DataType> type)
      : name_(std::move(name)), type_(std::move(type)) {}

  const std::string& name() const { return name_; }
  const std::shared_ptr<arrow::DataType>& type() const { return type_; }
  // Values that are not null.
  int64_t count() const { return count_; }
  int64_t nulls() const { return nulls_; }

  // As text; none where there were no values or the type has no order that makes sense
  // here (lists, maps). NaN counts only if there is nothing else.
  std::optional<std::string> MinText() const { return Text(min_); }
  std::optional<std::string> MaxText() const { return Text(max_); }
  // Of numbers. Booleans count as 0 and 1.
  std::optional<double> mean() const;
  // Of the sample (n - 1); none for fewer than two values.
  std::optional<double> stddev() const;
  std::optional<int64_t> ApproxDistinct() const;

  void Merge(const ColumnStats& other);

  // In a type that holds all values of the column's; dates and times as their integers.
  using Value = std::variant<std::monostate, bool, int64_t, uint64_t, double,
                             arrow::Decimal256, std::string>;

 private:
  friend class ColumnScan;

  std::optional<std::string> Text(const Value& value) const;

  std::string name_;
  std::shared_ptr<arrow::DataType> type_;
  int64_t count_ = 0;
  int64_t nulls_ = 0;
  Value min_;
  Value max_;
  std::optional<Moments> moments_;
  std::optional<DistinctSketch> sketch_;
};

// The statistics of all columns of a batch. The fields of a struct are columns of their
// own, named "metadata.dept".
using TableStats = std::vector<ColumnStats>;

arrow::Result<TableStats> StatsOf(const arrow::RecordBatch& batch);
// Both must be of the same schema; an empty `into` takes that of `from`.
void MergeStats(const TableStats& from, TableStats* into);

}  // namespace pinion::pipeline
