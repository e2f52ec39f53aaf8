#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "cli/result_writer.h"
#include "cli/text_table.h"
#include "cli/value_text.h"

namespace pinion::cli {

// Shows the first rows of a result as a table when it ends, and how many rows there
// were. Keeps the text of the rows it shows, long values cut, and nothing else.
class TableWriter : public ResultWriter {
 public:
  TableWriter(const Terminal& terminal, int64_t max_rows, arrow::io::OutputStream& out)
      : terminal_(terminal), max_rows_(max_rows), out_(out) {}

  arrow::Status Begin(const std::shared_ptr<arrow::Schema>& schema) override;
  arrow::Status Write(const arrow::RecordBatch& batch) override;
  arrow::Status End() override;
  bool shows_at_end() const override { return true; }

 private:
  // "(3 rows)", and what of them is not shown.
  std::string Footer(size_t columns_shown) const;

  Terminal terminal_;
  int64_t max_rows_;
  arrow::io::OutputStream& out_;
  std::vector<std::unique_ptr<ValueText>> texts_;
  TextTable table_;
  int64_t rows_ = 0;
};

}  // namespace pinion::cli
