#pragma once

#include <cstdint>
#include <memory>

#include <arrow/array/data.h>
#include <arrow/type.h>
#include <duckdb/common/types.hpp>
#include <duckdb/common/types/vector.hpp>

#include "base/recycling_pool.h"

namespace pinion::engine::duck {

// Gathers the values of one column of a result and makes Arrow arrays of them.
//
// Not thread-safe. DuckDB's own appender does the same value by value; results spend
// enough of their time here to have loops made for each layout.
class ColumnWriter {
 public:
  virtual ~ColumnWriter() = default;

  // How many bytes the rows of `values` take in Arrow, about.
  virtual int64_t EstimateBytes(const duckdb::Vector& values,
                                duckdb::idx_t count) const = 0;

  // Copies the rows [from, to) of `values`, which has `count`. Throws when a value does
  // not fit.
  virtual void Append(const duckdb::Vector& values, duckdb::idx_t from, duckdb::idx_t to,
                      duckdb::idx_t count) = 0;

  // The bytes of the rows copied since the last array.
  virtual int64_t bytes() const = 0;

  // The array of those rows; the next one is expected to be as large.
  virtual std::shared_ptr<arrow::ArrayData> Finish() = 0;
};

// `type` is a cast_type of WireTypeOf and `arrow_type` its Arrow type. Arrays keep the
// pool alive.
std::unique_ptr<ColumnWriter> MakeColumnWriter(
    const duckdb::LogicalType& type, const std::shared_ptr<arrow::DataType>& arrow_type,
    const std::shared_ptr<base::RecyclingPool>& pool);

}  // namespace pinion::engine::duck
