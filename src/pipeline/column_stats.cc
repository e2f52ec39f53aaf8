#include "pipeline/column_stats.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <utility>

#include <arrow/array/array_nested.h>
#include <arrow/scalar.h>

#include "pipeline/column_scan.h"

namespace pinion::pipeline {

namespace {

// -1, 0 or 1 is not needed: only whether `a` comes first. NaN comes last.
bool Before(const ColumnStats::Value& a, const ColumnStats::Value& b) {
  if (const double* number = std::get_if<double>(&a)) {
    return std::isnan(std::get<double>(b)) ? !std::isnan(*number)
                                           : *number < std::get<double>(b);
  }
  return a < b;
}

std::string FloatText(double value) {
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.17g", value);
  for (int digits = 1; digits < 17; ++digits) {
    std::array<char, 64> shorter;
    std::snprintf(shorter.data(), shorter.size(), "%.*g", digits, value);
    if (std::strtod(shorter.data(), nullptr) == value) return shorter.data();
  }
  return text.data();
}

arrow::Status AppendStats(const std::string& name,
                          const std::shared_ptr<arrow::Array>& array, TableStats* stats) {
  if (array->type_id() == arrow::Type::STRUCT && array->type()->num_fields() > 0) {
    const auto& fields = static_cast<const arrow::StructArray&>(*array);
    // With the nulls of the struct itself.
    ARROW_ASSIGN_OR_RAISE(auto children, fields.Flatten());
    for (int i = 0; i < array->type()->num_fields(); ++i) {
      ARROW_RETURN_NOT_OK(AppendStats(name + "." + array->type()->field(i)->name(),
                                      children[static_cast<size_t>(i)], stats));
    }
    return arrow::Status::OK();
  }
  stats->emplace_back(name, array->type());
  return ColumnScan(&stats->back()).Scan(*array);
}

}  // namespace

void Moments::Merge(const Moments& other) {
  if (other.count == 0) return;
  const auto mine = static_cast<double>(count);
  const auto theirs = static_cast<double>(other.count);
  const double distance = other.mean - mean;
  count += other.count;
  const auto total = static_cast<double>(count);
  mean += distance * theirs / total;
  squares += other.squares + distance * distance * mine * theirs / total;
}

std::optional<double> ColumnStats::mean() const {
  if (!moments_ || moments_->count == 0) return std::nullopt;
  return moments_->mean;
}

std::optional<double> ColumnStats::stddev() const {
  if (!moments_ || moments_->count < 2) return std::nullopt;
  return std::sqrt(moments_->squares / static_cast<double>(moments_->count - 1));
}

std::optional<int64_t> ColumnStats::ApproxDistinct() const {
  if (!sketch_) return std::nullopt;
  return std::min(sketch_->Estimate(), count_);
}

std::optional<std::string> ColumnStats::Text(const Value& value) const {
  if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
  if (const bool* flag = std::get_if<bool>(&value)) return *flag ? "true" : "false";
  if (const double* number = std::get_if<double>(&value)) return FloatText(*number);
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<uint64_t>(&value)) return std::to_string(*number);
  if (const auto* decimal = std::get_if<arrow::Decimal256>(&value)) {
    return decimal->ToString(static_cast<const arrow::DecimalType&>(*type_).scale());
  }
  const int64_t number = std::get<int64_t>(value);
  if (arrow::is_integer(type_->id())) return std::to_string(number);
  // Dates and times.
  const auto scalar = arrow::MakeScalar(arrow::int64(), number).ValueOrDie();
  const auto dated = scalar->CastTo(type_);
  return dated.ok() ? (*dated)->ToString() : std::to_string(number);
}

void ColumnStats::Merge(const ColumnStats& other) {
  count_ += other.count_;
  nulls_ += other.nulls_;
  const bool empty = std::holds_alternative<std::monostate>(min_);
  if (!std::holds_alternative<std::monostate>(other.min_)) {
    if (empty || Before(other.min_, min_)) min_ = other.min_;
    const bool nan =
        std::holds_alternative<double>(max_) && std::isnan(std::get<double>(max_));
    const bool other_nan = std::holds_alternative<double>(other.max_) &&
                           std::isnan(std::get<double>(other.max_));
    if (empty || nan || (!other_nan && Before(max_, other.max_))) max_ = other.max_;
  }
  if (other.moments_) {
    if (!moments_) moments_.emplace();
    moments_->Merge(*other.moments_);
  }
  if (other.sketch_) {
    if (!sketch_) sketch_.emplace();
    sketch_->Merge(*other.sketch_);
  }
}

arrow::Result<TableStats> StatsOf(const arrow::RecordBatch& batch) {
  TableStats stats;
  for (int i = 0; i < batch.num_columns(); ++i) {
    ARROW_RETURN_NOT_OK(AppendStats(batch.column_name(i), batch.column(i), &stats));
  }
  return stats;
}

void MergeStats(const TableStats& from, TableStats* into) {
  if (into->empty()) {
    *into = from;
    return;
  }
  for (size_t i = 0; i < from.size(); ++i) (*into)[i].Merge(from[i]);
}

}  // namespace pinion::pipeline
