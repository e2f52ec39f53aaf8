#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/io/file.h>
#include <arrow/status.h>

#include "cli/client.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/compression_option.h"
#include "cli/context.h"
#include "cli/dataset_request.h"
#include "cli/location.h"
#include "cli/number_text.h"
#include "cli/progress.h"
#include "cli/query_error.h"
#include "cli/result_stream.h"
#include "cli/result_writer.h"
#include "cli/sql_prompt.h"
#include "cli/sql_splitter.h"

namespace pinion::cli {

namespace {

// Of a script, which is kept in memory.
constexpr int64_t kMaxScriptBytes = int64_t{64} << 20;

struct SqlOptions {
  std::string uri;
  std::optional<std::string> query;
  std::string file;
  std::string format = "table";
  int64_t max_rows = 40;
  std::string compression;
};

arrow::Result<std::string> ReadScript(const std::string& path) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(path));
  std::string script;
  while (true) {
    ARROW_ASSIGN_OR_RAISE(const auto chunk, file->Read(int64_t{1} << 16));
    if (chunk->size() == 0) return script;
    script += chunk->ToString();
    if (static_cast<int64_t>(script.size()) > kMaxScriptBytes) {
      return arrow::Status::Invalid("'", path, "' is longer than ", kMaxScriptBytes,
                                    " bytes");
    }
  }
}

// The script to run, or nothing for the prompt.
arrow::Result<std::optional<std::string>> GetScript(const SqlOptions& options,
                                                    Context& context) {
  if (options.query && !options.file.empty()) {
    return UsageError("a QUERY or -f FILE, not both");
  }
  if (options.query && *options.query != "-") return options.query;
  if (!options.file.empty() && options.file != "-") {
    ARROW_ASSIGN_OR_RAISE(auto script, ReadScript(options.file));
    return script;
  }
  const bool dash = options.query || !options.file.empty();
  if (!dash && context.in.is_tty() && context.out_terminal.is_tty) return std::nullopt;
  ARROW_ASSIGN_OR_RAISE(auto script, context.in.ReadAll(kMaxScriptBytes, context.stop));
  return script;
}

// What a statement without columns did; only people want to know.
arrow::Status ShowChange(const RowSource& source, const ResultWriter& writer,
                         Context& context) {
  if (!writer.shows_at_end()) return arrow::Status::OK();  // no table: for programs
  const int64_t rows = source.total_rows().value_or(0);
  ARROW_RETURN_NOT_OK(context.out.Write(
      "(" + GroupedNumber(rows) + (rows == 1 ? " row changed)\n" : " rows changed)\n")));
  return context.out.Flush();
}

arrow::Status RunStatement(const std::string& sql, Client& client, ResultWriter& writer,
                           Context& context) {
  ARROW_ASSIGN_OR_RAISE(const auto source, RowSource::OpenStatement(client, sql));
  if (source->schema()->num_fields() == 0) return ShowChange(*source, writer, context);
  ARROW_RETURN_NOT_OK(writer.Begin(source->schema()));
  // A table is shown at the end; what streams to a terminal is its own progress.
  std::optional<Progress> progress;
  if (!context.out_terminal.is_tty || writer.shows_at_end()) {
    progress.emplace(context, "reading", source->total_rows(), source->total_bytes());
  }
  while (true) {
    ARROW_ASSIGN_OR_RAISE(const auto batch, source->Next());
    if (batch == nullptr) break;
    ARROW_RETURN_NOT_OK(writer.Write(*batch));
    if (progress) progress->Add(batch->num_rows(), BatchBytes(*batch));
  }
  progress.reset();
  ARROW_RETURN_NOT_OK(writer.End());
  // The next statement may take long.
  return context.out.Flush();
}

arrow::Status RunScript(const SqlScript& script, Client& client, ResultWriter& writer,
                        Context& context) {
  const bool several = script.statements.size() > 1;
  for (size_t i = 0; i < script.statements.size(); ++i) {
    const SqlStatement& statement = script.statements[i];
    const arrow::Status status = RunStatement(statement.text, client, writer, context);
    if (!status.ok()) {
      return DescribeQueryError(status, statement, several ? i + 1 : 0, context);
    }
  }
  return arrow::Status::OK();
}

arrow::Status RunSql(const SqlOptions& options, Context& context) {
  ARROW_ASSIGN_OR_RAISE(const auto location, ParseLocation(options.uri));
  ARROW_ASSIGN_OR_RAISE(const ResultFormat format, ParseResultFormat(options.format));
  ARROW_RETURN_NOT_OK(CheckBinaryOutput(format, context.out_terminal));
  ARROW_ASSIGN_OR_RAISE(const auto text, GetScript(options, context));
  SqlScript script;
  if (text) {
    script = SplitSql(*text);
    if (script.statements.empty()) return UsageError("there is no query in the input");
    if (format == ResultFormat::kArrow && script.statements.size() > 1) {
      return UsageError("--format arrow takes one query, and these are " +
                        std::to_string(script.statements.size()));
    }
  }
  ARROW_ASSIGN_OR_RAISE(const auto client,
                        Client::Connect(location, context.stop, options.compression));
  const auto writer = ResultWriter::Create(
      {.format = format, .max_rows = options.max_rows, .terminal = context.out_terminal},
      context.out);
  const auto run = [&](const SqlScript& statements) {
    client->set_stop(context.stop);
    return RunScript(statements, *client, *writer, context);
  };
  if (script.statements.size() == 1) return run(script);
  ARROW_RETURN_NOT_OK(client->OpenSession());
  const arrow::Status status = text ? run(script) : RunSqlPrompt(context, run);
  client->set_stop(context.stop);
  const arrow::Status closed = client->CloseSession();
  return status.ok() ? closed : status;
}

}  // namespace

Command SqlCommand() {
  Command command("sql", "Run SQL on a server",
                  "pinion sql grpc://127.0.0.1:8815 'SELECT count(*) FROM large_table'\n"
                  "pinion sql localhost:8815 -f report.sql --format csv > report.csv\n"
                  "echo 'SELECT 1; SELECT 2' | pinion sql localhost:8815\n"
                  "pinion sql localhost:8815          # a prompt, on a terminal\n");
  auto options = std::make_shared<SqlOptions>();
  CLI::App& app = command.app();
  app.add_option("URI", options->uri, "The server: grpc://HOST:PORT, grpc+unix:///PATH")
      ->required();
  app.add_option("QUERY", options->query,
                 "One query or several with ; between them, or - for standard input");
  app.add_option("-f,--file", options->file, "Read the queries from a file")
      ->type_name("FILE");
  app.add_option("--format", options->format, "How to print the results")
      ->check(CLI::IsMember(ResultFormatNames()))
      ->capture_default_str();
  app.add_option("--rows", options->max_rows, "Show at most N rows of a table")
      ->type_name("N")
      ->check(CLI::Range(int64_t{0}, kMaxTableRows))
      ->capture_default_str();
  AddCompressionOption(app, options->compression);
  command.set_action([options](Context& context) { return RunSql(*options, context); });
  return command;
}

}  // namespace pinion::cli
