#include "cli/result_writer.h"

#include <array>
#include <string_view>
#include <utility>

#include <arrow/ipc/writer.h>

#include "cli/command.h"
#include "cli/table_writer.h"
#include "cli/text_writers.h"

namespace pinion::cli {

namespace {

struct NamedFormat {
  std::string_view name;
  ResultFormat format;
};

constexpr std::array<NamedFormat, 6> kFormats = {{
    {"table", ResultFormat::kTable},
    {"csv", ResultFormat::kCsv},
    {"json", ResultFormat::kJson},
    {"jsonl", ResultFormat::kJsonLines},
    {"markdown", ResultFormat::kMarkdown},
    {"arrow", ResultFormat::kArrow},
}};

// The Arrow IPC stream format.
class ArrowWriter : public ResultWriter {
 public:
  explicit ArrowWriter(arrow::io::OutputStream& out) : out_(out) {}

  arrow::Status Begin(const std::shared_ptr<arrow::Schema>& schema) override {
    ARROW_ASSIGN_OR_RAISE(writer_, arrow::ipc::MakeStreamWriter(&out_, schema));
    return arrow::Status::OK();
  }
  arrow::Status Write(const arrow::RecordBatch& batch) override {
    return writer_->WriteRecordBatch(batch);
  }
  arrow::Status End() override { return writer_->Close(); }

 private:
  arrow::io::OutputStream& out_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

}  // namespace

std::vector<std::string> ResultFormatNames() {
  std::vector<std::string> names;
  for (const NamedFormat& format : kFormats) names.emplace_back(format.name);
  return names;
}

arrow::Result<ResultFormat> ParseResultFormat(const std::string& name) {
  for (const NamedFormat& format : kFormats) {
    if (format.name == name) return format.format;
  }
  return arrow::Status::Invalid("'", name, "' is no format");
}

arrow::Status CheckBinaryOutput(ResultFormat format, const Terminal& terminal) {
  if (format == ResultFormat::kArrow && terminal.is_tty) {
    return UsageError("--format arrow is binary: send it to a file or a pipe");
  }
  return arrow::Status::OK();
}

std::unique_ptr<ResultWriter> ResultWriter::Create(const ResultOptions& options,
                                                   arrow::io::OutputStream& out) {
  switch (options.format) {
    case ResultFormat::kTable:
      return std::make_unique<TableWriter>(options.terminal, options.max_rows, out);
    case ResultFormat::kCsv:
      return MakeCsvWriter(out);
    case ResultFormat::kJson:
      return MakeJsonWriter(out);
    case ResultFormat::kJsonLines:
      return MakeJsonLinesWriter(out);
    case ResultFormat::kMarkdown:
      return MakeMarkdownWriter(out);
    case ResultFormat::kArrow:
      return std::make_unique<ArrowWriter>(out);
  }
  return nullptr;
}

}  // namespace pinion::cli
