#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

namespace pinion::engine {

// What a database contains, as plain values. Rows come sorted as Flight SQL asks: by
// catalog, schema, name (keys: by their table and position).

// Which schemas or tables to list. A catalog is compared as it is, "" standing for
// objects without one; patterns are those of LIKE: % any text, _ any character, and
// EngineInfo::search_string_escape before either makes it literal.
struct SchemaFilter {
  std::optional<std::string> catalog = {};
  std::optional<std::string> schema_pattern = {};
};

struct TableFilter {
  std::optional<std::string> catalog = {};
  std::optional<std::string> schema_pattern = {};
  std::optional<std::string> table_pattern = {};
  // Of Session::TableTypes; empty means all.
  std::vector<std::string> table_types = {};
  // Fill TableEntry::schema, with column metadata.
  bool include_schema = false;
};

struct SchemaEntry {
  std::string catalog;
  std::string schema;
};

struct TableEntry {
  std::string catalog;
  std::string schema;
  std::string name;
  std::string type;
  // Null unless asked for. A dataset whose types the engine cannot take has its own.
  std::shared_ptr<arrow::Schema> table_schema;
};

// Names one table. Without a catalog or schema: any.
struct TableName {
  std::optional<std::string> catalog = {};
  std::optional<std::string> schema = {};
  std::string table = {};
};

struct PrimaryKeyEntry {
  std::string catalog;
  std::string schema;
  std::string table;
  std::string column;
  std::int32_t key_sequence = 1;
  std::optional<std::string> key_name;
};

// java.sql's importedKey constants, which Flight SQL took over.
enum class KeyRule : std::uint8_t {
  kCascade = 0,
  kRestrict = 1,
  kSetNull = 2,
  kNoAction = 3,
  kSetDefault = 4,
};

struct ForeignKeyEntry {
  std::string pk_catalog, pk_schema, pk_table, pk_column;
  std::string fk_catalog, fk_schema, fk_table, fk_column;
  std::int32_t key_sequence = 1;
  std::optional<std::string> fk_key_name;
  std::optional<std::string> pk_key_name;
  KeyRule update_rule = KeyRule::kNoAction;
  KeyRule delete_rule = KeyRule::kNoAction;
};

// A row of Flight SQL's GetXdbcTypeInfo; codes are those of ODBC and JDBC.
struct TypeEntry {
  std::string type_name;
  std::int32_t data_type = 0;
  std::optional<std::int32_t> column_size;
  std::optional<std::string> literal_prefix;
  std::optional<std::string> literal_suffix;
  std::optional<std::vector<std::string>> create_params;
  std::int32_t nullable = 1;
  bool case_sensitive = false;
  std::int32_t searchable = 3;
  std::optional<bool> unsigned_attribute;
  bool fixed_prec_scale = false;
  std::optional<bool> auto_increment;
  std::optional<std::string> local_type_name;
  std::optional<std::int32_t> minimum_scale;
  std::optional<std::int32_t> maximum_scale;
  std::int32_t sql_data_type = 0;
  std::optional<std::int32_t> datetime_subcode;
  std::optional<std::int32_t> num_prec_radix;
  std::optional<std::int32_t> interval_precision;
};

}  // namespace pinion::engine
