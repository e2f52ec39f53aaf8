#include "cli/table_writer.h"

#include <algorithm>
#include <optional>

#include <arrow/record_batch.h>

#include "cli/number_text.h"
#include "cli/text_width.h"

namespace pinion::cli {

namespace {

// Of one value, even where no terminal limits the width.
constexpr int kMaxCellWidth = 1000;
// Enough bytes for that, so that a value of a gigabyte is not made printable first.
constexpr size_t kMaxCellBytes = size_t{16} * kMaxCellWidth;

TextTable::Cell MakeCell(const ValueText& text, const arrow::Array& column, int64_t row) {
  std::string value;
  if (!text.Append(column, row, &value)) return {"NULL", /*faint=*/true};
  const bool long_value = value.size() > kMaxCellBytes;
  if (long_value) value.resize(kMaxCellBytes);
  return {CutToWidth(PrintableText(value), kMaxCellWidth)};
}

}  // namespace

arrow::Status TableWriter::Begin(const std::shared_ptr<arrow::Schema>& schema) {
  texts_.clear();
  table_ = {};
  rows_ = 0;
  for (const auto& field : schema->fields()) {
    texts_.push_back(ValueText::Create(*field->type(), TextStyle::kPlain));
    table_.columns.push_back({CutToWidth(PrintableText(field->name()), kMaxCellWidth),
                              IsNumeric(*field->type())});
  }
  return arrow::Status::OK();
}

arrow::Status TableWriter::Write(const arrow::RecordBatch& batch) {
  const int64_t missing = max_rows_ - static_cast<int64_t>(table_.rows.size());
  const int64_t count = std::min(batch.num_rows(), missing);
  for (int64_t row = 0; row < count; ++row) {
    auto& cells = table_.rows.emplace_back();
    for (size_t i = 0; i < texts_.size(); ++i) {
      cells.push_back(MakeCell(*texts_[i], *batch.column(static_cast<int>(i)), row));
    }
  }
  rows_ += batch.num_rows();
  return arrow::Status::OK();
}

std::string TableWriter::Footer(size_t columns_shown) const {
  std::string footer = "(" + GroupedNumber(rows_) + (rows_ == 1 ? " row" : " rows");
  if (const auto shown = static_cast<int64_t>(table_.rows.size()); shown < rows_) {
    footer += ", the first " + GroupedNumber(shown) + " shown";
  }
  if (columns_shown < table_.columns.size()) {
    footer += ", " + std::to_string(columns_shown) + " of " +
              std::to_string(table_.columns.size()) + " columns shown";
  }
  return footer + ")\n";
}

arrow::Status TableWriter::End() {
  const std::optional<int> width =
      terminal_.is_tty ? std::optional(terminal_.width) : std::nullopt;
  const RenderedTable rendered = RenderTable(table_, terminal_, width);
  ARROW_RETURN_NOT_OK(out_.Write(rendered.text));
  return out_.Write(std::string(StyleStart(terminal_, Style::kDim)) +
                    Footer(rendered.columns_shown).append(StyleEnd(terminal_)));
}

}  // namespace pinion::cli
