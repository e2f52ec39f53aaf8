#include "data/dataset.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <string_view>
#include <utility>

#include <arrow/io/interfaces.h>
#include <arrow/status.h>

#include "base/near_names.h"
#include "data/csv_dataset.h"
#include "data/ipc_dataset.h"
#include "data/parquet_dataset.h"
#include "data/source_file.h"

namespace pinion::data {
namespace {

constexpr std::string_view kFeatherMagic = "ARROW1";
constexpr std::string_view kFeatherV1Magic = "FEA1";
constexpr std::string_view kParquetMagic = "PAR1";
constexpr std::string_view kEncryptedParquetMagic = "PARE";
constexpr std::string_view kIpcContinuation = "\xff\xff\xff\xff";

arrow::Status Unreadable(const SourceFile& file, const char* why) {
  return arrow::Status::IOError(base::QuoteForMessage(file.path(), 200), why);
}

arrow::Result<Format> Recognise(const SourceFile& file) {
  if (file.size() == 0) return Unreadable(file, " is empty");
  std::array<char, 8> bytes = {};
  const int64_t available = std::min<int64_t>(file.size(), bytes.size());
  ARROW_RETURN_NOT_OK(file.ReadInto(0, available, bytes.data()));
  const std::string_view start(bytes.data(), static_cast<size_t>(available));
  if (start.starts_with(kFeatherMagic)) return Format::kFeather;
  if (start.starts_with(kParquetMagic)) return Format::kParquet;
  if (start.starts_with(kIpcContinuation)) return Format::kIpcStream;
  if (start.starts_with(kFeatherV1Magic)) {
    return Unreadable(file,
                      " is a Feather V1 file, which is obsolete; write it again as "
                      "Feather V2, for example with pyarrow.feather.read_table and "
                      "write_feather");
  }
  if (start.starts_with(kEncryptedParquetMagic)) {
    return Unreadable(file, " is an encrypted Parquet file, which cannot be read");
  }
  const auto by_extension = FormatOfExtension(file.path());
  if (by_extension.ok() &&
      (*by_extension == Format::kCsv || *by_extension == Format::kIpcStream)) {
    return *by_extension;  // neither begins with a mark, or only newer streams do
  }
  return Unreadable(file,
                    " is none of the files that can be read: Feather (Arrow IPC), "
                    "Arrow IPC stream, Parquet, or CSV with the extension .csv or .tsv");
}

}  // namespace

arrow::Result<std::shared_ptr<arrow::io::RandomAccessFile>> Dataset::OpenFile() const {
  return arrow::Status::NotImplemented(FormatName(format()),
                                       " files are read by their dataset alone");
}

arrow::Result<int64_t> Dataset::BatchRows(int64_t /*batch*/) const {
  return arrow::Status::NotImplemented(FormatName(format()),
                                       " files do not tell the rows of their batches");
}

arrow::Result<std::unique_ptr<MessageReader>> Dataset::OpenMessages(
    const ReadOptions& /*options*/, const MessageLimits& /*limits*/) const {
  return nullptr;
}

arrow::Result<std::shared_ptr<Dataset>> OpenDataset(const std::string& path) {
  ARROW_ASSIGN_OR_RAISE(auto file, SourceFile::Open(path));
  ARROW_ASSIGN_OR_RAISE(const Format format, Recognise(*file));
  switch (format) {
    case Format::kFeather:
    case Format::kIpcStream:
      return IpcDataset::Open(file, format);
    case Format::kParquet:
      return ParquetDataset::Open(std::move(file));
    case Format::kCsv:
      return CsvDataset::Open(std::move(file));
  }
  return arrow::Status::Invalid("unknown format");
}

}  // namespace pinion::data
