#pragma once

#include <memory>
#include <optional>
#include <string>

#include <arrow/result.h>

#include "data/dataset.h"
#include "data/source_file.h"

namespace pinion::data {

// A CSV file whose first line has the names of the columns (fields separated by tabs if
// the extension is .tsv). The types are inferred once, from the first block; a later
// value that does not fit ends the stream with an error that names the row. What stands
// for null is what Arrow's reader takes for it by default.
class CsvDataset : public Dataset, public std::enable_shared_from_this<CsvDataset> {
 public:
  static arrow::Result<std::shared_ptr<CsvDataset>> Open(
      std::shared_ptr<const SourceFile> file);

  const std::string& path() const override { return file_->path(); }
  Format format() const override { return Format::kCsv; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  std::optional<int64_t> num_rows() const override { return std::nullopt; }
  int64_t num_bytes() const override { return file_->size(); }
  int64_t num_batches() const override { return 1; }
  arrow::Status CheckUnchanged() const override { return file_->CheckUnchanged(); }
  arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> OpenReader(
      const ReadOptions& options) const override;

 private:
  explicit CsvDataset(std::shared_ptr<const SourceFile> file) : file_(std::move(file)) {}
  arrow::Status Init();

  const std::shared_ptr<const SourceFile> file_;
  std::shared_ptr<arrow::Schema> schema_;
  bool names_are_unique_ = true;
};

}  // namespace pinion::data
