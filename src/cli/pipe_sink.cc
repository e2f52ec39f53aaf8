#include "cli/pipe_sink.h"

#include <utility>

#include "cli/number_text.h"
#include "cli/text_width.h"
#include "pipeline/interruptible.h"

namespace pinion::cli {

PipeSink::PipeSink(const PipeOptions& options, std::unique_ptr<Sink<Batch>> target,
                   PipeTotals* totals, arrow::io::OutputStream* out)
    : simulate_(options.simulate_sink),
      log_(options.sink.kind == PipeSinkOption::Kind::kLog),
      target_(std::move(target)),
      totals_(*totals),
      out_(*out) {}

arrow::Status PipeSink::Write(PipePiece piece, const StageContext& context) {
  if (simulate_.count() > 0 && !internal::SleepUnlessStopped(context.stop, simulate_)) {
    return arrow::Status::Cancelled("cancelled");
  }
  if (target_ != nullptr && piece.batch->num_rows() > 0) {
    ARROW_RETURN_NOT_OK(target_->Write(piece.batch, context));
  }
  if (log_) ARROW_RETURN_NOT_OK(Log(piece, context.batch));
  ++totals_.batches;
  totals_.rows += piece.batch->num_rows();
  totals_.bytes += ItemTraits<Batch>::Bytes(piece.batch);
  if (piece.nulls) {
    if (totals_.nulls.empty()) {
      totals_.columns = piece.nulls->schema->field_names();
      totals_.nulls.resize(totals_.columns.size());
    }
    for (size_t i = 0; i < totals_.nulls.size(); ++i) {
      totals_.nulls[i] += piece.nulls->counts[i];
    }
  }
  if (piece.stats) pipeline::MergeStats(*piece.stats, &totals_.stats);
  return arrow::Status::OK();
}

arrow::Status PipeSink::Finish(const StageContext& context) {
  return target_ != nullptr ? target_->Finish(context) : arrow::Status::OK();
}

arrow::Status PipeSink::Log(const PipePiece& piece, int64_t number) {
  std::string line = "batch " + std::to_string(number) + ": " +
                     GroupedNumber(piece.batch->num_rows()) + " rows, " +
                     HumanBytes(ItemTraits<Batch>::Bytes(piece.batch));
  if (piece.nulls) {
    std::string nulls;
    for (size_t i = 0; i < piece.nulls->counts.size(); ++i) {
      const int64_t count = piece.nulls->counts[i];
      if (count == 0) continue;
      nulls += (nulls.empty() ? " " : ", ") +
               PrintableText(piece.nulls->schema->field(static_cast<int>(i))->name()) +
               " " + GroupedNumber(count);
    }
    line += "; nulls:" + (nulls.empty() ? std::string(" none") : nulls);
  }
  if (piece.stats) {
    std::string separator = "; ";
    for (const pipeline::ColumnStats& column : *piece.stats) {
      if (!column.MinText()) continue;
      line += separator + PrintableText(column.name() + " " + *column.MinText() + " to " +
                                        *column.MaxText());
      separator = ", ";
    }
  }
  return out_.Write(line + "\n");
}

}  // namespace pinion::cli
