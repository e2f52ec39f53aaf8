#include "cli/pipe_compute.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/compute/api_vector.h>
#include <arrow/datum.h>

#include "pipeline/interruptible.h"

namespace pinion::cli {

using Kind = ComputeStep::Kind;

arrow::Result<std::unique_ptr<PipeCompute>> PipeCompute::Create(
    const PipeOptions& options, const std::shared_ptr<arrow::Schema>& schema) {
  std::unique_ptr<PipeCompute> compute(new PipeCompute(options));
  if (schema != nullptr) ARROW_RETURN_NOT_OK(compute->Prepare(schema));
  return compute;
}

arrow::Status PipeCompute::Prepare(const std::shared_ptr<arrow::Schema>& schema) {
  output_schema_ = schema;
  for (const ComputeStep& step : options_.compute) {
    std::unique_ptr<engine::BatchQuery> query;
    // A filter asks only which rows to keep, so the other columns stay as they are,
    // whatever their types.
    const std::string sql = step.kind == Kind::kFilter
                                ? "SELECT CAST((" + step.text + ") AS BOOLEAN) FROM batch"
                                : step.text;
    if (step.kind == Kind::kFilter || step.kind == Kind::kSql) {
      auto made = engine::BatchQuery::Create(sql, output_schema_);
      if (!made.ok()) {
        const std::string name = step.kind == Kind::kFilter ? "filter " : "sql ";
        return made.status().WithMessage("--compute '", name, step.text,
                                         "': ", made.status().message());
      }
      query = *std::move(made);
    }
    if (step.kind == Kind::kSql) output_schema_ = query->schema();
    queries_.push_back(std::move(query));
  }
  return arrow::Status::OK();
}

arrow::Result<std::optional<PipePiece>> PipeCompute::Apply(const Batch& batch,
                                                           const StageContext& context) {
  if (options_.simulate_compute.count() > 0 &&
      !internal::SleepUnlessStopped(context.stop, options_.simulate_compute)) {
    return arrow::Status::Cancelled("cancelled");
  }
  if (output_schema_ == nullptr) ARROW_RETURN_NOT_OK(Prepare(batch->schema()));
  PipePiece piece{.batch = batch};
  for (size_t i = 0; i < options_.compute.size(); ++i) {
    switch (options_.compute[i].kind) {
      case Kind::kNulls:
        piece.nulls = NullCounts{piece.batch->schema(), {}};
        for (const auto& column : piece.batch->columns()) {
          piece.nulls->counts.push_back(column->null_count());
        }
        break;
      case Kind::kStats: {
        ARROW_ASSIGN_OR_RAISE(piece.stats, pipeline::StatsOf(*piece.batch));
        break;
      }
      case Kind::kFilter: {
        ARROW_ASSIGN_OR_RAISE(piece.batch,
                              Filter(*queries_[i], piece.batch, context.stop));
        break;
      }
      case Kind::kSql: {
        ARROW_ASSIGN_OR_RAISE(piece.batch, queries_[i]->Run(piece.batch, context.stop));
        break;
      }
    }
    // What was found out before a filter is of use even if it leaves nothing.
    if (piece.batch->num_rows() == 0 && batch->num_rows() > 0 && !piece.nulls &&
        !piece.stats) {
      return std::nullopt;
    }
  }
  return piece;
}

arrow::Result<Batch> PipeCompute::Filter(engine::BatchQuery& query, const Batch& batch,
                                         const std::stop_token& stop) const {
  ARROW_ASSIGN_OR_RAISE(const Batch kept, query.Run(batch, stop));
  if (kept->num_rows() != batch->num_rows()) {
    return arrow::Status::Invalid(
        "the filter gave ", kept->num_rows(), " answers for ", batch->num_rows(),
        " rows: an expression of single rows is needed, without aggregates");
  }
  ARROW_ASSIGN_OR_RAISE(const arrow::Datum filtered,
                        arrow::compute::Filter(batch, kept->column(0)));
  return filtered.record_batch();
}

}  // namespace pinion::cli
