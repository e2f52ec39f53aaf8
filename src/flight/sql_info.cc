#include "flight/sql_info.h"

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <limits>
#include <string>
#include <unordered_map>
#include <vector>

#include <arrow/config.h>

namespace pinion::flight {
namespace {

using arrow::flight::sql::SqlInfoOptions;
using arrow::flight::sql::SqlInfoResult;
using arrow::flight::sql::SqlInfoResultMap;

// Members of enumerations that FlightSql.proto has and Arrow's C++ types lack. As bits of
// a mask: the ordinal is the position.
enum class GroupBy { kUnrelated, kBeyondSelect };
enum class Grammar { kMinimum, kCore, kExtended };
enum class Ansi92 { kEntry, kIntermediate, kFull };
enum class OuterJoins { kUnsupported, kLimited, kFull };
enum class ElementActions { kProcedureCalls, kIndexDefinitions, kPrivilegeDefinitions };
enum class Subqueries { kInComparisons, kInExists, kInIns, kInQuantifieds };
enum class Unions { kUnion, kUnionAll };
enum class Isolation {
  kNone,
  kReadUncommitted,
  kReadCommitted,
  kRepeatableRead,
  kSerializable,
};
enum class ResultSetType { kUnspecified, kForwardOnly };
enum class ResultSetConcurrency { kUnspecified, kReadOnly };

template <typename Bit>
int32_t Mask(std::initializer_list<std::pair<Bit, bool>> bits) {
  int32_t mask = 0;
  for (const auto& [bit, set] : bits) {
    if (set) mask |= int32_t{1} << static_cast<int32_t>(bit);
  }
  return mask;
}

template <typename Bit>
int32_t Mask(Bit bit) {
  return Mask<Bit>({{bit, true}});
}

int32_t Milliseconds(std::chrono::milliseconds time) {
  return static_cast<int32_t>(
      std::min<int64_t>(time.count(), std::numeric_limits<int32_t>::max()));
}

int32_t CaseSensitivity(bool sensitive) {
  // There is no word for sensitive.
  return sensitive ? SqlInfoOptions::SQL_CASE_SENSITIVITY_UNKNOWN
                   : SqlInfoOptions::SQL_CASE_SENSITIVITY_CASE_INSENSITIVE;
}

int32_t NullOrdering(const engine::EngineInfo& engine) {
  if (engine.nulls_sorted_at_end) return SqlInfoOptions::SQL_NULLS_SORTED_AT_END;
  return engine.nulls_sorted_high ? SqlInfoOptions::SQL_NULLS_SORTED_HIGH
                                  : SqlInfoOptions::SQL_NULLS_SORTED_LOW;
}

int32_t Transactions(const engine::EngineInfo& engine) {
  if (engine.supports_savepoints) {
    return SqlInfoOptions::SQL_SUPPORTED_TRANSACTION_SAVEPOINT;
  }
  return engine.supports_transactions
             ? SqlInfoOptions::SQL_SUPPORTED_TRANSACTION_TRANSACTION
             : SqlInfoOptions::SQL_SUPPORTED_TRANSACTION_NONE;
}

std::unordered_map<int32_t, std::vector<int32_t>> Conversions(
    const engine::EngineInfo& engine) {
  std::unordered_map<int32_t, std::vector<int32_t>> conversions;
  for (const auto& [from, to] : engine.conversions) conversions[from].push_back(to);
  return conversions;
}

// Codes below 500.
void AddServer(const engine::EngineInfo& engine, const SqlInfoServer& server,
               SqlInfoResultMap& info) {
  info.insert({
      {SqlInfoOptions::FLIGHT_SQL_SERVER_NAME, engine.name},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_VERSION, engine.version},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_ARROW_VERSION,
       std::string(ARROW_VERSION_STRING)},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_READ_ONLY, server.read_only || engine.read_only},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_SQL, true},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_SUBSTRAIT, engine.supports_substrait},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_TRANSACTION, Transactions(engine)},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_CANCEL, engine.supports_cancel},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_BULK_INGESTION, engine.supports_bulk_ingestion},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_INGEST_TRANSACTIONS_SUPPORTED,
       engine.supports_ingest_in_transactions},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_STATEMENT_TIMEOUT,
       Milliseconds(server.prepared_statement_timeout)},
      {SqlInfoOptions::FLIGHT_SQL_SERVER_TRANSACTION_TIMEOUT,
       Milliseconds(server.transaction_timeout)},
  });
}

// Names, and the words of the language.
void AddNames(const engine::EngineInfo& engine, const SqlInfoServer& server,
              SqlInfoResultMap& info) {
  const bool writable = !server.read_only && !engine.read_only;
  info.insert({
      {SqlInfoOptions::SQL_DDL_CATALOG, false},
      {SqlInfoOptions::SQL_DDL_SCHEMA, writable},
      {SqlInfoOptions::SQL_DDL_TABLE, writable},
      {SqlInfoOptions::SQL_IDENTIFIER_CASE,
       CaseSensitivity(engine.identifiers_case_sensitive)},
      {SqlInfoOptions::SQL_IDENTIFIER_QUOTE_CHAR, engine.identifier_quote},
      {SqlInfoOptions::SQL_QUOTED_IDENTIFIER_CASE,
       CaseSensitivity(engine.quoted_identifiers_case_sensitive)},
      {SqlInfoOptions::SQL_ALL_TABLES_ARE_SELECTABLE, true},
      {SqlInfoOptions::SQL_NULL_ORDERING, NullOrdering(engine)},
      {SqlInfoOptions::SQL_KEYWORDS, engine.keywords},
      {SqlInfoOptions::SQL_NUMERIC_FUNCTIONS, engine.numeric_functions},
      {SqlInfoOptions::SQL_STRING_FUNCTIONS, engine.string_functions},
      {SqlInfoOptions::SQL_SYSTEM_FUNCTIONS, engine.system_functions},
      {SqlInfoOptions::SQL_DATETIME_FUNCTIONS, engine.datetime_functions},
      {SqlInfoOptions::SQL_SEARCH_STRING_ESCAPE, engine.search_string_escape},
      {SqlInfoOptions::SQL_EXTRA_NAME_CHARACTERS, engine.extra_name_characters},
      {SqlInfoOptions::SQL_SCHEMA_TERM, engine.schema_term},
      {SqlInfoOptions::SQL_PROCEDURE_TERM, engine.procedure_term},
      {SqlInfoOptions::SQL_CATALOG_TERM, engine.catalog_term},
      {SqlInfoOptions::SQL_CATALOG_AT_START, engine.catalog_at_start},
      {SqlInfoOptions::SQL_SCHEMAS_SUPPORTED_ACTIONS,
       Mask<ElementActions>(
           {{ElementActions::kProcedureCalls, engine.schemas_in_statements},
            {ElementActions::kIndexDefinitions, engine.schemas_in_statements}})},
      {SqlInfoOptions::SQL_CATALOGS_SUPPORTED_ACTIONS,
       Mask<ElementActions>(
           {{ElementActions::kProcedureCalls, engine.catalogs_in_statements},
            {ElementActions::kIndexDefinitions, engine.catalogs_in_statements}})},
  });
}

// What statements may say.
void AddGrammar(const engine::EngineInfo& engine, SqlInfoResultMap& info) {
  info.insert({
      {SqlInfoOptions::SQL_SUPPORTS_COLUMN_ALIASING, engine.supports_column_aliases},
      {SqlInfoOptions::SQL_NULL_PLUS_NULL_IS_NULL, engine.null_plus_null_is_null},
      {SqlInfoOptions::SQL_SUPPORTS_CONVERT, Conversions(engine)},
      {SqlInfoOptions::SQL_SUPPORTS_TABLE_CORRELATION_NAMES,
       engine.supports_table_correlation_names},
      {SqlInfoOptions::SQL_SUPPORTS_DIFFERENT_TABLE_CORRELATION_NAMES,
       engine.supports_different_correlation_names},
      {SqlInfoOptions::SQL_SUPPORTS_EXPRESSIONS_IN_ORDER_BY,
       engine.supports_expressions_in_order_by},
      {SqlInfoOptions::SQL_SUPPORTS_ORDER_BY_UNRELATED,
       engine.supports_order_by_unrelated},
      {SqlInfoOptions::SQL_SUPPORTED_GROUP_BY,
       Mask<GroupBy>({{GroupBy::kUnrelated, true}, {GroupBy::kBeyondSelect, true}})},
      {SqlInfoOptions::SQL_SUPPORTS_LIKE_ESCAPE_CLAUSE, engine.supports_like_escape},
      {SqlInfoOptions::SQL_SUPPORTS_NON_NULLABLE_COLUMNS,
       engine.supports_non_nullable_columns},
      {SqlInfoOptions::SQL_SUPPORTED_GRAMMAR,
       Mask<Grammar>({{Grammar::kMinimum, true}, {Grammar::kCore, true}})},
      {SqlInfoOptions::SQL_ANSI92_SUPPORTED_LEVEL, Mask(Ansi92::kEntry)},
      {SqlInfoOptions::SQL_SUPPORTS_INTEGRITY_ENHANCEMENT_FACILITY,
       engine.supports_integrity_enhancement},
      {SqlInfoOptions::SQL_OUTER_JOINS_SUPPORT_LEVEL,
       Mask<OuterJoins>({{OuterJoins::kLimited, engine.supports_outer_joins},
                         {OuterJoins::kFull, engine.supports_full_outer_joins}})},
      // Of cursors and procedures there are none.
      {SqlInfoOptions::SQL_SUPPORTED_POSITIONED_COMMANDS, int32_t{0}},
      {SqlInfoOptions::SQL_SELECT_FOR_UPDATE_SUPPORTED,
       engine.supports_select_for_update},
      {SqlInfoOptions::SQL_STORED_PROCEDURES_SUPPORTED,
       engine.supports_stored_procedures},
      {SqlInfoOptions::SQL_SUPPORTED_SUBQUERIES,
       Mask<Subqueries>({{Subqueries::kInComparisons, true},
                         {Subqueries::kInExists, true},
                         {Subqueries::kInIns, true},
                         {Subqueries::kInQuantifieds, true}})},
      {SqlInfoOptions::SQL_CORRELATED_SUBQUERIES_SUPPORTED,
       engine.supports_correlated_subqueries},
      {SqlInfoOptions::SQL_SUPPORTED_UNIONS,
       Mask<Unions>({{Unions::kUnion, engine.supports_union},
                     {Unions::kUnionAll, engine.supports_union_all}})},
  });
}

// 0: no limit, or none that is known.
void AddLimits(const engine::EngineInfo& engine, SqlInfoResultMap& info) {
  info.insert({
      {SqlInfoOptions::SQL_MAX_BINARY_LITERAL_LENGTH, engine.max_binary_literal_length},
      {SqlInfoOptions::SQL_MAX_CHAR_LITERAL_LENGTH, engine.max_char_literal_length},
      {SqlInfoOptions::SQL_MAX_COLUMN_NAME_LENGTH, engine.max_column_name_length},
      {SqlInfoOptions::SQL_MAX_COLUMNS_IN_GROUP_BY, engine.max_columns_in_group_by},
      {SqlInfoOptions::SQL_MAX_COLUMNS_IN_INDEX, engine.max_columns_in_index},
      {SqlInfoOptions::SQL_MAX_COLUMNS_IN_ORDER_BY, engine.max_columns_in_order_by},
      {SqlInfoOptions::SQL_MAX_COLUMNS_IN_SELECT, engine.max_columns_in_select},
      {SqlInfoOptions::SQL_MAX_COLUMNS_IN_TABLE, engine.max_columns_in_table},
      {SqlInfoOptions::SQL_MAX_CONNECTIONS, engine.max_connections},
      {SqlInfoOptions::SQL_MAX_CURSOR_NAME_LENGTH, engine.max_cursor_name_length},
      {SqlInfoOptions::SQL_MAX_INDEX_LENGTH, engine.max_index_length},
      {SqlInfoOptions::SQL_SCHEMA_NAME_LENGTH, engine.max_schema_name_length},
      {SqlInfoOptions::SQL_MAX_PROCEDURE_NAME_LENGTH, engine.max_procedure_name_length},
      {SqlInfoOptions::SQL_MAX_CATALOG_NAME_LENGTH, engine.max_catalog_name_length},
      {SqlInfoOptions::SQL_MAX_ROW_SIZE, engine.max_row_size},
      {SqlInfoOptions::SQL_MAX_ROW_SIZE_INCLUDES_BLOBS, true},
      {SqlInfoOptions::SQL_MAX_STATEMENT_LENGTH, engine.max_statement_length},
      {SqlInfoOptions::SQL_MAX_STATEMENTS, engine.max_statements},
      {SqlInfoOptions::SQL_MAX_TABLE_NAME_LENGTH, engine.max_table_name_length},
      {SqlInfoOptions::SQL_MAX_TABLES_IN_SELECT, engine.max_tables_in_select},
      {SqlInfoOptions::SQL_MAX_USERNAME_LENGTH, engine.max_username_length},
  });
}

// Transactions and result sets.
void AddBehaviour(const engine::EngineInfo& engine, SqlInfoResultMap& info) {
  const int32_t read_only = Mask(ResultSetConcurrency::kReadOnly);
  info.insert({
      // Snapshots. An int64, unlike its description: the JDBC driver casts it to one.
      {SqlInfoOptions::SQL_DEFAULT_TRANSACTION_ISOLATION,
       static_cast<int64_t>(engine.supports_transactions ? Isolation::kRepeatableRead
                                                         : Isolation::kNone)},
      {SqlInfoOptions::SQL_TRANSACTIONS_SUPPORTED, engine.supports_transactions},
      {SqlInfoOptions::SQL_SUPPORTED_TRANSACTIONS_ISOLATION_LEVELS,
       Mask(engine.supports_transactions ? Isolation::kRepeatableRead
                                         : Isolation::kNone)},
      {SqlInfoOptions::SQL_DATA_DEFINITION_CAUSES_TRANSACTION_COMMIT,
       !engine.supports_transactional_definitions},
      {SqlInfoOptions::SQL_DATA_DEFINITIONS_IN_TRANSACTIONS_IGNORED, false},
      {SqlInfoOptions::SQL_SUPPORTED_RESULT_SET_TYPES, Mask(ResultSetType::kForwardOnly)},
      {SqlInfoOptions::SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_UNSPECIFIED, read_only},
      {SqlInfoOptions::SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_FORWARD_ONLY,
       read_only},
      {SqlInfoOptions::SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_SENSITIVE,
       int32_t{0}},
      {SqlInfoOptions::SQL_SUPPORTED_CONCURRENCIES_FOR_RESULT_SET_SCROLL_INSENSITIVE,
       int32_t{0}},
      {SqlInfoOptions::SQL_BATCH_UPDATES_SUPPORTED, true},
      {SqlInfoOptions::SQL_SAVEPOINTS_SUPPORTED, engine.supports_savepoints},
      // Of callable statements, that is.
      {SqlInfoOptions::SQL_NAMED_PARAMETERS_SUPPORTED,
       engine.supports_stored_procedures && engine.supports_named_parameters},
      {SqlInfoOptions::SQL_LOCATORS_UPDATE_COPY, false},
      {SqlInfoOptions::SQL_STORED_FUNCTIONS_USING_CALL_SYNTAX_SUPPORTED, false},
  });
}

}  // namespace

SqlInfoResultMap MakeSqlInfo(const engine::EngineInfo& engine,
                             const SqlInfoServer& server) {
  SqlInfoResultMap info;
  AddServer(engine, server, info);
  AddNames(engine, server, info);
  AddGrammar(engine, info);
  AddLimits(engine, info);
  AddBehaviour(engine, info);
  return info;
}

}  // namespace pinion::flight
