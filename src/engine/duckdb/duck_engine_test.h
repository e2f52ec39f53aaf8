// What the tests of DuckDB's own behaviour share.
#pragma once

#include <memory>
#include <string>

#include <arrow/table.h>

#include "engine/engine_test.h"

namespace pinion::engine::duck {

class DuckEngineTest : public EngineTest {
 protected:
  std::string Plan(const std::string& sql) {
    auto table = Query("EXPLAIN " + sql);
    if (!table.ok()) return table.status().ToString();
    return (*table)->column(1)->GetScalar(0).ValueOrDie()->ToString();
  }
};

}  // namespace pinion::engine::duck
