# Finds duckdb.hpp and libduckdb, and defines DuckDB::duckdb.
#
# Not DuckDB's own package config: Debian's names static libraries that the package lacks.
find_path(DuckDB_INCLUDE_DIR duckdb.hpp)
find_library(DuckDB_LIBRARY duckdb)
mark_as_advanced(DuckDB_INCLUDE_DIR DuckDB_LIBRARY)

# No header states the release, but result formats came with 2.0.
if(EXISTS "${DuckDB_INCLUDE_DIR}/duckdb/main/result_format.hpp")
  set(DuckDB_VERSION 2.0)
elseif(DuckDB_INCLUDE_DIR)
  set(DuckDB_VERSION 1.0)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(DuckDB
  REQUIRED_VARS DuckDB_LIBRARY DuckDB_INCLUDE_DIR VERSION_VAR DuckDB_VERSION)

if(DuckDB_FOUND AND NOT TARGET DuckDB::duckdb)
  add_library(DuckDB::duckdb UNKNOWN IMPORTED)
  set_target_properties(DuckDB::duckdb PROPERTIES
    IMPORTED_LOCATION "${DuckDB_LIBRARY}"
    INTERFACE_INCLUDE_DIRECTORIES "${DuckDB_INCLUDE_DIR}")
endif()
