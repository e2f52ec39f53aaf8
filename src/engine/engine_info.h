#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pinion::engine {

// What an engine is and can do, as data: the wire layer makes SqlInfo codes of it, tests
// skip by it. Values are true of this engine as it was opened.
struct EngineInfo {
  std::string name;     // "DuckDB"
  std::string version;  // "v2.0.0"

  bool read_only = false;
  bool supports_transactions = true;
  bool supports_savepoints = false;
  bool supports_cancel = true;
  bool supports_bulk_ingestion = true;
  bool supports_ingest_in_transactions = true;
  bool supports_substrait = false;
  // Statements of definition inside transactions take part in them.
  bool supports_transactional_definitions = true;
  // Several results open at the same time.
  bool supports_multiple_open_results = true;

  // Names of one case match those of another; and they keep the case they were made with.
  bool identifiers_case_sensitive = false;
  bool quoted_identifiers_case_sensitive = false;
  bool nulls_sorted_high = true;
  // Last in either direction: then nulls_sorted_high says nothing.
  bool nulls_sorted_at_end = true;
  bool supports_column_aliases = true;
  bool null_plus_null_is_null = true;
  bool supports_table_correlation_names = true;
  bool supports_different_correlation_names = false;
  bool supports_expressions_in_order_by = true;
  bool supports_order_by_unrelated = true;
  bool supports_like_escape = true;
  bool supports_non_nullable_columns = true;
  bool supports_integrity_enhancement = true;
  bool supports_outer_joins = true;
  bool supports_full_outer_joins = true;
  bool supports_union = true;
  bool supports_union_all = true;
  bool supports_select_for_update = false;
  bool supports_stored_procedures = false;
  bool supports_correlated_subqueries = true;
  bool supports_named_parameters = true;
  bool schemas_in_statements = true;
  bool catalogs_in_statements = true;
  bool catalog_at_start = true;

  std::string identifier_quote = "\"";
  std::string search_string_escape = "\\";
  std::string extra_name_characters;
  std::string schema_term = "schema";
  std::string procedure_term = "function";
  std::string catalog_term = "database";

  std::vector<std::string> keywords;  // beyond SQL:2003
  std::vector<std::string> numeric_functions;
  std::vector<std::string> string_functions;
  std::vector<std::string> system_functions;
  std::vector<std::string> datetime_functions;

  // 0: no limit, or none that is known.
  std::int64_t max_binary_literal_length = 0;
  std::int64_t max_char_literal_length = 0;
  std::int64_t max_column_name_length = 0;
  std::int64_t max_columns_in_group_by = 0;
  std::int64_t max_columns_in_index = 0;
  std::int64_t max_columns_in_order_by = 0;
  std::int64_t max_columns_in_select = 0;
  std::int64_t max_columns_in_table = 0;
  std::int64_t max_connections = 0;
  std::int64_t max_cursor_name_length = 0;
  std::int64_t max_index_length = 0;
  std::int64_t max_schema_name_length = 0;
  std::int64_t max_procedure_name_length = 0;
  std::int64_t max_catalog_name_length = 0;
  std::int64_t max_row_size = 0;
  std::int64_t max_statement_length = 0;
  std::int64_t max_statements = 0;
  std::int64_t max_table_name_length = 0;
  std::int64_t max_tables_in_select = 0;
  std::int64_t max_username_length = 0;

  // Which conversions CAST and CONVERT do, as pairs of Flight SQL's
  // SqlSupportsConvert codes (from, to).
  std::vector<std::pair<std::int32_t, std::int32_t>> conversions;
};

}  // namespace pinion::engine
