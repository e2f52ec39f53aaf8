#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "pinion/pipeline.h"
#include "pipeline/column_stats.h"

namespace pinion::cli {

struct NullCounts {
  std::shared_ptr<arrow::Schema> schema;
  // One a column.
  std::vector<int64_t> counts;
};

// What goes from the compute stage of `pinion pipe` to its sink: the batch as the filters
// left it, and what was found out about it.
struct PipePiece {
  Batch batch;
  std::optional<NullCounts> nulls = std::nullopt;
  std::optional<pipeline::TableStats> stats = std::nullopt;
};

}  // namespace pinion::cli

namespace pinion {

template <>
struct ItemTraits<cli::PipePiece> {
  static int64_t Rows(const cli::PipePiece& piece) { return piece.batch->num_rows(); }
  static int64_t Bytes(const cli::PipePiece& piece) {
    return ItemTraits<Batch>::Bytes(piece.batch);
  }
};

}  // namespace pinion
