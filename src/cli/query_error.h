#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include <arrow/status.h>

#include "cli/context.h"
#include "cli/sql_splitter.h"

namespace pinion::cli {

// A place in SQL text, both from 1; the column counts characters.
struct SqlPlace {
  int line;
  int column;
};

// The place that a server's message ends with: "... at line 2, column 8".
std::optional<SqlPlace> PlaceOf(std::string_view message);

// The line of `sql` with the place and a ^ under it, two lines, in at most `width`
// columns; empty if there is no such place.
std::string MarkPlace(std::string_view sql, SqlPlace place, int width);

// The error of a statement with the place as that of the whole script. `number` is the
// statement's, from 1, and is named unless 0. On a terminal, first shows the place.
arrow::Status DescribeQueryError(const arrow::Status& status,
                                 const SqlStatement& statement, size_t number,
                                 Context& context);

}  // namespace pinion::cli
