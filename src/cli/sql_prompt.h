#pragma once

#include <functional>

#include <arrow/status.h>

#include "cli/context.h"
#include "cli/sql_splitter.h"

namespace pinion::cli {

// Asks for SQL on the terminal, over several lines until a semicolon ends it, and hands
// what is complete to `run`, whose errors are shown and do not end the session. Ctrl-C
// gives up the statement that is typed or that runs, with `context.stop`, which is
// another one afterwards. Ends with the input, \q, exit or any other stop request.
arrow::Status RunSqlPrompt(Context& context,
                           const std::function<arrow::Status(const SqlScript&)>& run);

}  // namespace pinion::cli
