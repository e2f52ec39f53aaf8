#include "engine/duckdb/range_statistics.h"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include <duckdb/storage/statistics/numeric_stats.hpp>
#include <duckdb/storage/statistics/string_stats.hpp>

namespace pinion::engine::duck {
namespace {

using duckdb::PhysicalType;

// Longer texts are not worth their memory.
constexpr size_t kMaxTextBytes = 256;

// The rows of the smallest and the largest value of a vector.
struct Extremes {
  std::optional<duckdb::idx_t> min_row;
  std::optional<duckdb::idx_t> max_row;
  bool has_null = false;
  bool unordered = false;
};

// Where there is neither NULL nor NaN: fast, for it looks at all that is read.
template <typename T>
Extremes FindExtremes(const T* values, duckdb::idx_t count) {
  T min = values[0];
  T max = values[0];
  for (duckdb::idx_t row = 1; row < count; ++row) {
    min = std::min(min, values[row]);
    max = std::max(max, values[row]);
  }
  Extremes found;
  found.min_row = std::find(values, values + count, min) - values;
  found.max_row = std::find(values, values + count, max) - values;
  return found;
}

template <typename T>
Extremes FindExtremes(const duckdb::Vector& vector, duckdb::idx_t count) {
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(format);
  const auto* values = duckdb::UnifiedVectorFormat::GetData<T>(format);
  if constexpr (std::is_integral_v<T>) {
    if (!format.sel->IsSet() && !format.validity.CanHaveNull() && count > 0) {
      return FindExtremes(values, count);
    }
  }
  Extremes found;
  const T* min = nullptr;
  const T* max = nullptr;
  for (duckdb::idx_t row = 0; row < count; ++row) {
    const auto at = format.sel->get_index(row);
    if (!format.validity.RowIsValid(at)) {
      found.has_null = true;
      continue;
    }
    const T& value = values[at];
    if constexpr (std::is_floating_point_v<T>) {
      if (std::isnan(value)) {
        found.unordered = true;
        return found;
      }
    }
    if (min == nullptr || value < *min) {
      min = &value;
      found.min_row = row;
    }
    if (max == nullptr || value > *max) {
      max = &value;
      found.max_row = row;
    }
  }
  return found;
}

Extremes FindExtremes(const duckdb::Vector& vector, duckdb::idx_t count) {
  switch (vector.GetType().InternalType()) {
    case PhysicalType::INT8:
      return FindExtremes<int8_t>(vector, count);
    case PhysicalType::INT16:
      return FindExtremes<int16_t>(vector, count);
    case PhysicalType::INT32:
      return FindExtremes<int32_t>(vector, count);
    case PhysicalType::INT64:
      return FindExtremes<int64_t>(vector, count);
    case PhysicalType::UINT8:
      return FindExtremes<uint8_t>(vector, count);
    case PhysicalType::UINT16:
      return FindExtremes<uint16_t>(vector, count);
    case PhysicalType::UINT32:
      return FindExtremes<uint32_t>(vector, count);
    case PhysicalType::UINT64:
      return FindExtremes<uint64_t>(vector, count);
    case PhysicalType::INT128:
      return FindExtremes<duckdb::hugeint_t>(vector, count);
    case PhysicalType::FLOAT:
      return FindExtremes<float>(vector, count);
    case PhysicalType::DOUBLE:
      return FindExtremes<double>(vector, count);
    case PhysicalType::VARCHAR:
      return FindExtremes<duckdb::string_t>(vector, count);
    default: {
      Extremes none;
      none.unordered = true;
      return none;
    }
  }
}

bool IsLong(const duckdb::Value& value) {
  return value.type().InternalType() == PhysicalType::VARCHAR &&
         duckdb::StringValue::Get(value).size() > kMaxTextBytes;
}

}  // namespace

bool MinMax::Supports(const duckdb::LogicalType& type) {
  switch (type.id()) {
    case duckdb::LogicalTypeId::TINYINT:
    case duckdb::LogicalTypeId::SMALLINT:
    case duckdb::LogicalTypeId::INTEGER:
    case duckdb::LogicalTypeId::BIGINT:
    case duckdb::LogicalTypeId::UTINYINT:
    case duckdb::LogicalTypeId::USMALLINT:
    case duckdb::LogicalTypeId::UINTEGER:
    case duckdb::LogicalTypeId::UBIGINT:
    case duckdb::LogicalTypeId::FLOAT:
    case duckdb::LogicalTypeId::DOUBLE:
    case duckdb::LogicalTypeId::DECIMAL:
    case duckdb::LogicalTypeId::DATE:
    case duckdb::LogicalTypeId::TIME:
    case duckdb::LogicalTypeId::TIMESTAMP:
    case duckdb::LogicalTypeId::TIMESTAMP_SEC:
    case duckdb::LogicalTypeId::TIMESTAMP_MS:
    case duckdb::LogicalTypeId::TIMESTAMP_NS:
    case duckdb::LogicalTypeId::TIMESTAMP_TZ:
      return true;
    case duckdb::LogicalTypeId::VARCHAR:
      // Another collation orders otherwise.
      return duckdb::StringType::GetCollation(type).empty();
    default:
      return false;
  }
}

bool MinMax::IsCheap(const duckdb::LogicalType& type) {
  if (!Supports(type)) return false;
  switch (type.InternalType()) {
    case PhysicalType::INT8:
    case PhysicalType::INT16:
    case PhysicalType::INT32:
    case PhysicalType::INT64:
    case PhysicalType::UINT8:
    case PhysicalType::UINT16:
    case PhysicalType::UINT32:
    case PhysicalType::UINT64:
      return true;
    default:
      return false;
  }
}

void MinMax::Add(const duckdb::Vector& vector, duckdb::idx_t count) {
  if (unknown_) return;
  const auto found = FindExtremes(vector, count);
  unknown_ |= found.unordered;
  has_null_ |= found.has_null;
  if (unknown_ || !found.min_row) return;
  Add(vector.GetValue(*found.min_row), vector.GetValue(*found.max_row));
}

void MinMax::Add(duckdb::Value min, duckdb::Value max) {
  unknown_ |= IsLong(min) || IsLong(max);
  if (!min_ || min < *min_) min_ = std::move(min);
  if (!max_ || max > *max_) max_ = std::move(max);
}

void MinMax::Merge(const MinMax& other) {
  unknown_ |= other.unknown_;
  has_null_ |= other.has_null_;
  if (other.min_) Add(*other.min_, *other.max_);
}

duckdb::unique_ptr<duckdb::BaseStatistics> MinMax::ToStatistics(
    const duckdb::LogicalType& type) const {
  // Of no rows at all there is nothing that the optimizer would believe.
  if (unknown_ || (!min_ && !has_null_)) return nullptr;
  auto statistics = duckdb::BaseStatistics::CreateUnknown(type);
  if (!has_null_) statistics.Set(duckdb::StatsInfo::CANNOT_HAVE_NULL_VALUES);
  if (!min_) {
    statistics.Set(duckdb::StatsInfo::CANNOT_HAVE_VALID_VALUES);
  } else if (statistics.GetStatsType() == duckdb::StatisticsType::NUMERIC_STATS) {
    duckdb::NumericStats::SetMin(statistics, *min_);
    duckdb::NumericStats::SetMax(statistics, *max_);
  } else if (statistics.GetStatsType() == duckdb::StatisticsType::STRING_STATS) {
    constexpr auto kExact = duckdb::StringStatsType::EXACT_STATS;
    duckdb::StringStats::SetMin(statistics, duckdb::StringValue::Get(*min_), kExact);
    duckdb::StringStats::SetMax(statistics, duckdb::StringValue::Get(*max_), kExact);
  }
  return statistics.ToUnique();
}

std::shared_ptr<const MinMax> RangeStatistics::Find(int64_t range,
                                                    duckdb::column_t column) {
  base::MutexLock lock(mutex_);
  const auto it = columns_.find(column);
  return it == columns_.end() ? nullptr
                              : it->second.ranges.at(static_cast<size_t>(range));
}

void RangeStatistics::Set(int64_t range, duckdb::column_t column,
                          std::shared_ptr<const MinMax> found) {
  base::MutexLock lock(mutex_);
  auto& of_column = columns_[column];
  of_column.ranges.resize(ranges_);
  auto& known = of_column.ranges.at(static_cast<size_t>(range));
  if (known != nullptr) return;
  known = std::move(found);
  ++of_column.known;
  of_column.whole.Merge(*known);
}

std::optional<MinMax> RangeStatistics::Whole(duckdb::column_t column) {
  base::MutexLock lock(mutex_);
  const auto it = columns_.find(column);
  if (it == columns_.end() || it->second.known < ranges_) return std::nullopt;
  return it->second.whole;
}

std::shared_ptr<RangeStatistics> StatisticsOfDatasets::Of(
    const std::shared_ptr<const data::Dataset>& dataset, int64_t ranges) {
  base::MutexLock lock(mutex_);
  std::erase_if(datasets_, [](const auto& entry) { return entry.first.expired(); });
  auto& statistics = datasets_[dataset];
  if (statistics == nullptr) statistics = std::make_shared<RangeStatistics>(ranges);
  return statistics;
}

}  // namespace pinion::engine::duck
