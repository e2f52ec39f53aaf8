#pragma once

#include <string_view>
#include <type_traits>
#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>
#include <duckdb/common/error_data.hpp>

#include "base/mutex.h"
#include "engine/error.h"

namespace pinion::engine::duck {

// An error of DuckDB's as a status with an ErrorDetail: one line without its excerpt of
// the text, which becomes the position in `sql`, the text that the client sent.
arrow::Status ToStatus(const duckdb::ErrorData& error, std::string_view sql = {});

// Runs `body`, which returns a Status or a Result, and makes a status of what it throws.
// Every call of DuckDB's that may throw is made below one of these.
template <typename Body>
PINION_NO_THREAD_SAFETY_ANALYSIS std::invoke_result_t<Body> Guard(
    Body&& body, std::string_view sql = {}) {
  try {
    return std::forward<Body>(body)();
  } catch (const std::exception& e) {
    return ToStatus(duckdb::ErrorData(e), sql);
  } catch (...) {
    return MakeError(ErrorClass::kInternal, "unknown exception in the SQL engine");
  }
}

// Makes DuckDB see a status of ours: thrown in its callbacks, recovered by ToStatus with
// its detail.
[[noreturn]] void Throw(const arrow::Status& status);

}  // namespace pinion::engine::duck
