#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/common/types/selection_vector.hpp>
#include <duckdb/execution/adaptive_filter.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/planner/filter/expression_filter.hpp>
#include <duckdb/planner/table_filter_set.hpp>
#include <duckdb/planner/table_filter_state.hpp>

#include "engine/duckdb/range_statistics.h"

namespace pinion::engine::duck {

// The filters that DuckDB leaves to a scan, as one of its threads applies them: those of
// the query, and what joins and the largest values found so far rule out while the query
// runs. Not thread-safe; refers to the set of filters, which may be null.
class ScanFilters {
 public:
  // `columns` says which columns the chunks to filter consist of, by their place among
  // those that DuckDB asks for: all that have a filter.
  ScanFilters(duckdb::ClientContext& context, const duckdb::TableFilterSet* filters,
              const std::vector<size_t>& columns);

  // Those places, in order.
  static std::vector<size_t> FilteredColumns(const duckdb::TableFilterSet* filters);

  // Whether a row of a range may pass, by what is known of the range. `ids` and `types`
  // are those of the chunks' columns.
  bool MayPass(RangeStatistics& statistics, int64_t range,
               const std::vector<duckdb::column_t>& ids,
               const duckdb::vector<duckdb::LogicalType>& types) const;

  // How many rows of the chunk pass. They are selected by `rows`, which stays unset if
  // all do, and is good until the next call.
  duckdb::idx_t Select(duckdb::DataChunk& chunk, duckdb::SelectionVector* rows);

 private:
  struct Filter {
    const duckdb::ExpressionFilter* filter;
    duckdb::unique_ptr<duckdb::TableFilterState> state;
    size_t column;  // in the chunks
  };

  duckdb::ClientContext& context_;
  std::vector<Filter> filters_;
  // Finds out which order is the fastest.
  std::optional<duckdb::AdaptiveFilter> order_;
};

}  // namespace pinion::engine::duck
