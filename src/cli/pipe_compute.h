#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/result.h>

#include "cli/pipe_options.h"
#include "cli/pipe_piece.h"
#include "engine/batch_query.h"

namespace pinion::cli {

// The steps of `--compute`, one after the other, over one batch at a time. Not
// thread-safe: each worker has its own.
class PipeCompute {
 public:
  // With the schema of the batches at hand, mistakes in expressions show here; without
  // (null), with the first batch.
  static arrow::Result<std::unique_ptr<PipeCompute>> Create(
      const PipeOptions& options, const std::shared_ptr<arrow::Schema>& schema);

  // Of the batches that Apply gives; null while it is not known.
  const std::shared_ptr<arrow::Schema>& output_schema() const { return output_schema_; }

  // Nullopt if the filters left nothing of the batch.
  arrow::Result<std::optional<PipePiece>> Apply(const Batch& batch,
                                                const StageContext& context);

 private:
  explicit PipeCompute(const PipeOptions& options) : options_(options) {}

  arrow::Status Prepare(const std::shared_ptr<arrow::Schema>& schema);
  arrow::Result<Batch> Filter(engine::BatchQuery& query, const Batch& batch,
                              const std::stop_token& stop) const;

  const PipeOptions options_;
  // One a step; null where the step has none.
  std::vector<std::unique_ptr<engine::BatchQuery>> queries_;
  std::shared_ptr<arrow::Schema> output_schema_;
};

}  // namespace pinion::cli
