#include "flight/sql_metadata.h"

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>

#include "flight/sql_rows.h"

namespace pinion::flight {
namespace {

namespace sql = arrow::flight::sql;
using sql::SqlSchema;

engine::TableName NameOf(const sql::TableRef& table) {
  return {.catalog = table.catalog, .schema = table.db_schema, .table = table.table};
}

MetadataReader ForeignKeys(
    const std::shared_ptr<arrow::Schema>& schema,
    const arrow::Result<std::vector<engine::ForeignKeyEntry>>& keys) {
  ARROW_RETURN_NOT_OK(keys);
  ARROW_ASSIGN_OR_RAISE(SqlRows rows, SqlRows::Make(schema));
  for (const engine::ForeignKeyEntry& key : *keys) {
    ARROW_RETURN_NOT_OK(rows.Append(
        key.pk_catalog, key.pk_schema, key.pk_table, key.pk_column, key.fk_catalog,
        key.fk_schema, key.fk_table, key.fk_column, key.key_sequence, key.fk_key_name,
        key.pk_key_name, static_cast<uint8_t>(key.update_rule),
        static_cast<uint8_t>(key.delete_rule)));
  }
  return rows.Finish();
}

}  // namespace

MetadataReader ReadCatalogs(engine::Session& session) {
  ARROW_ASSIGN_OR_RAISE(const auto catalogs, session.Catalogs());
  ARROW_ASSIGN_OR_RAISE(SqlRows rows, SqlRows::Make(SqlSchema::GetCatalogsSchema()));
  for (const std::string& catalog : catalogs) ARROW_RETURN_NOT_OK(rows.Append(catalog));
  return rows.Finish();
}

MetadataReader ReadDbSchemas(engine::Session& session, const sql::GetDbSchemas& command) {
  ARROW_ASSIGN_OR_RAISE(
      const auto schemas,
      session.Schemas({.catalog = command.catalog,
                       .schema_pattern = command.db_schema_filter_pattern}));
  ARROW_ASSIGN_OR_RAISE(SqlRows rows, SqlRows::Make(SqlSchema::GetDbSchemasSchema()));
  for (const engine::SchemaEntry& entry : schemas) {
    ARROW_RETURN_NOT_OK(rows.Append(entry.catalog, entry.schema));
  }
  return rows.Finish();
}

MetadataReader ReadTables(engine::Session& session, const sql::GetTables& command) {
  ARROW_ASSIGN_OR_RAISE(
      const auto tables,
      session.Tables({.catalog = command.catalog,
                      .schema_pattern = command.db_schema_filter_pattern,
                      .table_pattern = command.table_name_filter_pattern,
                      .table_types = command.table_types,
                      .include_schema = command.include_schema}));
  ARROW_ASSIGN_OR_RAISE(SqlRows rows,
                        SqlRows::Make(command.include_schema
                                          ? SqlSchema::GetTablesSchemaWithIncludedSchema()
                                          : SqlSchema::GetTablesSchema()));
  for (const engine::TableEntry& table : tables) {
    if (!command.include_schema) {
      ARROW_RETURN_NOT_OK(
          rows.Append(table.catalog, table.schema, table.name, table.type));
      continue;
    }
    const arrow::Schema empty({});
    ARROW_ASSIGN_OR_RAISE(
        const auto message,
        arrow::ipc::SerializeSchema(table.table_schema ? *table.table_schema : empty));
    ARROW_RETURN_NOT_OK(rows.Append(table.catalog, table.schema, table.name, table.type,
                                    message->ToString()));
  }
  return rows.Finish();
}

MetadataReader ReadTableTypes(engine::Session& session) {
  ARROW_ASSIGN_OR_RAISE(const auto types, session.TableTypes());
  ARROW_ASSIGN_OR_RAISE(SqlRows rows, SqlRows::Make(SqlSchema::GetTableTypesSchema()));
  for (const std::string& type : types) ARROW_RETURN_NOT_OK(rows.Append(type));
  return rows.Finish();
}

MetadataReader ReadPrimaryKeys(engine::Session& session,
                               const sql::GetPrimaryKeys& command) {
  ARROW_ASSIGN_OR_RAISE(const auto keys, session.PrimaryKeys(NameOf(command.table_ref)));
  ARROW_ASSIGN_OR_RAISE(SqlRows rows, SqlRows::Make(SqlSchema::GetPrimaryKeysSchema()));
  for (const engine::PrimaryKeyEntry& key : keys) {
    ARROW_RETURN_NOT_OK(rows.Append(key.catalog, key.schema, key.table, key.column,
                                    key.key_sequence, key.key_name));
  }
  return rows.Finish();
}

MetadataReader ReadExportedKeys(engine::Session& session,
                                const sql::GetExportedKeys& command) {
  return ForeignKeys(SqlSchema::GetExportedKeysSchema(),
                     session.ExportedKeys(NameOf(command.table_ref)));
}

MetadataReader ReadImportedKeys(engine::Session& session,
                                const sql::GetImportedKeys& command) {
  return ForeignKeys(SqlSchema::GetImportedKeysSchema(),
                     session.ImportedKeys(NameOf(command.table_ref)));
}

MetadataReader ReadCrossReference(engine::Session& session,
                                  const sql::GetCrossReference& command) {
  return ForeignKeys(
      SqlSchema::GetCrossReferenceSchema(),
      session.CrossReference(NameOf(command.pk_table_ref), NameOf(command.fk_table_ref)));
}

MetadataReader ReadXdbcTypes(engine::Session& session, std::optional<int32_t> data_type) {
  ARROW_ASSIGN_OR_RAISE(const auto types, session.Types(data_type));
  ARROW_ASSIGN_OR_RAISE(SqlRows rows, SqlRows::Make(SqlSchema::GetXdbcTypeInfoSchema()));
  for (const engine::TypeEntry& type : types) {
    ARROW_RETURN_NOT_OK(
        rows.Append(type.type_name, type.data_type, type.column_size, type.literal_prefix,
                    type.literal_suffix, type.create_params, type.nullable,
                    type.case_sensitive, type.searchable, type.unsigned_attribute,
                    type.fixed_prec_scale, type.auto_increment, type.local_type_name,
                    type.minimum_scale, type.maximum_scale, type.sql_data_type,
                    type.datetime_subcode, type.num_prec_radix, type.interval_precision));
  }
  return rows.Finish();
}

}  // namespace pinion::flight
