#include "engine/duckdb/engine_facts.h"

#include <string>
#include <utility>
#include <vector>

#include "engine/duckdb/error_translation.h"

namespace pinion::engine::duck {
namespace {

arrow::Result<std::vector<std::string>> ReadColumn(duckdb::Connection& connection,
                                                   const char* sql) {
  return Guard([&]() -> arrow::Result<std::vector<std::string>> {
    auto result = connection.Query(sql);
    if (result->HasError()) return ToStatus(result->GetErrorObject(), sql);
    std::vector<std::string> values;
    for (auto& row : *result) values.push_back(row.GetValue<std::string>(0));
    return values;
  });
}

// The lists of functions: by what they take, for DuckDB has no classes of them.
constexpr char kNumericFunctions[] =
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = "
    "'scalar' "
    "AND function_name IN ('abs','acos','acosh','asin','asinh','atan','atan2','atanh',"
    "'bit_count','cbrt','ceil','ceiling','cos','cosh','cot','degrees','even','exp',"
    "'factorial','floor','gamma','gcd','greatest','isfinite','isinf','isnan','lcm',"
    "'least','lgamma','ln','log','log10','log2','mod','pi','pow','power','radians',"
    "'random','round','sign','signbit','sin','sinh','sqrt','tan','tanh','trunc','xor') "
    "ORDER BY 1";
constexpr char kStringFunctions[] =
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = "
    "'scalar' "
    "AND function_name ~ '^[a-z]' AND len(parameter_types) > 0 "
    "AND parameter_types[1] = 'VARCHAR' ORDER BY 1";
constexpr char kDatetimeFunctions[] =
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = "
    "'scalar' "
    "AND function_name ~ '^[a-z]' AND (list_contains(parameter_types, 'DATE') "
    "OR list_contains(parameter_types, 'TIMESTAMP') "
    "OR list_contains(parameter_types, 'TIMESTAMP WITH TIME ZONE') "
    "OR return_type IN ('DATE', 'TIMESTAMP WITH TIME ZONE')) ORDER BY 1";
constexpr char kSystemFunctions[] =
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = "
    "'scalar' "
    "AND (function_name ~ '^current_' OR function_name IN ('version', 'in_search_path', "
    "'txid_current', 'coalesce', 'ifnull', 'nullif')) ORDER BY 1";
constexpr char kKeywords[] =
    "SELECT keyword_name FROM duckdb_keywords() WHERE keyword_category <> 'unreserved' "
    "ORDER BY 1";

}  // namespace

arrow::Result<EngineInfo> ReadEngineInfo(duckdb::Connection& connection,
                                         const EngineOptions& options) {
  EngineInfo info;
  info.name = "DuckDB";
  info.version = duckdb::DuckDB::LibraryVersion();
  info.read_only = options.read_only;
  info.max_connections = options.max_connections;
  ARROW_ASSIGN_OR_RAISE(info.keywords, ReadColumn(connection, kKeywords));
  ARROW_ASSIGN_OR_RAISE(info.numeric_functions,
                        ReadColumn(connection, kNumericFunctions));
  ARROW_ASSIGN_OR_RAISE(info.string_functions, ReadColumn(connection, kStringFunctions));
  ARROW_ASSIGN_OR_RAISE(info.datetime_functions,
                        ReadColumn(connection, kDatetimeFunctions));
  ARROW_ASSIGN_OR_RAISE(info.system_functions, ReadColumn(connection, kSystemFunctions));
  return info;
}

}  // namespace pinion::engine::duck
