#include "engine/engine.h"

#include <utility>

#include "engine/duckdb/duck_engine.h"

namespace pinion::engine {

arrow::Result<std::unique_ptr<Engine>> Engine::Create(
    const EngineOptions& options, std::shared_ptr<data::Catalog> catalog) {
  return duck::CreateEngine(options, std::move(catalog));
}

}  // namespace pinion::engine
