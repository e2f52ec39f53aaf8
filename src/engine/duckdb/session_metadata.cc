// What the database contains: its part of DuckSession.
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include <arrow/util/key_value_metadata.h>
#include <duckdb/parser/expression/star_expression.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>

#include "base/like_pattern.h"
#include "data/dataset.h"
#include "engine/duckdb/dataset_views.h"
#include "engine/duckdb/duck_session.h"
#include "engine/duckdb/metadata_query.h"
#include "engine/duckdb/signature.h"
#include "engine/duckdb/wire_type.h"
#include "engine/duckdb/xdbc_types.h"

namespace pinion::engine::duck {
namespace {

constexpr char kTable[] = "TABLE";
constexpr char kView[] = "VIEW";
constexpr char kTemporary[] = "LOCAL TEMPORARY";

// The catalogs that clients see: not DuckDB's own, and the temporary one only for its
// tables.
constexpr char kCatalogsSql[] =
    "SELECT database_name FROM duckdb_databases() WHERE NOT internal";
constexpr char kSchemasSql[] =
    "SELECT database_name, schema_name FROM duckdb_schemas() WHERE database_name IN "
    "(SELECT database_name FROM duckdb_databases() WHERE NOT internal)";
constexpr char kTablesSql[] =
    "SELECT * FROM (SELECT database_name, schema_name, table_name, "
    "CASE WHEN temporary THEN 'LOCAL TEMPORARY' ELSE 'TABLE' END AS type "
    "FROM duckdb_tables() WHERE NOT internal UNION ALL "
    "SELECT database_name, schema_name, view_name, 'VIEW' FROM duckdb_views() "
    "WHERE NOT internal) WHERE true";

// SELECT * FROM the table, built so that no name needs quoting.
duckdb::unique_ptr<duckdb::SQLStatement> SelectAll(const TableEntry& table) {
  auto from = duckdb::make_uniq<duckdb::BaseTableRef>();
  from->SetQualifiedName(duckdb::QualifiedName(duckdb::Identifier(table.catalog),
                                               duckdb::Identifier(table.schema),
                                               duckdb::Identifier(table.name)));
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  node->from_table = std::move(from);
  auto select = duckdb::make_uniq<duckdb::SelectStatement>();
  select->node = std::move(node);
  return select;
}

using ColumnKey = std::tuple<std::string, std::string, std::string, std::string>;

arrow::Result<std::set<ColumnKey>> NotNullColumns(duckdb::Connection& connection) {
  std::set<ColumnKey> columns;
  MetadataQuery query(
      "SELECT database_name, schema_name, table_name, constraint_column_names "
      "FROM duckdb_constraints() WHERE constraint_type IN ('NOT NULL', 'PRIMARY KEY')");
  ARROW_RETURN_NOT_OK(query.Run(connection, [&](const auto& chunk, auto row) {
    for (auto& column : TextsAt(chunk, 3, row)) {
      columns.emplace(TextAt(chunk, 0, row), TextAt(chunk, 1, row), TextAt(chunk, 2, row),
                      std::move(column));
    }
  }));
  return columns;
}

// The columns of a table as results show them, with where they come from. Those of a view
// that has come apart are not known: none.
arrow::Result<std::shared_ptr<arrow::Schema>> TableSchema(
    duckdb::ClientContext& context, const TableEntry& table,
    const std::set<ColumnKey>& not_null) {
  const auto select = SelectAll(table);
  auto signature = BindSignature(context, *select, {});
  if (!signature.ok()) return arrow::schema({});
  ARROW_ASSIGN_OR_RAISE(auto schema, WireSchema(signature->names, signature->types));
  arrow::FieldVector fields;
  for (const auto& field : schema->fields()) {
    const bool nullable =
        !not_null.contains({table.catalog, table.schema, table.name, field->name()});
    auto facts = arrow::key_value_metadata(
        {column_metadata::kCatalogName, column_metadata::kSchemaName,
         column_metadata::kTableName},
        {table.catalog, table.schema, table.name});
    fields.push_back(field->WithNullable(nullable)->WithMergedMetadata(std::move(facts)));
  }
  return arrow::schema(std::move(fields));
}

bool Matches(const TableFilter& filter, const TableEntry& table) {
  return (!filter.catalog || *filter.catalog == table.catalog) &&
         (!filter.schema_pattern ||
          base::MatchesLike(table.schema, *filter.schema_pattern)) &&
         (!filter.table_pattern ||
          base::MatchesLike(table.name, *filter.table_pattern)) &&
         (filter.table_types.empty() ||
          std::find(filter.table_types.begin(), filter.table_types.end(), table.type) !=
              filter.table_types.end());
}

}  // namespace

arrow::Result<std::vector<std::string>> DuckSession::Catalogs() {
  ARROW_RETURN_NOT_OK(core_->RefreshViews());
  ARROW_ASSIGN_OR_RAISE(auto connection, Connect());
  std::vector<std::string> catalogs;
  MetadataQuery query(kCatalogsSql);
  ARROW_RETURN_NOT_OK(query.Run(*connection, [&](const auto& chunk, auto row) {
    catalogs.push_back(TextAt(chunk, 0, row));
  }));
  std::sort(catalogs.begin(), catalogs.end());
  return catalogs;
}

arrow::Result<std::vector<SchemaEntry>> DuckSession::Schemas(const SchemaFilter& filter) {
  ARROW_ASSIGN_OR_RAISE(auto connection, Connect());
  std::vector<SchemaEntry> schemas;
  MetadataQuery query(kSchemasSql);
  query.Equal("database_name", filter.catalog);
  ARROW_RETURN_NOT_OK(query.Run(*connection, [&](const auto& chunk, auto row) {
    SchemaEntry schema{TextAt(chunk, 0, row), TextAt(chunk, 1, row)};
    if (!filter.schema_pattern ||
        base::MatchesLike(schema.schema, *filter.schema_pattern)) {
      schemas.push_back(std::move(schema));
    }
  }));
  std::sort(schemas.begin(), schemas.end(), [](const auto& a, const auto& b) {
    return std::tie(a.catalog, a.schema) < std::tie(b.catalog, b.schema);
  });
  return schemas;
}

arrow::Result<std::vector<TableEntry>> DuckSession::Tables(const TableFilter& filter) {
  ARROW_RETURN_NOT_OK(core_->RefreshViews());
  ARROW_ASSIGN_OR_RAISE(auto connection, Connect());
  std::vector<TableEntry> tables;
  MetadataQuery query(kTablesSql);
  query.Equal("database_name", filter.catalog);
  ARROW_RETURN_NOT_OK(query.Run(*connection, [&](const auto& chunk, auto row) {
    TableEntry table{TextAt(chunk, 0, row), TextAt(chunk, 1, row), TextAt(chunk, 2, row),
                     TextAt(chunk, 3, row), nullptr};
    if (Matches(filter, table)) tables.push_back(std::move(table));
  }));
  if (filter.include_schema) {
    ARROW_ASSIGN_OR_RAISE(const auto not_null, NotNullColumns(*connection));
    for (auto& table : tables) {
      ARROW_ASSIGN_OR_RAISE(table.table_schema,
                            TableSchema(*connection->context, table, not_null));
    }
  }
  // Datasets that SQL cannot read are there all the same.
  for (auto& entry : core_->views().Unviewed()) {
    TableEntry table{kDatasetsCatalog, "main", entry.name, kView, nullptr};
    if (!Matches(filter, table)) continue;
    if (filter.include_schema) table.table_schema = entry.dataset->schema();
    tables.push_back(std::move(table));
  }
  std::sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) {
    return std::tie(a.catalog, a.schema, a.name, a.type) <
           std::tie(b.catalog, b.schema, b.name, b.type);
  });
  return tables;
}

arrow::Result<std::vector<std::string>> DuckSession::TableTypes() {
  return std::vector<std::string>{kTemporary, kTable, kView};
}

arrow::Result<std::vector<PrimaryKeyEntry>> DuckSession::PrimaryKeys(
    const TableName& table) {
  ARROW_ASSIGN_OR_RAISE(auto connection, Connect());
  std::vector<PrimaryKeyEntry> keys;
  MetadataQuery query(
      "SELECT database_name, schema_name, table_name, constraint_column_names, "
      "constraint_name FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'");
  query.Equal("database_name", table.catalog);
  query.Equal("schema_name", table.schema);
  query.Equal("table_name", table.table);
  query.Add(" ORDER BY database_name, schema_name, table_name, constraint_name");
  ARROW_RETURN_NOT_OK(query.Run(*connection, [&](const auto& chunk, auto row) {
    int32_t sequence = 0;
    for (auto& column : TextsAt(chunk, 3, row)) {
      keys.push_back({TextAt(chunk, 0, row), TextAt(chunk, 1, row), TextAt(chunk, 2, row),
                      std::move(column), ++sequence, TextAt(chunk, 4, row)});
    }
  }));
  return keys;
}

arrow::Result<std::vector<ForeignKeyEntry>> DuckSession::ForeignKeys(
    const TableName* primary, const TableName* foreign) {
  ARROW_ASSIGN_OR_RAISE(auto connection, Connect());
  std::vector<ForeignKeyEntry> keys;
  // A foreign key refers to a table of its own schema: DuckDB has no others.
  MetadataQuery query(
      "SELECT f.database_name, f.schema_name, f.table_name, f.constraint_column_names, "
      "f.constraint_name, f.referenced_table, f.referenced_column_names, "
      "p.constraint_name FROM duckdb_constraints() f LEFT JOIN duckdb_constraints() p "
      "ON p.database_name = f.database_name AND p.schema_name = f.schema_name "
      "AND p.table_name = f.referenced_table "
      "AND p.constraint_type IN ('PRIMARY KEY', 'UNIQUE') "
      "AND p.constraint_column_names = f.referenced_column_names "
      "WHERE f.constraint_type = 'FOREIGN KEY'");
  for (const auto* name : {primary, foreign}) {
    if (name == nullptr) continue;
    query.Equal("f.database_name", name->catalog);
    query.Equal("f.schema_name", name->schema);
    query.Equal(name == primary ? "f.referenced_table" : "f.table_name", name->table);
  }
  query.Add(foreign != nullptr && primary == nullptr
                ? " ORDER BY f.database_name, f.schema_name, f.referenced_table, "
                  "f.constraint_name"
                : " ORDER BY f.database_name, f.schema_name, f.table_name, "
                  "f.constraint_name");
  ARROW_RETURN_NOT_OK(query.Run(*connection, [&](const auto& chunk, auto row) {
    const auto fk_columns = TextsAt(chunk, 3, row);
    const auto pk_columns = TextsAt(chunk, 6, row);
    for (size_t i = 0; i < fk_columns.size(); ++i) {
      ForeignKeyEntry key;
      key.pk_catalog = key.fk_catalog = TextAt(chunk, 0, row);
      key.pk_schema = key.fk_schema = TextAt(chunk, 1, row);
      key.fk_table = TextAt(chunk, 2, row);
      key.fk_column = fk_columns[i];
      key.fk_key_name = TextAt(chunk, 4, row);
      key.pk_table = TextAt(chunk, 5, row);
      key.pk_column = i < pk_columns.size() ? pk_columns[i] : std::string();
      if (!chunk.GetValue(7, row).IsNull()) key.pk_key_name = TextAt(chunk, 7, row);
      key.key_sequence = static_cast<int32_t>(i) + 1;
      keys.push_back(std::move(key));
    }
  }));
  return keys;
}

arrow::Result<std::vector<ForeignKeyEntry>> DuckSession::ExportedKeys(
    const TableName& table) {
  return ForeignKeys(&table, nullptr);
}

arrow::Result<std::vector<ForeignKeyEntry>> DuckSession::ImportedKeys(
    const TableName& table) {
  return ForeignKeys(nullptr, &table);
}

arrow::Result<std::vector<ForeignKeyEntry>> DuckSession::CrossReference(
    const TableName& primary, const TableName& foreign) {
  return ForeignKeys(&primary, &foreign);
}

arrow::Result<std::vector<TypeEntry>> DuckSession::Types(
    std::optional<int32_t> data_type) {
  auto types = XdbcTypes();
  if (data_type) {
    std::erase_if(types, [&](const auto& type) { return type.data_type != *data_type; });
  }
  return types;
}

}  // namespace pinion::engine::duck
