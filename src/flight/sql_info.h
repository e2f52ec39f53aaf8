#pragma once

#include <chrono>

#include <arrow/flight/sql/types.h>

#include "engine/engine_info.h"

namespace pinion::flight {

// What SqlInfo says beyond the engine.
struct SqlInfoServer {
  bool read_only = false;
  // How long handles live that nobody uses.
  std::chrono::milliseconds prepared_statement_timeout{0};
  std::chrono::milliseconds transaction_timeout{0};
};

// The values of all SqlInfo codes, true of this engine as it is served, each of the type
// that the strictest client casts it to. A code is missing where only null would be true
// (the Substrait versions): the union of values has no null.
arrow::flight::sql::SqlInfoResultMap MakeSqlInfo(const engine::EngineInfo& engine,
                                                 const SqlInfoServer& server);

}  // namespace pinion::flight
