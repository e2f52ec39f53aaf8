#pragma once

#include <string>
#include <string_view>

#include <arrow/result.h>

namespace pinion::data {

enum class Format {
  kFeather,  // Feather V2, which is the Arrow IPC file format
  kIpcStream,
  kParquet,
  kCsv,
};

// A word for people: "feather", "arrows", "parquet", "csv".
std::string_view FormatName(Format format);

// By the extension, in any case: .feather .arrow .ipc, .arrows, .parquet .pq,
// .csv .tsv. Invalid, naming the extensions known, for any other.
arrow::Result<Format> FormatOfExtension(const std::string& path);

}  // namespace pinion::data
