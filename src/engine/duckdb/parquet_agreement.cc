#include "engine/duckdb/parquet_agreement.h"

#include <algorithm>
#include <utility>

#include <duckdb/main/connection.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/expression/star_expression.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>

#include "engine/duckdb/arrow_import.h"
#include "engine/duckdb/error_translation.h"

namespace pinion::engine::duck {
namespace {

duckdb::unique_ptr<duckdb::SelectStatement> SelectAllOf(const std::string& path) {
  duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
  arguments.push_back(duckdb::ConstantExpression::String(path));
  auto call = duckdb::make_uniq<duckdb::TableFunctionRef>();
  call->function = duckdb::make_uniq<duckdb::FunctionExpression>(
      duckdb::Identifier("read_parquet"), std::move(arguments));
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  node->from_table = std::move(call);
  auto select = duckdb::make_uniq<duckdb::SelectStatement>();
  select->node = std::move(node);
  return select;
}

arrow::Result<bool> Compare(duckdb::ClientContext& context, const data::Dataset& dataset,
                            const std::string& path) {
  return Guard([&]() -> arrow::Result<bool> {
    ARROW_ASSIGN_OR_RAISE(const auto import,
                          ArrowImport::Create(context, dataset.schema()));
    // Not `context`, which is binding the statement that asks.
    duckdb::Connection connection(*context.db);
    const auto found = connection.context->BindStatement(SelectAllOf(path));
    return found.types == import->types() &&
           std::equal(found.names.begin(), found.names.end(), import->names().begin(),
                      import->names().end(), [](const auto& name, const auto& field) {
                        return name.GetIdentifierName() == field;
                      });
  });
}

}  // namespace

bool ParquetAgreement::Holds(duckdb::ClientContext& context,
                             const std::shared_ptr<const data::Dataset>& dataset,
                             const std::string& path) {
  {
    base::MutexLock lock(mutex_);
    if (const auto it = known_.find(dataset); it != known_.end()) return it->second;
  }
  const bool holds = Compare(context, *dataset, path).ValueOr(false);
  base::MutexLock lock(mutex_);
  std::erase_if(known_, [](const auto& entry) { return entry.first.expired(); });
  known_.emplace(dataset, holds);
  return holds;
}

}  // namespace pinion::engine::duck
