#pragma once

#include <cstdint>

#include <duckdb.hpp>

namespace pinion::engine::duck {

// The rows of the largest table or file that a statement reads, by what DuckDB knows of
// them before it runs; 0 where it knows nothing, or the statement cannot be bound.
int64_t LargestScan(duckdb::ClientContext& context,
                    const duckdb::SQLStatement& statement);

}  // namespace pinion::engine::duck
