#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/result.h>
#include <parquet/metadata.h>

#include "data/dataset.h"
#include "data/source_file.h"

namespace pinion::data {

// A Parquet file, of which the footer is kept in memory. Streams decode a part of a row
// group at a time.
class ParquetDataset : public Dataset,
                       public std::enable_shared_from_this<ParquetDataset> {
 public:
  static arrow::Result<std::shared_ptr<ParquetDataset>> Open(
      std::shared_ptr<const SourceFile> file);

  const std::string& path() const override { return file_->path(); }
  Format format() const override { return Format::kParquet; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  std::optional<int64_t> num_rows() const override { return metadata_->num_rows(); }
  int64_t num_bytes() const override { return file_->size(); }
  int64_t num_batches() const override { return metadata_->num_row_groups(); }
  arrow::Result<int64_t> BatchRows(int64_t batch) const override {
    return metadata_->RowGroup(static_cast<int>(batch))->num_rows();
  }
  arrow::Status CheckUnchanged() const override { return file_->CheckUnchanged(); }
  arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> OpenReader(
      const ReadOptions& options) const override;
  arrow::Result<std::shared_ptr<arrow::io::RandomAccessFile>> OpenFile() const override {
    return file_->OpenView();
  }

 private:
  explicit ParquetDataset(std::shared_ptr<const SourceFile> file)
      : file_(std::move(file)) {}
  arrow::Status Init();

  const std::shared_ptr<const SourceFile> file_;
  std::shared_ptr<parquet::FileMetaData> metadata_;
  std::shared_ptr<arrow::Schema> schema_;
  // The physical columns that each field of the schema consists of.
  std::vector<std::vector<int>> leaves_;
};

}  // namespace pinion::data
