#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "cli/terminal.h"

namespace pinion::cli {

enum class ResultFormat { kTable, kCsv, kJson, kJsonLines, kMarkdown, kArrow };

// The names of the formats, as --format takes them.
std::vector<std::string> ResultFormatNames();
arrow::Result<ResultFormat> ParseResultFormat(const std::string& name);

// A table is shown when it is complete, so its rows are kept until then.
inline constexpr int64_t kMaxTableRows = 100'000;

// A UsageError if the format is binary and would go to a terminal.
arrow::Status CheckBinaryOutput(ResultFormat format, const Terminal& terminal);

struct ResultOptions {
  ResultFormat format = ResultFormat::kTable;
  // Of a table: how many rows are shown, and the terminal they are shown on.
  int64_t max_rows = 40;
  Terminal terminal = {};
};

// Writes query results in one format, batch by batch: a table keeps the rows it shows,
// every other format only the batch at hand. A call of Begin, some of Write and one of
// End make a result; several may follow each other. Borrows the stream; one thread.
class ResultWriter {
 public:
  static std::unique_ptr<ResultWriter> Create(const ResultOptions& options,
                                              arrow::io::OutputStream& out);
  virtual ~ResultWriter() = default;

  virtual arrow::Status Begin(const std::shared_ptr<arrow::Schema>& schema) = 0;
  virtual arrow::Status Write(const arrow::RecordBatch& batch) = 0;
  virtual arrow::Status End() = 0;

  // Whether nothing is seen of a result until End.
  virtual bool shows_at_end() const { return false; }
};

}  // namespace pinion::cli
