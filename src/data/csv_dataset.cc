#include "data/csv_dataset.h"

#include <cstring>
#include <set>
#include <utility>
#include <vector>

#include <arrow/csv/options.h>
#include <arrow/csv/reader.h>
#include <arrow/io/interfaces.h>
#include <arrow/status.h>

#include "base/near_names.h"
#include "data/guarded_reader.h"
#include "data/read_range.h"

namespace pinion::data {
namespace {

// What types are inferred from, what a batch is made of, and what a row must fit into.
// Arrow reads up to 32 blocks ahead.
constexpr int32_t kBlockBytes = 1 << 20;

// The bytes of a file, and a line end if the last line has none: without it, Arrow does
// not see a file that consists of the names alone.
class WholeLines : public arrow::io::InputStream {
 public:
  explicit WholeLines(const SourceFile& file)
      : file_(file.OpenView()), size_(file.size()) {}

  arrow::Status Close() override { return file_->Close(); }
  bool closed() const override { return file_->closed(); }
  arrow::Result<int64_t> Tell() const override { return position_; }

  arrow::Result<int64_t> Read(int64_t bytes, void* out) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, Read(bytes));
    if (buffer->size() > 0) {
      std::memcpy(out, buffer->data(), static_cast<size_t>(buffer->size()));
    }
    return buffer->size();
  }

  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, file_->Read(bytes));
    position_ += buffer->size();
    if (buffer->size() > 0) {
      last_ = static_cast<char>(buffer->data()[buffer->size() - 1]);
    }
    // Behind the last bytes if there is room, as Arrow wants the names in one block.
    if (position_ == size_ && last_ != '\n' && buffer->size() < bytes) {
      last_ = '\n';
      return arrow::Buffer::FromString(buffer->ToString() + last_);
    }
    return buffer;
  }

 private:
  const std::shared_ptr<arrow::io::InputStream> file_;
  const int64_t size_;
  int64_t position_ = 0;
  char last_ = '\n';
};

arrow::Result<std::shared_ptr<arrow::csv::StreamingReader>> OpenStream(
    const SourceFile& file, const arrow::csv::ConvertOptions& convert) {
  auto read = arrow::csv::ReadOptions::Defaults();
  read.block_size = kBlockBytes;
  read.use_threads = false;  // or errors do not know their row
  auto parse = arrow::csv::ParseOptions::Defaults();
  parse.newlines_in_values = true;
  if (file.path().ends_with(".tsv")) parse.delimiter = '\t';
  return arrow::csv::StreamingReader::Make(arrow::io::default_io_context(),
                                           std::make_shared<WholeLines>(file), read,
                                           parse, convert);
}

class CsvReader : public GuardedReader {
 public:
  CsvReader(std::shared_ptr<const Dataset> dataset, const std::vector<int>& columns,
            std::stop_token stop, std::vector<int> places,
            std::shared_ptr<arrow::csv::StreamingReader> rows)
      : GuardedReader(std::move(dataset), columns, std::move(stop)),
        places_(std::move(places)),
        rows_(std::move(rows)) {}

 protected:
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Read() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    ARROW_RETURN_NOT_OK(rows_->ReadNext(&batch));
    if (batch == nullptr) return nullptr;
    arrow::ArrayVector columns;
    for (const int place : places_) columns.push_back(batch->column(place));
    return arrow::RecordBatch::Make(schema_, batch->num_rows(), std::move(columns));
  }

  // Arrow's messages have the row.
  std::string place() const override { return "the rows"; }

 private:
  const std::vector<int> places_;  // of the wanted columns among those that are read
  const std::shared_ptr<arrow::csv::StreamingReader> rows_;
};

}  // namespace

arrow::Result<std::shared_ptr<CsvDataset>> CsvDataset::Open(
    std::shared_ptr<const SourceFile> file) {
  std::shared_ptr<CsvDataset> dataset(new CsvDataset(std::move(file)));
  const arrow::Status status = dataset->Init();
  if (status.ok()) return dataset;
  return arrow::Status::IOError(base::QuoteForMessage(dataset->path(), 200),
                                " cannot be read as CSV: ", status.message());
}

arrow::Status CsvDataset::Init() {
  ARROW_ASSIGN_OR_RAISE(auto stream,
                        OpenStream(*file_, arrow::csv::ConvertOptions::Defaults()));
  if (stream->schema() == nullptr) {
    return arrow::Status::Invalid("it has no line with the names of the columns");
  }
  arrow::FieldVector fields;
  std::set<std::string> names;
  for (const auto& field : stream->schema()->fields()) {
    // Nothing but nulls so far, if there is more to come: a text may be anything.
    const bool is_unknown =
        field->type()->id() == arrow::Type::NA && file_->size() > kBlockBytes;
    fields.push_back(is_unknown ? field->WithType(arrow::utf8()) : field);
    if (!names.insert(field->name()).second) names_are_unique_ = false;
  }
  schema_ = arrow::schema(std::move(fields));
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> CsvDataset::OpenReader(
    const ReadOptions& options) const {
  ARROW_ASSIGN_OR_RAISE(auto range, ResolveRange(*this, options));
  if (range.first_batch == range.end_batch) {
    return arrow::RecordBatchReader::Make({}, SelectFields(*schema_, range.columns));
  }
  auto convert = arrow::csv::ConvertOptions::Defaults();
  for (const auto& field : schema_->fields()) {
    convert.column_types[field->name()] = field->type();
  }
  std::vector<int> places = range.columns;
  if (names_are_unique_ && !range.all_columns) {
    for (size_t i = 0; i < range.columns.size(); ++i) {
      convert.include_columns.push_back(schema_->field(range.columns[i])->name());
      places[i] = static_cast<int>(i);
    }
    // Arrow takes an empty list for all; to count rows, any column will do.
    if (range.columns.empty()) convert.include_columns = {schema_->field(0)->name()};
  }
  ARROW_ASSIGN_OR_RAISE(auto rows, OpenStream(*file_, convert));
  return std::make_shared<CsvReader>(shared_from_this(), range.columns, options.stop,
                                     std::move(places), std::move(rows));
}

}  // namespace pinion::data
