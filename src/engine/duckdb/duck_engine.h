#pragma once

#include <memory>

#include "engine/engine.h"

namespace pinion::engine::duck {

// DuckDB behind the interface of engine/; see Engine::Create.
arrow::Result<std::unique_ptr<Engine>> CreateEngine(
    const EngineOptions& options, std::shared_ptr<data::Catalog> catalog);

}  // namespace pinion::engine::duck
