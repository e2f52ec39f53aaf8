#include "data/format.h"

#include <algorithm>
#include <filesystem>

#include "base/near_names.h"

namespace pinion::data {

std::string_view FormatName(Format format) {
  switch (format) {
    case Format::kFeather:
      return "feather";
    case Format::kIpcStream:
      return "arrows";
    case Format::kParquet:
      return "parquet";
    case Format::kCsv:
      return "csv";
  }
  return "unknown";
}

arrow::Result<Format> FormatOfExtension(const std::string& path) {
  std::string extension = std::filesystem::path(path).extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; });
  if (extension == ".feather" || extension == ".arrow" || extension == ".ipc") {
    return Format::kFeather;
  }
  if (extension == ".arrows") return Format::kIpcStream;
  if (extension == ".parquet" || extension == ".pq") return Format::kParquet;
  if (extension == ".csv" || extension == ".tsv") return Format::kCsv;
  return arrow::Status::Invalid(
      "no known file format has the extension of ", base::QuoteForMessage(path, 200),
      "; known are .feather .arrow .ipc .arrows .parquet .pq .csv .tsv");
}

}  // namespace pinion::data
