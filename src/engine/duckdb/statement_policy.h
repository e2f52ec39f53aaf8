#pragma once

#include <string_view>

#include <arrow/result.h>
#include <arrow/status.h>
#include <duckdb/parser/sql_statement.hpp>

#include "engine/statement.h"

namespace pinion::engine::duck {

// What the parse tree of a statement tells without binding it.
struct StatementTraits {
  // Corrected by the binder where a statement returns rows.
  StatementKind kind = StatementKind::kQuery;
  // Writes, or may: its result is complete before any of it is handed out.
  bool writes = false;
  // Changes a setting, the search path or a variable of the session.
  bool changes_session = false;
  // BEGIN, COMMIT, ROLLBACK.
  bool controls_transaction = false;
};

struct PolicyOptions {
  bool read_only = false;
  bool stateless = false;
};

// Whether clients may run the statement at all, judged by its parse tree: nothing that
// reaches files, other databases, extensions, secrets or settings that are not the
// client's. kPermission or kNotSupported, saying why, if not.
arrow::Result<StatementTraits> CheckStatement(const duckdb::SQLStatement& statement,
                                              const PolicyOptions& options);

// The same for what the binder found: which databases the statement would modify.
arrow::Status CheckProperties(const duckdb::StatementProperties& properties,
                              const PolicyOptions& options);

// Settings that clients may change for their session. The engine allows DuckDB these and
// no others.
struct SafeSetting {
  std::string_view name;
  std::string_view meaning;
};
extern const SafeSetting kSafeSettings[];
extern const size_t kSafeSettingCount;

bool IsSafeSetting(std::string_view name);

}  // namespace pinion::engine::duck
