#include "engine/duckdb/dataset_plan.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include <arrow/util/key_value_metadata.h>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/operator/logical_cteref.hpp>
#include <duckdb/planner/operator/logical_get.hpp>
#include <duckdb/planner/operator/logical_limit.hpp>
#include <duckdb/planner/operator/logical_materialized_cte.hpp>
#include <duckdb/planner/planner.hpp>

#include "engine/duckdb/dataset_scan.h"
#include "engine/duckdb/wire_type.h"

namespace pinion::engine::duck {
namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using Selection = DatasetRows::Selection;

// Follows a plan, as the binder made it, down to its scan. Any operator that is not known
// to give what it gets ends that.
class PlanReader {
 public:
  // What the operator gives, its columns in the order of its bindings.
  std::optional<Selection> Read(LogicalOperator& plan) {
    switch (plan.type) {
      case LogicalOperatorType::LOGICAL_GET:
        return ReadScan(plan.Cast<duckdb::LogicalGet>());
      case LogicalOperatorType::LOGICAL_PROJECTION:
        return ReadProjection(plan);
      case LogicalOperatorType::LOGICAL_LIMIT:
        return ReadLimit(plan.Cast<duckdb::LogicalLimit>());
      case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE: {
        auto& cte = plan.Cast<duckdb::LogicalMaterializedCTE>();
        ctes_.insert_or_assign(cte.table_index.index, cte.children[0].get());
        return Read(*cte.children[1]);
      }
      case LogicalOperatorType::LOGICAL_CTE_REF: {
        auto& reference = plan.Cast<duckdb::LogicalCTERef>();
        const auto cte = ctes_.find(reference.cte_index.index);
        if (cte == ctes_.end() || reference.is_recurring) return std::nullopt;
        return Read(*cte->second);
      }
      default:
        return std::nullopt;
    }
  }

 private:
  static std::optional<Selection> ReadScan(duckdb::LogicalGet& scan) {
    Selection selection;
    selection.dataset = ScannedDataset(scan);
    if (selection.dataset == nullptr) return std::nullopt;
    for (const auto& binding : scan.GetColumnBindings()) {
      const auto& column = scan.GetColumnIndex(binding);
      if (column.IsVirtualColumn() || column.HasChildren()) return std::nullopt;
      selection.columns.push_back(static_cast<int>(column.GetPrimaryIndex()));
    }
    return selection;
  }

  std::optional<Selection> ReadProjection(LogicalOperator& projection) {
    auto& child = *projection.children.front();
    auto selection = Read(child);
    if (!selection) return std::nullopt;
    const auto bindings = child.GetColumnBindings();
    std::vector<int> columns;
    for (const auto& expression : projection.expressions) {
      if (expression->GetExpressionClass() != duckdb::ExpressionClass::BOUND_COLUMN_REF) {
        return std::nullopt;
      }
      const auto& column = expression->Cast<duckdb::BoundColumnRefExpression>();
      const auto place = std::find(bindings.begin(), bindings.end(), column.Binding());
      if (column.Depth() > 0 || place == bindings.end()) return std::nullopt;
      columns.push_back(
          selection->columns.at(static_cast<size_t>(place - bindings.begin())));
    }
    selection->columns = std::move(columns);
    return selection;
  }

  // False if only running the query tells the value.
  static bool ReadConstant(const duckdb::BoundLimitNode& node,
                           std::optional<int64_t>* value) {
    if (node.Type() == duckdb::LimitNodeType::UNSET) return true;
    if (node.Type() != duckdb::LimitNodeType::CONSTANT_VALUE) return false;
    constexpr auto kMost = static_cast<duckdb::idx_t>(INT64_MAX);
    *value = static_cast<int64_t>(std::min(node.GetConstantValue(), kMost));
    return true;
  }

  std::optional<Selection> ReadLimit(duckdb::LogicalLimit& limit) {
    std::optional<int64_t> count;
    std::optional<int64_t> offset;
    if (!ReadConstant(limit.limit_val, &count) ||
        !ReadConstant(limit.offset_val, &offset)) {
      return std::nullopt;
    }
    auto selection = Read(*limit.children.front());
    if (!selection) return std::nullopt;
    // Within the rows that a limit below this one leaves.
    data::RowRange& rows = selection->rows;
    const int64_t skipped = std::min(
        {offset.value_or(0), rows.count.value_or(INT64_MAX), INT64_MAX - rows.first});
    rows.first += skipped;
    if (rows.count) *rows.count -= skipped;
    if (count) rows.count = std::min(*count, rows.count.value_or(*count));
    return selection;
  }

  // By table index: what a reference to it reads.
  std::map<duckdb::idx_t, LogicalOperator*> ctes_;
};

// Types whose values the engine gives back as it got them.
bool IsKept(arrow::Type::type type) {
  switch (type) {
    case arrow::Type::NA:
    case arrow::Type::BOOL:
    case arrow::Type::INT8:
    case arrow::Type::INT16:
    case arrow::Type::INT32:
    case arrow::Type::INT64:
    case arrow::Type::UINT8:
    case arrow::Type::UINT16:
    case arrow::Type::UINT32:
    case arrow::Type::UINT64:
    case arrow::Type::FLOAT:
    case arrow::Type::DOUBLE:
    case arrow::Type::DECIMAL128:
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
    case arrow::Type::DATE32:
    case arrow::Type::TIME64:
    case arrow::Type::TIMESTAMP:
    case arrow::Type::LIST:
    case arrow::Type::FIXED_SIZE_LIST:
    case arrow::Type::MAP:
    case arrow::Type::STRUCT:
      return true;
    default:
      // Intervals, for one, lose their nanoseconds.
      return false;
  }
}

// Whether a column of the file can be sent for a column of the result. Nullability, and
// how the items of a list are called, are in the schema alone.
bool IsSameInMemory(const arrow::Field& file, const arrow::Field& result) {
  const arrow::DataType& type = *file.type();
  if (type.id() != result.type()->id() || !IsKept(type.id())) return false;
  // Of a type that this program does not know, so that the storage is what it sees.
  if (file.metadata() != nullptr && file.metadata()->Contains("ARROW:extension:name")) {
    return false;
  }
  if (type.num_fields() == 0) return type.Equals(*result.type());
  if (type.num_fields() != result.type()->num_fields()) return false;
  if (type.id() == arrow::Type::FIXED_SIZE_LIST) {
    const auto size = [](const arrow::DataType& list) {
      return static_cast<const arrow::FixedSizeListType&>(list).list_size();
    };
    if (size(type) != size(*result.type())) return false;
  }
  const bool is_struct = type.id() == arrow::Type::STRUCT;
  for (int i = 0; i < type.num_fields(); ++i) {
    const auto& child = *type.field(i);
    const auto& wanted = *result.type()->field(i);
    if (!IsSameInMemory(child, wanted)) return false;
    if (is_struct && result.type()->field(i)->name() != child.name()) return false;
  }
  return true;
}

bool HasSameValues(const Selection& selection, const arrow::Schema& schema) {
  std::set<int> seen;
  for (int i = 0; i < schema.num_fields(); ++i) {
    const int column = selection.columns[static_cast<size_t>(i)];
    if (!seen.insert(column).second) return false;
    if (!IsSameInMemory(*selection.dataset->schema()->field(column), *schema.field(i))) {
      return false;
    }
  }
  return schema.num_fields() > 0;
}

std::optional<DatasetPlan> ReadPlan(duckdb::Planner& planner) {
  auto selection = PlanReader().Read(*planner.plan);
  const size_t num_columns = planner.types.size();
  if (!selection || selection->columns.size() != num_columns) return std::nullopt;
  // Otherwise the engine's own workers are quicker.
  if (!selection->dataset->has_messages()) return std::nullopt;
  auto schema = WireSchema(planner.names, planner.types);
  if (!schema.ok() || !HasSameValues(*selection, **schema)) return std::nullopt;
  return DatasetPlan{*std::move(selection), *std::move(schema)};
}

}  // namespace

bool MayBeDatasetPlan(const duckdb::SQLStatement& statement) {
  if (statement.type != duckdb::StatementType::SELECT_STATEMENT) return false;
  if (!statement.named_param_map.empty()) return false;
  const auto& query = *statement.Cast<duckdb::SelectStatement>().node;
  if (query.type != duckdb::QueryNodeType::SELECT_NODE) return false;
  const auto& select = query.Cast<duckdb::SelectNode>();
  if (select.where_clause != nullptr || select.from_table == nullptr) return false;
  const bool reads_a_table =
      select.from_table->type != duckdb::TableReferenceType::JOIN &&
      select.from_table->type != duckdb::TableReferenceType::EMPTY_FROM;
  return reads_a_table &&
         std::ranges::all_of(select.select_list, [](const auto& expression) {
           return expression->GetExpressionClass() ==
                      duckdb::ExpressionClass::COLUMN_REF ||
                  expression->GetExpressionClass() == duckdb::ExpressionClass::STAR;
         });
}

std::optional<DatasetPlan> FindDatasetPlan(duckdb::ClientContext& context,
                                           const duckdb::SQLStatement& statement) {
  std::optional<DatasetPlan> found;
  try {
    context.RunFunctionInTransaction([&] {
      try {
        duckdb::Planner planner(context);
        planner.CreatePlan(statement.Copy());
        found = ReadPlan(planner);
      } catch (const std::exception&) {
        found.reset();  // it must not abort an open transaction
      }
    });
  } catch (const std::exception&) {
    found.reset();  // of a transaction that is aborted already
  }
  return found;
}

}  // namespace pinion::engine::duck
