#include "engine/duckdb/statement_policy.h"

#include <algorithm>
#include <array>
#include <string>

#include <duckdb/common/string_util.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/parsed_data/create_info.hpp>
#include <duckdb/parser/parsed_data/drop_info.hpp>
#include <duckdb/parser/parsed_data/pragma_info.hpp>
#include <duckdb/parser/statement/call_statement.hpp>
#include <duckdb/parser/statement/create_statement.hpp>
#include <duckdb/parser/statement/drop_statement.hpp>
#include <duckdb/parser/statement/explain_statement.hpp>
#include <duckdb/parser/statement/multi_statement.hpp>
#include <duckdb/parser/statement/pragma_statement.hpp>
#include <duckdb/parser/statement/set_statement.hpp>

#include "base/near_names.h"
#include "engine/duckdb/core.h"
#include "engine/error.h"

namespace pinion::engine::duck {

using duckdb::StatementType;

const SafeSetting kSafeSettings[] = {
    {"TimeZone", "time zone of timestamps and of the current time"},
    {"Calendar", "calendar of date functions"},
    {"default_null_order", "where NULLs sort"},
    {"null_order", "the same"},
    {"default_order", "sort direction where none is given"},
    {"default_collation", "collation where none is given"},
    {"ieee_floating_point_ops", "division by zero gives infinity"},
    {"integer_division", "/ on integers gives an integer"},
    {"error_on_division_by_zero", "instead of NULL"},
    {"scalar_subquery_error_on_multiple_rows", "instead of the first row"},
    {"order_by_non_integer_literal", "allow ORDER BY 'text'"},
    {"regex_match_operator_semantics", "what ~ matches"},
    {"pivot_limit", "most columns of a PIVOT"},
    {"pivot_filter_threshold", "how PIVOT is run"},
    {"preserve_insertion_order", "keep the order of rows without ORDER BY"},
    {"max_execution_time", "longest run of a statement, in milliseconds"},
    {"explain_output", "which plans EXPLAIN shows"},
    {"show_behavior", "what SHOW lists"},
    {"json_geometry_format", "how geometries become JSON"},
    {"schema", "schema of names without one"},
    {"search_path", "schemas of names without one"},
};
const size_t kSafeSettingCount = std::size(kSafeSettings);

bool IsSafeSetting(std::string_view name) {
  return std::any_of(std::begin(kSafeSettings), std::end(kSafeSettings),
                     [&](const SafeSetting& setting) {
                       return duckdb::StringUtil::CIEquals(std::string(setting.name),
                                                           std::string(name));
                     });
}

namespace {

// Pragmas that only tell something.
constexpr std::array kSafePragmas = {"collations",    "database_list",
                                     "database_size", "functions",
                                     "metadata_info", "platform",
                                     "show",          "show_databases",
                                     "show_tables",   "show_tables_expanded",
                                     "storage_info",  "table_info",
                                     "version",       "extension_versions",
                                     "user_agent"};

arrow::Status Refuse(const std::string& what) {
  return MakeError(ErrorClass::kPermission, what);
}

arrow::Status ReadOnly() {
  return MakeError(ErrorClass::kPermission,
                   "only reading is allowed here, and this statement writes",
                   std::nullopt, "25006");
}

arrow::Status NeedsSession(const std::string& what) {
  return MakeError(ErrorClass::kNotSupported,
                   what +
                       " needs a session of its own: connect with a client that keeps "
                       "cookies, and call once before, or name objects in full",
                   std::nullopt, kNeedsSessionState);
}

arrow::Result<StatementTraits> Writing(StatementKind kind, const PolicyOptions& options,
                                       bool temporary = false) {
  if (options.read_only && !temporary) return ReadOnly();
  StatementTraits traits;
  traits.kind = kind;
  traits.writes = true;
  return traits;
}

arrow::Result<StatementTraits> CheckCreate(const duckdb::CreateStatement& statement,
                                           const PolicyOptions& options) {
  const auto& info = *statement.info;
  switch (info.type) {
    case duckdb::CatalogType::TABLE_ENTRY:
    case duckdb::CatalogType::SCHEMA_ENTRY:
    case duckdb::CatalogType::VIEW_ENTRY:
    case duckdb::CatalogType::INDEX_ENTRY:
    case duckdb::CatalogType::SEQUENCE_ENTRY:
    case duckdb::CatalogType::TYPE_ENTRY:
    case duckdb::CatalogType::TRIGGER_ENTRY:
    case duckdb::CatalogType::MACRO_ENTRY:
    case duckdb::CatalogType::TABLE_MACRO_ENTRY:
      break;
    default:
      return Refuse("this kind of CREATE is not open to clients");
  }
  const bool temporary =
      info.temporary || info.GetQualifiedName().Catalog() == TEMP_CATALOG;
  if (temporary && options.stateless) return NeedsSession("a temporary object");
  return Writing(StatementKind::kDefinition, options, temporary);
}

arrow::Result<StatementTraits> CheckSet(const duckdb::SetStatement& statement,
                                        const PolicyOptions& options) {
  const auto& name = statement.name.GetIdentifierName();
  if (statement.scope != duckdb::SetScope::VARIABLE) {
    if (!IsSafeSetting(name)) {
      return Refuse("the setting " + base::QuoteForMessage(name) +
                    " is not one that clients may change");
    }
    if (statement.scope == duckdb::SetScope::GLOBAL) {
      return Refuse("SET GLOBAL would change other clients' sessions: use SET " + name);
    }
  }
  if (options.stateless) return NeedsSession("SET and USE");
  StatementTraits traits;
  traits.kind = StatementKind::kCommand;
  traits.changes_session = true;
  return traits;
}

arrow::Result<StatementTraits> CheckPragma(const duckdb::PragmaStatement& statement) {
  const auto& name = statement.info->name;
  if (std::none_of(kSafePragmas.begin(), kSafePragmas.end(),
                   [&](const char* safe) { return name == safe; })) {
    return Refuse("PRAGMA " + name.GetIdentifierName() + " is not open to clients");
  }
  return StatementTraits{};
}

arrow::Result<StatementTraits> CheckCall(const duckdb::CallStatement& statement,
                                         const PolicyOptions& options) {
  if (statement.function->GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) {
    return StatementTraits{};
  }
  const auto& function = statement.function->Cast<duckdb::FunctionExpression>();
  const auto& name = function.FunctionName();
  if (name == "checkpoint") {
    return Writing(StatementKind::kCommand, options);
  }
  return StatementTraits{};
}

arrow::Result<StatementTraits> CheckMulti(const duckdb::MultiStatement& statement,
                                          const PolicyOptions& options) {
  // What PIVOT expands into: it makes a temporary type, then selects.
  StatementTraits traits;
  for (const auto& part : statement.statements) {
    if (part->type == StatementType::CREATE_STATEMENT) {
      const auto& info = *part->Cast<duckdb::CreateStatement>().info;
      if (info.type == duckdb::CatalogType::TYPE_ENTRY) continue;
    }
    ARROW_ASSIGN_OR_RAISE(traits, CheckStatement(*part, options));
  }
  return traits;
}

}  // namespace

arrow::Result<StatementTraits> CheckStatement(const duckdb::SQLStatement& statement,
                                              const PolicyOptions& options) {
  switch (statement.type) {
    case StatementType::SELECT_STATEMENT:
      return StatementTraits{};
    case StatementType::INSERT_STATEMENT:
    case StatementType::UPDATE_STATEMENT:
    case StatementType::DELETE_STATEMENT:
    case StatementType::MERGE_INTO_STATEMENT:
      // Perhaps of a temporary table: the binder knows.
      return Writing(StatementKind::kUpdate, options, /*temporary=*/true);
    case StatementType::CREATE_STATEMENT:
      return CheckCreate(statement.Cast<duckdb::CreateStatement>(), options);
    case StatementType::ALTER_STATEMENT:
      return Writing(StatementKind::kDefinition, options, /*temporary=*/true);
    case StatementType::DROP_STATEMENT: {
      const auto type = statement.Cast<duckdb::DropStatement>().info->type;
      if (type == duckdb::CatalogType::PREPARED_STATEMENT) break;
      if (type == duckdb::CatalogType::SECRET_ENTRY) return Refuse("no secrets here");
      return Writing(StatementKind::kDefinition, options, /*temporary=*/true);
    }
    case StatementType::VACUUM_STATEMENT:
    case StatementType::ANALYZE_STATEMENT:
      return Writing(StatementKind::kCommand, options);
    case StatementType::TRANSACTION_STATEMENT: {
      StatementTraits traits;
      traits.kind = StatementKind::kCommand;
      traits.controls_transaction = true;
      return traits;
    }
    case StatementType::EXPLAIN_STATEMENT: {
      // EXPLAIN ANALYZE runs what it explains.
      const auto& explain = statement.Cast<duckdb::ExplainStatement>();
      ARROW_ASSIGN_OR_RAISE(auto inner, CheckStatement(*explain.stmt, options));
      StatementTraits traits;
      traits.writes =
          inner.writes && explain.explain_type == duckdb::ExplainType::EXPLAIN_ANALYZE;
      return traits;
    }
    case StatementType::SET_STATEMENT:
    case StatementType::VARIABLE_SET_STATEMENT:
      return CheckSet(statement.Cast<duckdb::SetStatement>(), options);
    case StatementType::PRAGMA_STATEMENT:
      return CheckPragma(statement.Cast<duckdb::PragmaStatement>());
    case StatementType::CALL_STATEMENT:
      return CheckCall(statement.Cast<duckdb::CallStatement>(), options);
    case StatementType::MULTI_STATEMENT:
      return CheckMulti(statement.Cast<duckdb::MultiStatement>(), options);
    case StatementType::COPY_STATEMENT:
      return Refuse(
          "COPY works on files of the server, which clients cannot reach: use "
          "the client's own reading and ingest");
    case StatementType::ATTACH_STATEMENT:
    case StatementType::DETACH_STATEMENT:
    case StatementType::EXPORT_STATEMENT:
    case StatementType::COPY_DATABASE_STATEMENT:
      return Refuse("other databases are not open to clients");
    case StatementType::LOAD_STATEMENT:
    case StatementType::UPDATE_EXTENSIONS_STATEMENT:
      return Refuse("extensions are not open to clients");
    case StatementType::PREPARE_STATEMENT:
    case StatementType::EXECUTE_STATEMENT:
      break;
    default:
      return Refuse("statements of this kind are not open to clients");
  }
  return MakeError(ErrorClass::kNotSupported,
                   "PREPARE, EXECUTE and DEALLOCATE: use the prepared statements of the "
                   "client instead");
}

arrow::Status CheckProperties(const duckdb::StatementProperties& properties,
                              const PolicyOptions& options) {
  for (const auto& [database, info] : properties.modified_databases) {
    if (database == kDatasetsCatalog || database == SYSTEM_CATALOG) {
      return Refuse("datasets cannot be changed by SQL");
    }
    if (database == TEMP_CATALOG) {
      if (options.stateless) return NeedsSession("a temporary object");
      continue;
    }
    if (options.read_only) return ReadOnly();
  }
  return arrow::Status::OK();
}

}  // namespace pinion::engine::duck
