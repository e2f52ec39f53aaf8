#pragma once

#include <memory>
#include <optional>

#include <arrow/result.h>
#include <arrow/type.h>
#include <duckdb/main/client_context.hpp>
#include <duckdb/parser/sql_statement.hpp>

#include "engine/dataset_rows.h"

namespace pinion::engine::duck {

// What a statement does that only picks columns and rows of a dataset.
struct DatasetPlan {
  DatasetRows::Selection selection;
  // Of its result.
  std::shared_ptr<arrow::Schema> schema;
};

// Whether it is worth to look at the statement's plan: false for most that have another.
bool MayBeDatasetPlan(const duckdb::SQLStatement& statement);

// Binds a copy of `statement` and looks at the plan: columns and rows of a dataset, as
// they are, in an order of columns and in a range of rows, and whose values the result
// has as the file has them. std::nullopt for any other, and for one that cannot be bound:
// to run it tells why. An open result or transaction of the context is left as it is.
std::optional<DatasetPlan> FindDatasetPlan(duckdb::ClientContext& context,
                                           const duckdb::SQLStatement& statement);

}  // namespace pinion::engine::duck
