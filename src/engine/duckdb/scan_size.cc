#include "engine/duckdb/scan_size.h"

#include <algorithm>
#include <exception>

#include <duckdb/planner/logical_operator.hpp>
#include <duckdb/planner/operator/logical_get.hpp>
#include <duckdb/planner/planner.hpp>

namespace pinion::engine::duck {
namespace {

// NOLINTNEXTLINE(misc-no-recursion): as deep as the plan, which DuckDB limits.
int64_t LargestIn(duckdb::ClientContext& context, duckdb::LogicalOperator& plan) {
  int64_t rows = 0;
  if (plan.type == duckdb::LogicalOperatorType::LOGICAL_GET) {
    rows = static_cast<int64_t>(
        plan.Cast<duckdb::LogicalGet>().EstimateSourceCardinality(context));
  }
  for (const auto& child : plan.children) {
    rows = std::max(rows, LargestIn(context, *child));
  }
  return rows;
}

}  // namespace

int64_t LargestScan(duckdb::ClientContext& context,
                    const duckdb::SQLStatement& statement) {
  int64_t rows = 0;
  try {
    context.RunFunctionInTransaction([&] {
      try {
        duckdb::Planner planner(context);
        planner.CreatePlan(statement.Copy());
        if (planner.plan != nullptr) rows = LargestIn(context, *planner.plan);
      } catch (const std::exception&) {
        rows = 0;  // it must not abort an open transaction
      }
    });
  } catch (const std::exception&) {
    rows = 0;  // of a transaction that is aborted already
  }
  return rows;
}

}  // namespace pinion::engine::duck
