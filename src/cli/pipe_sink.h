#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/io/interfaces.h>

#include "cli/pipe_options.h"
#include "cli/pipe_piece.h"

namespace pinion::cli {

// What a run has found out in all.
struct PipeTotals {
  int64_t batches = 0;
  int64_t rows = 0;
  int64_t bytes = 0;
  // Of the pieces' batches, as far as `nulls` was computed.
  std::vector<std::string> columns;
  std::vector<int64_t> nulls;
  pipeline::TableStats stats;
};

// The last stage of `pinion pipe`: adds up what was found out, prints a line a batch if
// asked to, and gives the batches on to where they go.
class PipeSink : public Sink<PipePiece> {
 public:
  // `target` may be null. `totals` and `out` must outlive the sink, which is their only
  // user while the pipeline runs.
  PipeSink(const PipeOptions& options, std::unique_ptr<Sink<Batch>> target,
           PipeTotals* totals, arrow::io::OutputStream* out);

  arrow::Status Write(PipePiece piece, const StageContext& context) override;
  arrow::Status Finish(const StageContext& context) override;

 private:
  arrow::Status Log(const PipePiece& piece, int64_t number);

  const std::chrono::nanoseconds simulate_;
  const bool log_;
  const std::unique_ptr<Sink<Batch>> target_;
  PipeTotals& totals_;
  arrow::io::OutputStream& out_;
};

}  // namespace pinion::cli
