#pragma once

#include <memory>
#include <string>
#include <vector>

#include <duckdb.hpp>

#include "engine/duckdb/duck_session.h"
#include "engine/duckdb/parameters.h"
#include "engine/duckdb/plan_shelf.h"
#include "engine/duckdb/statement_policy.h"
#include "engine/statement.h"

namespace pinion::engine::duck {

// What a text turned out to be, shared by the statements that are made of it. Immutable
// but for the plans on its shelf.
struct StatementText {
  // One statement of the text.
  struct Part {
    duckdb::unique_ptr<duckdb::SQLStatement> statement;
    std::string text;
    int64_t offset = 0;  // of the part in the whole text
    StatementTraits traits;
  };
  std::vector<Part> parts;
  StatementInfo info;
  // See MayBeDatasetPlan.
  bool may_pick_rows = false;
  std::shared_ptr<PlanShelf> shelf = std::make_shared<PlanShelf>();
};

// A parsed and bound text. Each execution submits a copy of the parse tree, so that any
// number may run side by side.
//
// Thread-safe; immutable. Keeps its session alive.
class DuckStatement : public Statement,
                      public std::enable_shared_from_this<DuckStatement> {
 public:
  static arrow::Result<std::shared_ptr<DuckStatement>> Prepare(
      std::shared_ptr<DuckSession> session, const std::string& sql,
      const PrepareOptions& options);

  const StatementInfo& info() const override { return text_->info; }
  const std::string& sql() const override { return sql_; }

  arrow::Result<std::shared_ptr<arrow::Schema>> ResultSchema(
      const arrow::Schema& parameters) override;
  arrow::Result<ExecutionResult> Execute(
      std::shared_ptr<arrow::RecordBatchReader> parameters,
      const ExecuteOptions& options) override;

 private:
  using Part = StatementText::Part;
  using ExecutionPtr = std::shared_ptr<Execution>;
  using CodecPtr = std::shared_ptr<arrow::util::Codec>;

  DuckStatement(std::shared_ptr<DuckSession> session, std::string sql,
                const PrepareOptions& options);

  // Whether names may mean something else after it, or may to others.
  bool DefinesSomething() const {
    return !text_->info.read_only && text_->info.kind != StatementKind::kUpdate;
  }
  // Null if the statement does more than to pick columns and rows of a dataset.
  arrow::Result<std::shared_ptr<DatasetRows>> PickRows(const ExecutionPtr& execution,
                                                       DuckSession::Place place) const;
  // Gives the place a plan if the statement runs often, else a connection.
  arrow::Status Connect(DuckSession::Place& place, Execution& execution);
  static Connection& ConnectionOf(const DuckSession::Place& place) {
    return place.plan == nullptr ? *place.connection : *place.plan->connection;
  }
  arrow::Status Parse(duckdb::Connection& connection, StatementText& text) const;
  arrow::Status Bind(duckdb::Connection& connection, StatementText& text) const;
  // Whether the part writes; an error if it may not.
  arrow::Result<bool> CheckBound(const Part& part, duckdb::ClientContext& context) const;
  arrow::Result<ExecutionResult> RunOnce(const ExecutionPtr& execution,
                                         DuckSession::Place place, ParameterValues values,
                                         CodecPtr codec) const;
  arrow::Result<ExecutionResult> RunRows(const ExecutionPtr& execution,
                                         DuckSession::Place place,
                                         std::unique_ptr<ParameterReader> rows,
                                         const arrow::Schema& parameters, CodecPtr codec);
  arrow::Result<ExecutionResult> RunWrites(const ExecutionPtr& execution,
                                           const DuckSession::Place& place,
                                           ParameterReader& rows) const;
  arrow::Result<ExecutionResult> RunScript(const ExecutionPtr& execution,
                                           const DuckSession::Place& place) const;
  arrow::Result<ExecutionResult> RunPart(const ExecutionPtr& execution,
                                         const DuckSession::Place& place,
                                         const Part& part, bool last) const;
  arrow::Status CheckPromise(const arrow::Schema& schema) const;
  arrow::Status Shift(arrow::Status status, const Part& part) const;

  const std::shared_ptr<DuckSession> session_;
  const std::string sql_;
  const std::string transaction_id_;
  PolicyOptions policy_;
  std::shared_ptr<const StatementText> text_;
};

}  // namespace pinion::engine::duck
