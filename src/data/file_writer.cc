#include "data/file_writer.h"

#include <algorithm>
#include <utility>

#include <arrow/compute/cast.h>
#include <arrow/csv/options.h>
#include <arrow/csv/writer.h>
#include <arrow/extension_type.h>
#include <arrow/ipc/writer.h>
#include <arrow/util/byte_size.h>
#include <arrow/util/compression.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include "base/near_names.h"
#include "base/recycling_pool.h"
#include "data/csv_text.h"
#include "data/growing_dictionary.h"
#include "data/output_file.h"

namespace pinion::data {
namespace {

using arrow::Compression;

// A row group is kept in memory until it is full; the bytes are those before encoding.
constexpr int64_t kRowGroupRows = 1 << 20;
constexpr int64_t kRowGroupBytes = 128 << 20;

constexpr int64_t kMostKeptBytes = int64_t{32} << 20;

// Whether there is a union anywhere. One without rows lacks the buffers that Arrow's
// compression looks at, and whoever sends one could bring the process down.
bool HasUnion(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::SPARSE_UNION:
    case arrow::Type::DENSE_UNION:
      return true;
    case arrow::Type::DICTIONARY:
      return HasUnion(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case arrow::Type::EXTENSION:
      return HasUnion(*static_cast<const arrow::ExtensionType&>(type).storage_type());
    default:
      return std::ranges::any_of(
          type.fields(), [](const auto& field) { return HasUnion(*field->type()); });
  }
}

bool CanBeCompressed(const arrow::Schema& schema) {
  return std::ranges::none_of(schema.fields(),
                              [](const auto& field) { return HasUnion(*field->type()); });
}

// The part of a writer that depends on the format.
class Encoder {
 public:
  virtual ~Encoder() = default;
  virtual arrow::Status Write(const arrow::RecordBatch& batch) = 0;
  virtual arrow::Status Close() = 0;
};

class IpcEncoder : public Encoder {
 public:
  static arrow::Result<std::unique_ptr<Encoder>> Create(
      Format format, Compression::type compression, std::shared_ptr<OutputFile> file,
      const std::shared_ptr<arrow::Schema>& schema) {
    auto encoder = std::make_unique<IpcEncoder>();
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.emit_dictionary_deltas = true;
    if (compression != Compression::UNCOMPRESSED && CanBeCompressed(*schema)) {
      ARROW_ASSIGN_OR_RAISE(options.codec, arrow::util::Codec::Create(compression));
    }
    options.memory_pool = &encoder->pool_;
    if (format == Format::kFeather) {
      ARROW_ASSIGN_OR_RAISE(encoder->writer_,
                            arrow::ipc::MakeFileWriter(std::move(file), schema, options));
    } else {
      ARROW_ASSIGN_OR_RAISE(encoder->writer_, arrow::ipc::MakeStreamWriter(
                                                  std::move(file), schema, options));
    }
    encoder->dictionaries_ = GrowingDictionaries(*schema);
    return encoder;
  }

  arrow::Status Write(const arrow::RecordBatch& batch) override {
    // A file cannot replace a dictionary between two batches, only extend it.
    ARROW_ASSIGN_OR_RAISE(auto unified, dictionaries_.Unify(batch));
    return writer_->WriteRecordBatch(*unified);
  }
  arrow::Status Close() override { return writer_->Close(); }

 private:
  // Of what is compressed, until it is written.
  base::RecyclingPool pool_{kMostKeptBytes};
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
  GrowingDictionaries dictionaries_;
};

class ParquetEncoder : public Encoder {
 public:
  static arrow::Result<std::unique_ptr<Encoder>> Create(
      Compression::type compression, std::shared_ptr<OutputFile> file,
      const std::shared_ptr<arrow::Schema>& schema) {
    // Parquet's LZ4 is without frames.
    if (compression == Compression::LZ4_FRAME) compression = Compression::LZ4;
    auto properties = parquet::WriterProperties::Builder()
                          .compression(compression)
                          ->max_row_group_length(kRowGroupRows)
                          ->build();
    // Keeps what Parquet has no type for (time zones, dictionaries, large types).
    auto arrow_properties =
        parquet::ArrowWriterProperties::Builder().store_schema()->build();
    auto encoder = std::make_unique<ParquetEncoder>();
    ARROW_ASSIGN_OR_RAISE(encoder->writer_,
                          parquet::arrow::FileWriter::Open(
                              *schema, arrow::default_memory_pool(), std::move(file),
                              std::move(properties), std::move(arrow_properties)));
    return encoder;
  }

  arrow::Status Write(const arrow::RecordBatch& batch) override {
    if (row_group_bytes_ >= kRowGroupBytes) {
      ARROW_RETURN_NOT_OK(writer_->NewBufferedRowGroup());
      row_group_bytes_ = 0;
    }
    row_group_bytes_ += arrow::util::TotalBufferSize(batch);
    return writer_->WriteRecordBatch(batch);
  }
  arrow::Status Close() override { return writer_->Close(); }

 private:
  std::unique_ptr<parquet::arrow::FileWriter> writer_;
  int64_t row_group_bytes_ = 0;
};

class CsvEncoder : public Encoder {
 public:
  static arrow::Result<std::unique_ptr<Encoder>> Create(
      char delimiter, std::shared_ptr<OutputFile> file,
      const std::shared_ptr<arrow::Schema>& schema) {
    auto encoder = std::make_unique<CsvEncoder>();
    auto options = arrow::csv::WriteOptions::Defaults();
    options.delimiter = delimiter;
    encoder->schema_ = CsvSchema(*schema);
    ARROW_ASSIGN_OR_RAISE(
        encoder->writer_,
        arrow::csv::MakeCSVWriter(std::move(file), encoder->schema_, options));
    return encoder;
  }

  arrow::Status Write(const arrow::RecordBatch& batch) override {
    ARROW_ASSIGN_OR_RAISE(auto texts, ToCsvSchema(batch, schema_));
    return writer_->WriteRecordBatch(*texts);
  }
  arrow::Status Close() override { return writer_->Close(); }

 private:
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

arrow::Result<std::unique_ptr<Encoder>> MakeEncoder(
    const std::string& path, Format format, std::shared_ptr<OutputFile> file,
    const std::shared_ptr<arrow::Schema>& schema, const WriteOptions& options) {
  switch (format) {
    case Format::kFeather:
      return IpcEncoder::Create(format,
                                options.compression.value_or(Compression::LZ4_FRAME),
                                std::move(file), schema);
    case Format::kIpcStream:
      return IpcEncoder::Create(format,
                                options.compression.value_or(Compression::UNCOMPRESSED),
                                std::move(file), schema);
    case Format::kParquet:
      return ParquetEncoder::Create(options.compression.value_or(Compression::SNAPPY),
                                    std::move(file), schema);
    case Format::kCsv:
      if (options.compression.value_or(Compression::UNCOMPRESSED) !=
          Compression::UNCOMPRESSED) {
        return arrow::Status::Invalid("CSV is not written compressed");
      }
      return CsvEncoder::Create(path.ends_with(".tsv") ? '\t' : ',', std::move(file),
                                schema);
  }
  return arrow::Status::Invalid("unknown format");
}

class EncodingFileWriter : public FileWriter {
 public:
  EncodingFileWriter(std::string path, std::shared_ptr<OutputFile> file,
                     std::unique_ptr<Encoder> encoder,
                     std::shared_ptr<arrow::Schema> schema)
      : path_(std::move(path)),
        schema_(std::move(schema)),
        file_(std::move(file)),
        encoder_(std::move(encoder)) {}

  arrow::Status Write(const arrow::RecordBatch& batch) override {
    if (!batch.schema()->Equals(*schema_, /*check_metadata=*/false)) {
      return Named(arrow::Status::Invalid(
          "a batch's columns differ from those of the batches before it"));
    }
    ARROW_RETURN_NOT_OK(Named(encoder_->Write(batch)));
    rows_ += batch.num_rows();
    return arrow::Status::OK();
  }

  arrow::Status Finish() override {
    ARROW_RETURN_NOT_OK(Named(encoder_->Close()));
    return Named(file_->Commit());
  }

  int64_t rows_written() const override { return rows_; }
  int64_t bytes_written() const override { return file_->position(); }

  // The status with the name of the file in front.
  static arrow::Status Named(const std::string& path, const arrow::Status& status) {
    if (status.ok()) return status;
    return status.WithMessage("cannot write ", base::QuoteForMessage(path, 200), ": ",
                              status.message());
  }

 private:
  arrow::Status Named(const arrow::Status& status) const { return Named(path_, status); }

  const std::string path_;
  const std::shared_ptr<arrow::Schema> schema_;
  const std::shared_ptr<OutputFile> file_;
  const std::unique_ptr<Encoder> encoder_;
  int64_t rows_ = 0;
};

}  // namespace

arrow::Result<std::unique_ptr<FileWriter>> FileWriter::Create(
    const std::string& path, Format format, std::shared_ptr<arrow::Schema> schema,
    const WriteOptions& options) {
  const auto create = [&]() -> arrow::Result<std::unique_ptr<FileWriter>> {
    ARROW_ASSIGN_OR_RAISE(auto file, OutputFile::Create(path));
    ARROW_ASSIGN_OR_RAISE(auto encoder, MakeEncoder(path, format, file, schema, options));
    return std::make_unique<EncodingFileWriter>(path, std::move(file), std::move(encoder),
                                                std::move(schema));
  };
  auto writer = create();
  if (writer.ok()) return writer;
  return EncodingFileWriter::Named(path, writer.status());
}

}  // namespace pinion::data
