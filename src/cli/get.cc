#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/status.h>
#include <arrow/type.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/compression_option.h"
#include "cli/context.h"
#include "cli/dataset_request.h"
#include "cli/location.h"
#include "cli/number_text.h"
#include "cli/progress.h"
#include "cli/result_stream.h"
#include "cli/table_writer.h"
#include "cli/text_width.h"
#include "data/file_writer.h"
#include "data/format.h"

namespace pinion::cli {

namespace {

struct GetOptions {
  std::string uri;
  std::string dataset;
  std::string sql;
  std::vector<std::string> columns;
  std::optional<int64_t> limit;
  std::string out;
  bool batches = false;
  int64_t pause_every = 0;
  int64_t max_rows = 40;
  std::string compression;
};

// What went by, for the last line.
struct Passed {
  int64_t rows = 0;
  int64_t batches = 0;
  int64_t bytes = 0;
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();

  void Add(const arrow::RecordBatch& batch) {
    rows += batch.num_rows();
    ++batches;
    bytes += BatchBytes(batch);
  }

  // "1,000 rows in 2 batches, 5.00 MB in 0.5 s (10.0 MB/s)"
  std::string Text() const {
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    std::string text = GroupedNumber(rows) + (rows == 1 ? " row in " : " rows in ") +
                       GroupedNumber(batches) +
                       (batches == 1 ? " batch, " : " batches, ") + HumanBytes(bytes) +
                       " in " + HumanSeconds(time.count());
    if (time.count() > 0) {
      const double rate = static_cast<double>(bytes) / time.count();
      text += " (" + HumanBytes(static_cast<int64_t>(rate)) + "/s)";
    }
    return text;
  }
};

arrow::Status CheckOptions(const GetOptions& options) {
  if (options.dataset.empty() && options.sql.empty()) {
    return UsageError("which DATASET? (pinion list URI shows them) or --sql QUERY");
  }
  if (!options.sql.empty() && (!options.columns.empty() || options.limit)) {
    return UsageError(
        "--columns and --limit do not go with --sql: write it in the query");
  }
  if (!options.out.empty() && (options.batches || options.pause_every > 0)) {
    return UsageError("--out writes a file; --batches and --pause-every print instead");
  }
  return arrow::Status::OK();
}

std::string FieldLine(const arrow::Field& field, int name_width) {
  const std::string name = PrintableText(field.name());
  const int padding = std::max(0, name_width - TextWidth(name));
  return "  " + name + std::string(static_cast<size_t>(padding), ' ') + "  " +
         PrintableText(field.type()->ToString()) + (field.nullable() ? "" : " not null");
}

arrow::Status PrintSchema(const arrow::Schema& schema, Context& context) {
  constexpr int kMaxNameWidth = 32;
  int name_width = 0;
  for (const auto& field : schema.fields()) {
    name_width = std::max(name_width, TextWidth(PrintableText(field->name())));
  }
  name_width = std::min(name_width, kMaxNameWidth);
  const Terminal& terminal = context.out_terminal;
  std::string text(StyleStart(terminal, Style::kBold));
  text += "schema";
  text += StyleEnd(terminal);
  text += '\n';
  for (const auto& field : schema.fields()) {
    const std::string line = FieldLine(*field, name_width);
    text += terminal.is_tty ? CutToWidth(line, terminal.width) : line;
    text += '\n';
  }
  return context.out.Write(text + "\n");
}

arrow::Status PrintTable(RowSource& source, const GetOptions& options, Context& context) {
  ARROW_RETURN_NOT_OK(PrintSchema(*source.schema(), context));
  TableWriter writer(context.out_terminal, options.max_rows, context.out);
  ARROW_RETURN_NOT_OK(writer.Begin(source.schema()));
  Passed passed;
  Progress progress(context, "reading", source.total_rows(), source.total_bytes());
  while (true) {
    ARROW_ASSIGN_OR_RAISE(const auto batch, source.Next());
    if (batch == nullptr) break;
    ARROW_RETURN_NOT_OK(writer.Write(*batch));
    passed.Add(*batch);
    progress.Add(batch->num_rows(), BatchBytes(*batch));
  }
  progress.Finish();
  ARROW_RETURN_NOT_OK(writer.End());
  return context.out.Write("read " + passed.Text() + "\n");
}

// Whether to go on, which Enter and the end of the input say; 'q' says no.
arrow::Result<bool> Pause(Context& context) {
  ARROW_RETURN_NOT_OK(context.out.Flush());
  WriteError(context.err, "Enter for more, q to stop: ");
  ARROW_ASSIGN_OR_RAISE(const auto line, context.in.ReadLine(context.stop));
  return !line || (*line != "q" && *line != "Q");
}

arrow::Status PrintBatches(RowSource& source, const GetOptions& options,
                           Context& context) {
  ARROW_RETURN_NOT_OK(PrintSchema(*source.schema(), context));
  const bool pauses =
      options.pause_every > 0 && context.out_terminal.is_tty && context.in.is_tty();
  Passed passed;
  while (true) {
    ARROW_ASSIGN_OR_RAISE(const auto batch, source.Next());
    if (batch == nullptr) break;
    passed.Add(*batch);
    ARROW_RETURN_NOT_OK(
        context.out.Write("batch " + GroupedNumber(passed.batches) + ": " +
                          GroupedNumber(batch->num_rows()) +
                          (batch->num_rows() == 1 ? " row, " : " rows, ") +
                          HumanBytes(BatchBytes(*batch)) + "\n"));
    if (pauses && passed.batches % options.pause_every == 0) {
      ARROW_ASSIGN_OR_RAISE(const bool more, Pause(context));
      if (!more) return context.out.Write("stopped after " + passed.Text() + "\n");
    }
  }
  return context.out.Write("read " + passed.Text() + "\n");
}

arrow::Status WriteFile(RowSource& source, const std::string& path, data::Format format,
                        Context& context) {
  ARROW_ASSIGN_OR_RAISE(const auto writer,
                        data::FileWriter::Create(path, format, source.schema()));
  Passed passed;
  {
    Progress progress(context, "reading", source.total_rows(), source.total_bytes());
    while (true) {
      ARROW_ASSIGN_OR_RAISE(const auto batch, source.Next());
      if (batch == nullptr) break;
      ARROW_RETURN_NOT_OK(writer->Write(*batch));
      passed.Add(*batch);
      progress.Add(batch->num_rows(), BatchBytes(*batch));
    }
  }
  ARROW_RETURN_NOT_OK(writer->Finish());
  ARROW_RETURN_NOT_OK(context.out.Write("read " + passed.Text() + "\n"));
  return context.out.Write("wrote " + path + ", " + HumanBytes(writer->bytes_written()) +
                           "\n");
}

arrow::Result<std::unique_ptr<RowSource>> OpenSource(const GetOptions& options,
                                                     Client& client, Context& context) {
  if (options.sql.empty()) {
    return RowSource::OpenDataset(context, client, options.dataset,
                                  {.columns = options.columns, .limit = options.limit});
  }
  if (!options.dataset.empty()) {
    // Beside a query the dataset only says what the query is about: it must exist.
    ARROW_RETURN_NOT_OK(
        client.GetInfo(arrow::flight::FlightDescriptor::Path({options.dataset})));
  }
  return RowSource::OpenQuery(client, options.sql);
}

arrow::Status RunGet(const GetOptions& options, Context& context) {
  ARROW_RETURN_NOT_OK(CheckOptions(options));
  ARROW_ASSIGN_OR_RAISE(const auto location, ParseLocation(options.uri));
  auto format = arrow::Result<data::Format>(data::Format::kFeather);
  if (!options.out.empty()) format = data::FormatOfExtension(options.out);
  if (!format.ok()) return UsageError(format.status().message());
  ARROW_ASSIGN_OR_RAISE(const auto client,
                        Client::Connect(location, context.stop, options.compression));
  ARROW_ASSIGN_OR_RAISE(const auto source, OpenSource(options, *client, context));
  if (!options.out.empty()) return WriteFile(*source, options.out, *format, context);
  if (options.batches || options.pause_every > 0) {
    return PrintBatches(*source, options, context);
  }
  return PrintTable(*source, options, context);
}

void AddOptions(CLI::App& app, GetOptions& options) {
  app.add_option("URI", options.uri, "The server: grpc://HOST:PORT, grpc+unix:///PATH")
      ->required();
  app.add_option("DATASET", options.dataset,
                 "The dataset's name; pinion list shows them");
  app.add_option("--sql", options.sql, "Read the result of this query instead");
  app.add_option("--columns", options.columns,
                 "Only these columns, in this order: a,b or repeated")
      ->delimiter(',')
      ->type_name("NAME,...")
      ->allow_extra_args(false);
  app.add_option("--limit", options.limit, "Only the first N rows")
      ->type_name("N")
      ->check(CLI::NonNegativeNumber);
  app.add_option("--out", options.out,
                 "Write a file; its extension decides the format (.feather .arrow .ipc "
                 ".arrows .parquet .pq .csv .tsv)")
      ->type_name("FILE");
  app.add_flag("--batches", options.batches, "Print a line a batch, not the rows");
  app.add_option("--pause-every", options.pause_every,
                 "Print a line a batch, and wait for Enter after every N on a terminal")
      ->type_name("N")
      ->check(CLI::PositiveNumber);
  app.add_option("--rows", options.max_rows, "Show at most N rows; all are read")
      ->type_name("N")
      ->check(CLI::Range(int64_t{0}, kMaxTableRows))
      ->capture_default_str();
  AddCompressionOption(app, options.compression);
}

}  // namespace

Command GetCommand() {
  Command command("get", "Read a dataset or a query's result from start to end",
                  "pinion get grpc://127.0.0.1:8815 large_table\n"
                  "pinion get localhost:8815 large_table --columns id,name --limit 10\n"
                  "pinion get localhost:8815 large_table --out copy.parquet\n"
                  "pinion get localhost:8815 --sql 'SELECT count(*) FROM large_table'\n");
  auto options = std::make_shared<GetOptions>();
  AddOptions(command.app(), *options);
  command.set_action([options](Context& context) { return RunGet(*options, context); });
  return command;
}

}  // namespace pinion::cli
