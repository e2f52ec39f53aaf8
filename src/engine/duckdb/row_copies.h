#pragma once

#include <cstdint>
#include <memory>

#include <arrow/array/array_base.h>
#include <arrow/result.h>
#include <arrow/type.h>

namespace pinion::engine::duck {

// Copies of rows of columns that DuckDB cannot read where they lie: the buffers of a
// message that came over the wire are not aligned, and decimals of 128 bits are wider
// than DuckDB's. Copied a few rows at a time, they are still in the core's cache when
// DuckDB reads them, in memory that was used for the rows before; of a whole batch they
// would be fresh pages.
inline constexpr int64_t kRowsPerCopy = 8192;

// Whether rows of a type can be copied to be read as `to`: their own type if they have no
// arrays below, or for decimals of 128 bits one of 64 or 32.
bool CanCopyRows(const arrow::DataType& from, const arrow::DataType& to);

// Whether those of this column can, and have to.
bool NeedsRowCopies(const arrow::Array& column, const arrow::DataType& to);

// The same rows, in as much memory as they need. Fails for a decimal with more digits
// than `to` has room for.
arrow::Result<std::shared_ptr<arrow::Array>> CopyRows(
    const arrow::Array& rows, const std::shared_ptr<arrow::DataType>& to);

}  // namespace pinion::engine::duck
