#include "cli/text_table.h"

#include <algorithm>
#include <numeric>
#include <string_view>
#include <utility>

#include "cli/text_width.h"

namespace pinion::cli {

namespace {

// Columns are not cut below this to make room for others.
constexpr int kMinCutWidth = 8;
constexpr std::string_view kEllipsis = "…";
constexpr std::string_view kSeparator = " │ ";
constexpr int kSeparatorWidth = 3;
// One space at either end of a line.
constexpr int kMargin = 2;

// Which columns are shown, how wide, and before which of them the gap is.
struct Layout {
  std::vector<size_t> columns;
  std::vector<int> widths;
  // An index in `columns`; nothing if all are shown.
  std::optional<size_t> gap;
};

std::vector<int> NaturalWidths(const TextTable& table) {
  std::vector<int> widths;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    int width = std::max(1, TextWidth(table.columns[i].name));
    for (const auto& row : table.rows) width = std::max(width, TextWidth(row[i].text));
    widths.push_back(width);
  }
  return widths;
}

int TotalWidth(const std::vector<int>& widths) {
  const int separators = static_cast<int>(widths.size()) - 1;
  return std::accumulate(widths.begin(), widths.end(), 0) +
         kSeparatorWidth * std::max(0, separators) + kMargin;
}

std::vector<int> CutAt(std::vector<int> widths, int limit) {
  for (int& width : widths) width = std::min(width, limit);
  return widths;
}

// The widths cut to the largest common limit with which they fit; empty if none does.
std::vector<int> Fit(const std::vector<int>& widths, int available) {
  int fits = 0;
  int low = kMinCutWidth;
  int high = std::max(available, low);
  while (low <= high) {
    const int middle = low + (high - low) / 2;
    if (TotalWidth(CutAt(widths, middle)) <= available) {
      fits = middle;
      low = middle + 1;
    } else {
      high = middle - 1;
    }
  }
  return fits == 0 ? std::vector<int>{} : CutAt(widths, fits);
}

// The first columns and the last one, as many as fit.
Layout WithGap(const std::vector<int>& natural, int available) {
  const size_t last = natural.size() - 1;
  const std::vector<int> narrow = CutAt(natural, kMinCutWidth);
  const int gap_width = 1 + kSeparatorWidth;
  Layout layout;
  int used = kMargin + gap_width + narrow[last];
  while (layout.columns.size() < last) {
    const size_t next = layout.columns.size();
    used += narrow[next] + kSeparatorWidth;
    if (used > available) break;
    layout.columns.push_back(next);
    layout.widths.push_back(narrow[next]);
  }
  layout.gap = layout.columns.size();
  layout.columns.push_back(last);
  // On a terminal narrower than one column, cut that one.
  layout.widths.push_back(
      std::max(1, std::min(narrow[last], available - kMargin - gap_width)));
  return layout;
}

Layout MakeLayout(const TextTable& table, std::optional<int> width) {
  Layout layout;
  layout.widths = NaturalWidths(table);
  if (width && TotalWidth(layout.widths) > *width) {
    std::vector<int> cut = Fit(layout.widths, *width);
    if (cut.empty()) return WithGap(layout.widths, *width);
    layout.widths = std::move(cut);
  }
  layout.columns.resize(layout.widths.size());
  std::iota(layout.columns.begin(), layout.columns.end(), size_t{0});
  return layout;
}

// Writes lines of cells at the places that a layout gives them.
class LineWriter {
 public:
  LineWriter(const TextTable& table, const Layout& layout, const Terminal& terminal,
             std::string* out)
      : table_(table), layout_(layout), terminal_(terminal), out_(*out) {}

  void Header() {
    std::vector<TextTable::Cell> names;
    for (const auto& column : table_.columns) names.push_back({column.name});
    Line(names, Style::kBold);
    std::string rule;
    for (size_t i = 0; i < layout_.columns.size(); ++i) {
      if (layout_.gap == i) rule += i == 0 ? "───┼" : "┼───";
      if (i != 0) rule += "┼";
      for (int n = 0; n < layout_.widths[i] + 2; ++n) rule += "─";
    }
    out_.append(StyleStart(terminal_, Style::kDim)).append(rule);
    out_.append(StyleEnd(terminal_)).append("\n");
  }

  void Row(const std::vector<TextTable::Cell>& row) { Line(row, Style::kPlain); }

 private:
  void Line(const std::vector<TextTable::Cell>& cells, Style style) {
    std::string spaces(1, ' ');
    for (size_t i = 0; i < layout_.columns.size(); ++i) {
      if (layout_.gap == i) {
        out_ += std::exchange(spaces, "");
        if (i != 0) Separator();
        out_ += kEllipsis;
      }
      if (i != 0 || layout_.gap == i) {
        out_ += std::exchange(spaces, "");
        Separator();
      }
      const TextTable::Cell& cell = cells[layout_.columns[i]];
      const std::string text = CutToWidth(cell.text, layout_.widths[i]);
      const std::string pad(static_cast<size_t>(layout_.widths[i] - TextWidth(text)),
                            ' ');
      const bool right = table_.columns[layout_.columns[i]].align_right;
      if (right) spaces += pad;
      out_ += std::exchange(spaces, "");
      Styled(text, cell.faint ? Style::kDim : style);
      // Kept back, so that no line ends in spaces.
      if (!right) spaces = pad;
    }
    out_ += '\n';
  }

  void Separator() { Styled(kSeparator, Style::kDim); }

  void Styled(std::string_view text, Style style) {
    const bool plain = style == Style::kPlain;
    if (!plain) out_.append(StyleStart(terminal_, style));
    out_.append(text);
    if (!plain) out_.append(StyleEnd(terminal_));
  }

  const TextTable& table_;
  const Layout& layout_;
  const Terminal& terminal_;
  std::string& out_;
};

}  // namespace

RenderedTable RenderTable(const TextTable& table, const Terminal& terminal,
                          std::optional<int> width) {
  RenderedTable rendered;
  if (table.columns.empty()) return rendered;
  const Layout layout = MakeLayout(table, width);
  LineWriter writer(table, layout, terminal, &rendered.text);
  writer.Header();
  for (const auto& row : table.rows) writer.Row(row);
  rendered.columns_shown = layout.columns.size();
  return rendered;
}

}  // namespace pinion::cli
