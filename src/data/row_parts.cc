#include "data/row_parts.h"

#include <algorithm>
#include <optional>

#include "data/read_range.h"

namespace pinion::data {
namespace {

// Whether `rows` are all there are.
bool HoldsAll(const Dataset& dataset, const RowRange& rows) {
  if (rows.first > 0) return false;
  if (!rows.count) return true;
  // Those of a part of the batches are not more.
  const std::optional<int64_t> num_rows = dataset.num_rows();
  return num_rows && *rows.count >= *num_rows;
}

}  // namespace

arrow::Result<std::vector<RowPart>> FindRows(const Dataset& dataset,
                                             const ReadOptions& options,
                                             const RowRange& rows) {
  ARROW_ASSIGN_OR_RAISE(const ReadRange range, ResolveRange(dataset, options));
  std::vector<RowPart> parts;
  const auto add_whole = [&](int64_t batch, int64_t count) {
    if (count == 0) return;
    if (parts.empty() || parts.back().is_cut) parts.push_back({.first_batch = batch});
    parts.back().num_batches += count;
  };
  if (HoldsAll(dataset, rows)) {
    add_whole(range.first_batch, range.end_batch - range.first_batch);
    return parts;
  }
  int64_t to_skip = rows.first;
  std::optional<int64_t> left = rows.count;
  for (int64_t batch = range.first_batch; batch < range.end_batch; ++batch) {
    if (left == 0) break;
    if (to_skip == 0 && !left) {
      add_whole(batch, range.end_batch - batch);
      break;
    }
    ARROW_ASSIGN_OR_RAISE(const int64_t batch_rows, dataset.BatchRows(batch));
    const int64_t first = std::min(to_skip, batch_rows);
    to_skip -= first;
    const int64_t count = std::min(batch_rows - first, left.value_or(batch_rows));
    // Empty ones among the rest stay, so that parts follow each other without a gap.
    if (count == 0 && (batch_rows > 0 || to_skip > 0)) continue;
    if (left) *left -= count;
    if (count == batch_rows) {
      add_whole(batch, 1);
    } else {
      parts.push_back({.first_batch = batch,
                       .num_batches = 1,
                       .rows = {.first = first, .count = count},
                       .is_cut = true});
    }
  }
  return parts;
}

}  // namespace pinion::data
