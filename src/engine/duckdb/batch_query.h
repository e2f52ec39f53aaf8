#pragma once

#include <memory>
#include <string>

#include <arrow/result.h>
#include <arrow/type.h>

#include "engine/batch_query.h"

namespace pinion::engine::duck {

// DuckDB behind engine::BatchQuery, with a database of its own that has no threads.
arrow::Result<std::unique_ptr<BatchQuery>> CreateBatchQuery(
    const std::string& sql, const std::shared_ptr<arrow::Schema>& schema);

}  // namespace pinion::engine::duck
