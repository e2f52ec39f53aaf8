#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <system_error>

#include <arrow/record_batch.h>
#include <arrow/status.h>
#include <arrow/util/type_fwd.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/progress.h"
#include "data/file_writer.h"
#include "data/format.h"
#include "data/sample_table.h"

namespace pinion::cli {
namespace {

constexpr char kDefaultOut[] = "data/sql_data.feather";

struct GenerateOptions {
  data::SampleOptions sample;
  std::string out = kDefaultOut;
  std::optional<std::string> compression;
};

arrow::Result<data::WriteOptions> ToWriteOptions(const GenerateOptions& options,
                                                 data::Format format) {
  static const std::map<std::string, arrow::Compression::type> kCodecs = {
      {"lz4", arrow::Compression::LZ4_FRAME},
      {"zstd", arrow::Compression::ZSTD},
      {"none", arrow::Compression::UNCOMPRESSED}};
  data::WriteOptions write;
  if (!options.compression) return write;
  write.compression = kCodecs.at(*options.compression);
  if (format == data::Format::kCsv &&
      write.compression != arrow::Compression::UNCOMPRESSED) {
    return UsageError("a CSV file is not written compressed; leave --compression out");
  }
  return write;
}

arrow::Status RunGenerate(const GenerateOptions& options, Context& context) {
  auto format = data::FormatOfExtension(options.out);
  if (!format.ok()) return UsageError(format.status().message());
  ARROW_ASSIGN_OR_RAISE(const data::WriteOptions write, ToWriteOptions(options, *format));
  if (options.out == kDefaultOut) {
    // What goes wrong here shows when the file is created.
    std::error_code ignored;
    std::filesystem::create_directories(std::filesystem::path(options.out).parent_path(),
                                        ignored);
  }
  const auto table = data::SampleTable(options.sample);
  ARROW_ASSIGN_OR_RAISE(auto writer, data::FileWriter::Create(options.out, *format,
                                                              table->schema(), write));
  Progress progress(context, "writing " + options.out, options.sample.rows, std::nullopt);
  int64_t bytes_seen = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  while (true) {
    if (context.stop.stop_requested()) return arrow::Status::Cancelled("stopped");
    ARROW_RETURN_NOT_OK(table->ReadNext(&batch));
    if (batch == nullptr) break;
    ARROW_RETURN_NOT_OK(writer->Write(*batch));
    progress.Add(batch->num_rows(), writer->bytes_written() - bytes_seen);
    bytes_seen = writer->bytes_written();
  }
  return writer->Finish();
}

}  // namespace

Command GenerateCommand() {
  Command command("generate", "Write the sample table to a file",
                  "pinion generate\n"
                  "pinion generate --rows 10000000 --out big.parquet\n");
  auto options = std::make_shared<GenerateOptions>();
  CLI::App& app = command.app();
  app.add_option("--rows", options->sample.rows, "Number of rows")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_option("--seed", options->sample.seed,
                 "Rows of the same seed have the same values")
      ->capture_default_str();
  app.add_option("--out", options->out,
                 "The file to write; its extension decides the format (.feather .arrow "
                 ".ipc .arrows .parquet .pq .csv .tsv)")
      ->capture_default_str();
  app.add_option("--compression", options->compression,
                 "By default lz4 for Feather and snappy for Parquet; else")
      ->check(CLI::IsMember({"lz4", "zstd", "none"}));
  app.add_option("--batch-rows", options->sample.batch_rows, "Rows of one batch")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 24));
  command.set_action(
      [options](Context& context) { return RunGenerate(*options, context); });
  return command;
}

}  // namespace pinion::cli
