#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/terminal.h"

namespace pinion::cli {

// A table as text, to be laid out in columns. All texts are printable (PrintableText).
struct TextTable {
  struct Column {
    std::string name;
    bool align_right = false;
  };
  struct Cell {
    std::string text;
    // Shown fainter: a null, something unknown.
    bool faint = false;
  };

  std::vector<Column> columns;
  // Each with a cell for every column.
  std::vector<std::vector<Cell>> rows;
};

struct RenderedTable {
  // Lines, each ended.
  std::string text;
  // Fewer than there are if even narrow ones did not fit; the last one is always shown.
  size_t columns_shown = 0;
};

// Lays the table out in `width` columns of the terminal, or as wide as it gets without
// one. The widest columns are cut first; where all are narrow already, columns in the
// middle make room and a "…" marks the place.
RenderedTable RenderTable(const TextTable& table, const Terminal& terminal,
                          std::optional<int> width);

}  // namespace pinion::cli
