#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include <arrow/status.h>

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/context.h"
#include "cli/location.h"
#include "pinion/server.h"

namespace pinion::cli {
namespace {

// One hour: more than anybody waits for.
constexpr double kMaxShutdownSeconds = 3600;

struct ServeOptions {
  ServerOptions server;
  // As given: [NAME=]PATH.
  std::vector<std::string> datasets;
  double shutdown_timeout_s = 10;
  double statement_timeout_s = 0;
};

// A file may have a name with '=' in it, so that comes first.
DatasetSource ToSource(const std::string& argument) {
  std::error_code ignored;
  const size_t equals = argument.find('=');
  if (equals == std::string::npos || std::filesystem::exists(argument, ignored)) {
    return {.name = "", .path = argument};
  }
  return {.name = argument.substr(0, equals), .path = argument.substr(equals + 1)};
}

arrow::Status CheckDatasetArguments(const std::vector<std::string>& arguments) {
  for (const std::string& argument : arguments) {
    if (argument.starts_with('=') || argument.ends_with('=') || argument.empty()) {
      return UsageError("'" + argument + "' is no dataset; expected PATH or NAME=PATH");
    }
  }
  return arrow::Status::OK();
}

std::chrono::milliseconds ToMilliseconds(double seconds) {
  return std::chrono::milliseconds(static_cast<int64_t>(seconds * 1000));
}

void WaitForStop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  std::unique_lock lock(mutex);
  never.wait(lock, stop, [] { return false; });
}

arrow::Status RunServe(ServeOptions options, Context& context) {
  ARROW_RETURN_NOT_OK(CheckDatasetArguments(options.datasets));
  for (std::string& uri : options.server.listen) {
    ARROW_ASSIGN_OR_RAISE(const auto location, ParseLocation(uri));
    uri = location.ToString();
  }
  for (const std::string& argument : options.datasets) {
    options.server.datasets.push_back(ToSource(argument));
  }
  options.server.statement_timeout = ToMilliseconds(options.statement_timeout_s);
  ARROW_ASSIGN_OR_RAISE(const auto server, Server::Create(options.server));
  ARROW_RETURN_NOT_OK(server->Start());
  for (const std::string& location : server->locations()) {
    ARROW_RETURN_NOT_OK(context.out.Write("listening on " + location + "\n"));
  }
  ARROW_RETURN_NOT_OK(context.out.Flush());
  WaitForStop(context.stop);
  return server->Shutdown(ToMilliseconds(options.shutdown_timeout_s));
}

void AddLimits(CLI::App& app, ServeOptions& options) {
  const CLI::AsSizeValue size(/*kb_is_1000=*/false);
  ServerOptions& server = options.server;
  app.add_option("--shutdown-timeout", options.shutdown_timeout_s,
                 "Seconds that calls have to end when the server is stopped")
      ->capture_default_str()
      ->check(CLI::Range(0.0, kMaxShutdownSeconds));
  app.add_option("--statement-timeout", options.statement_timeout_s,
                 "Seconds that a statement with its result may take; 0 for no limit")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_option("--preload-limit", server.preload_limit_bytes,
                 "What --preload may take, such as 16GB; 0 for half of all memory")
      ->transform(size)
      ->capture_default_str();
  app.add_option("--max-calls", server.max_calls, "Calls in flight at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 1 << 20));
  app.add_option("--max-upload-message", server.max_receive_bytes,
                 "The largest message that a client may send, such as 256MB")
      ->transform(size)
      ->capture_default_str();
  app.add_option("--compression", server.compression,
                 "How results are compressed for clients that can read it")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "lz4", "zstd"}));
  app.add_option("--read-ahead", server.read_ahead_bytes,
                 "What one stream may produce ahead of its client, such as 16MB")
      ->transform(size)
      ->capture_default_str();
  app.add_option("--memory-limit", server.memory_limit_bytes,
                 "Memory of the SQL engine, such as 4GB; 0 for four fifths of all")
      ->transform(size)
      ->capture_default_str();
  app.add_option("--result-buffer", server.result_buffer_bytes,
                 "What it may have ready of all results before they are read")
      ->transform(size)
      ->capture_default_str();
  app.add_option("--threads", server.threads,
                 "Threads of the SQL engine; 0 for one a core")
      ->capture_default_str()
      ->check(CLI::NonNegativeNumber);
  app.add_option("--temp-dir", server.temp_folder,
                 "Where the SQL engine may spill to; by default a folder of its own");
}

}  // namespace

Command ServeCommand() {
  Command command(
      "serve", "Serve data files over Arrow Flight and Flight SQL",
      "pinion serve data/sql_data.feather\n"
      "pinion serve trips=a.parquet zones.csv --listen grpc://0.0.0.0:8815\n"
      "pinion serve --database work.duckdb --listen grpc+unix:///run/p.sock\n");
  auto options = std::make_shared<ServeOptions>();
  CLI::App& app = command.app();
  app.add_option("PATH", options->datasets,
                 "[NAME=]PATH of a Feather, Arrow IPC stream, Parquet or CSV file; the "
                 "name is that of the file unless given");
  app.add_option(
         "--listen", options->server.listen,
         "grpc://HOST:PORT (port 0: any) or grpc+unix:///PATH; repeat it for more")
      ->capture_default_str()
      ->allow_extra_args(false);
  app.add_flag(
      "--preload", options->server.preload,
      "Keep the datasets decoded in memory: streams take the least time, the start "
      "takes longer, and the memory is what they have without compression");
  app.add_flag("--read-only", options->server.read_only, "Refuse everything that writes");
  app.add_option("--database", options->server.database,
                 "A DuckDB database file to keep tables in; in memory unless given");
  app.add_option("--upload-dir", options->server.upload_folder,
                 "A folder for datasets that clients upload; refused unless given");
  app.add_option("--upload-compression", options->server.upload_compression,
                 "How their files are compressed")
      ->capture_default_str()
      ->check(CLI::IsMember({"none", "lz4", "zstd"}));
  AddLimits(app, *options);
  command.set_action([options](Context& context) { return RunServe(*options, context); });
  return command;
}

}  // namespace pinion::cli
