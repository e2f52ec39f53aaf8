#pragma once

#include <vector>

#include "engine/metadata.h"

namespace pinion::engine::duck {

// DuckDB's types in the words of ODBC and JDBC, sorted by their codes.
std::vector<TypeEntry> XdbcTypes();

}  // namespace pinion::engine::duck
