#include "engine/duckdb/scan_filters.h"

#include <algorithm>
#include <utility>

#include <duckdb/storage/table/column_segment.hpp>

namespace pinion::engine::duck {

ScanFilters::ScanFilters(duckdb::ClientContext& context,
                         const duckdb::TableFilterSet* filters,
                         const std::vector<size_t>& columns)
    : context_(context) {
  if (filters == nullptr) return;
  for (const auto& entry : *filters) {
    const auto place = std::find(columns.begin(), columns.end(), entry.GetIndex());
    const auto& filter = duckdb::ExpressionFilter::GetExpressionFilter(
        entry.Filter(), "a scan of a dataset");
    filters_.push_back({&filter, duckdb::TableFilterState::Initialize(context, filter),
                        static_cast<size_t>(place - columns.begin())});
  }
  // Who fails sees only the rows that the others let pass, and the order stays.
  const auto failing = std::stable_partition(
      filters_.begin(), filters_.end(),
      [](const Filter& filter) { return !filter.filter->expr->CanThrow(); });
  if (failing == filters_.end() && filters_.size() > 1) order_.emplace(*filters);
}

std::vector<size_t> ScanFilters::FilteredColumns(const duckdb::TableFilterSet* filters) {
  std::vector<size_t> columns;
  if (filters == nullptr) return columns;
  if (filters->HasMultiColumnFilters()) {
    throw duckdb::InternalException("a filter of several columns at once");
  }
  for (const auto& entry : *filters) columns.push_back(entry.GetIndex());
  return columns;
}

bool ScanFilters::MayPass(RangeStatistics& statistics, int64_t range,
                          const std::vector<duckdb::column_t>& ids,
                          const duckdb::vector<duckdb::LogicalType>& types) const {
  return std::none_of(filters_.begin(), filters_.end(), [&](const Filter& filter) {
    const auto known = statistics.Find(range, ids[filter.column]);
    if (known == nullptr) return false;
    const auto of_range = known->ToStatistics(types[filter.column]);
    if (of_range == nullptr) return false;
    const auto result = filter.filter->CheckStatistics(context_, *of_range);
    return result == duckdb::FilterPropagateResult::FILTER_ALWAYS_FALSE ||
           result == duckdb::FilterPropagateResult::FILTER_FALSE_OR_NULL;
  });
}

duckdb::idx_t ScanFilters::Select(duckdb::DataChunk& chunk,
                                  duckdb::SelectionVector* rows) {
  const duckdb::idx_t count = chunk.size();
  duckdb::idx_t passing = count;
  *rows = duckdb::SelectionVector();
  const auto started = order_ ? order_->BeginFilter() : duckdb::AdaptiveFilterState{};
  for (size_t i = 0; i < filters_.size() && passing > 0; ++i) {
    auto& filter = filters_[order_ ? order_->GetPermutation()[i] : i];
    duckdb::ColumnSegment::FilterSelection(*rows, chunk.data[filter.column],
                                           *filter.state, count, passing);
  }
  if (order_) order_->EndFilter(started);
  return passing;
}

}  // namespace pinion::engine::duck
