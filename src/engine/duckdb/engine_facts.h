#pragma once

#include <arrow/result.h>
#include <duckdb.hpp>

#include "engine/engine.h"
#include "engine/engine_info.h"

namespace pinion::engine::duck {

// What this build of DuckDB says about itself.
arrow::Result<EngineInfo> ReadEngineInfo(duckdb::Connection& connection,
                                         const EngineOptions& options);

}  // namespace pinion::engine::duck
