#pragma once

#include <functional>

#include <arrow/status.h>

#include "cli/context.h"
#include "cli/sql_splitter.h"

namespace pinion::cli {

// Asks for SQL on the terminal, over several lines until a semicolon ends it, and hands
// what is complete to `run`, whose errors are shown and do not end the session. Ends with
// the input, \q, exit or a stop request.
arrow::Status RunSqlPrompt(Context& context,
                           const std::function<arrow::Status(const SqlScript&)>& run);

}  // namespace pinion::cli
