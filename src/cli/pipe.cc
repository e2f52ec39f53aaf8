#include <chrono>
#include <malloc.h>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <arrow/compute/initialize.h>
#include <arrow/flight/types.h>
#include <arrow/memory_pool.h>

#include "base/recycling_pool.h"
#include "cli/command.h"
#include "cli/commands.h"
#include "cli/compression_option.h"
#include "cli/context.h"
#include "cli/location.h"
#include "cli/number_text.h"
#include "cli/pipe_compute.h"
#include "cli/pipe_options.h"
#include "cli/pipe_report.h"
#include "cli/pipe_sink.h"
#include "cli/pipe_view.h"
#include "cli/status_text.h"
#include "pinion/pipeline.h"

namespace pinion::cli {

namespace {

constexpr std::chrono::milliseconds kDrawEvery{100};
// Of blocks that batches have left, for the next ones.
constexpr int64_t kMaxKeptBytes = int64_t{32} << 20;

// The words of the command line as they come.
struct PipeWords {
  PipeOptions options;
  std::vector<std::string> compute;
  std::string sink = "summary";
  std::string memory = "256MB";
  std::string deadline;
  std::string fetch_rate;
  std::string report = "text";
  double simulate_compute_ms = 0;
  double simulate_sink_ms = 0;
  bool unordered = false;
};

arrow::Result<PipeOptions> Read(const PipeWords& words) {
  PipeOptions options = words.options;
  if (options.dataset.empty() == options.sql.empty()) {
    return UsageError(options.sql.empty() ? "which dataset, or what --sql query?"
                                          : "a dataset or --sql, not both");
  }
  for (const std::string& text : words.compute) {
    ARROW_ASSIGN_OR_RAISE(auto step, ParseCompute(text));
    if (step) options.compute.push_back(*std::move(step));
  }
  if (words.compute.empty()) {
    options.compute.push_back({ComputeStep::Kind::kNulls});
  }
  ARROW_ASSIGN_OR_RAISE(options.sink, ParseSink(words.sink));
  ARROW_ASSIGN_OR_RAISE(options.memory_bytes, ParseSize(words.memory));
  if (!words.deadline.empty()) {
    ARROW_ASSIGN_OR_RAISE(options.deadline, ParseDuration(words.deadline));
  }
  if (!words.fetch_rate.empty()) {
    ARROW_ASSIGN_OR_RAISE(options.fetch_rate, ParseSize(words.fetch_rate));
  }
  const auto milliseconds = [](double value) {
    return std::chrono::nanoseconds(static_cast<int64_t>(value * 1e6));
  };
  options.simulate_compute = milliseconds(words.simulate_compute_ms);
  options.simulate_sink = milliseconds(words.simulate_sink_ms);
  options.ordered = !words.unordered;
  options.report_json = words.report == "json";
  if (options.report_json && options.sink.kind == PipeSinkOption::Kind::kLog) {
    return UsageError("--report json and --sink log would both write to standard output");
  }
  return options;
}

// The notes of retries come from the threads that fetch; the main thread prints them.
class RetryNotes {
 public:
  void Add(const arrow::Status& broken, int64_t batches) {
    std::lock_guard lock(mutex_);
    notes_.push_back("lost the server after batch " + std::to_string(batches) +
                     " of a stream, trying again: " + StatusText(broken));
  }
  std::vector<std::string> Take() {
    std::lock_guard lock(mutex_);
    return std::exchange(notes_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> notes_;
};

arrow::Result<Source<Batch>> OpenSource(const PipeOptions& options, RetryNotes* notes,
                                        arrow::MemoryPool* pool,
                                        const std::stop_token& stop) {
  ARROW_ASSIGN_OR_RAISE(const auto location, ParseLocation(options.uri));
  const auto descriptor = options.sql.empty()
                              ? arrow::flight::FlightDescriptor::Path({options.dataset})
                              : arrow::flight::FlightDescriptor::Command(options.sql);
  const FlightOptions flight{
      .retries = options.retries,
      .on_retry = [notes](const arrow::Status& broken,
                          int64_t batches) { notes->Add(broken, batches); },
      .compression = options.compression,
      .rate_limit = options.fetch_rate,
      .decoders = options.sequential ? 0 : -1,
      .memory_pool = pool};
  auto source = FlightSource(location.ToString(), descriptor, flight, stop);
  if (!source.ok() && source.status().detail() != nullptr &&
      source.status().message().find("failed to connect") != std::string::npos) {
    return source.status().WithMessage("no server answers at ", options.uri, ": ",
                                       ConnectionProblem(source.status()));
  }
  return source;
}

arrow::Result<std::unique_ptr<Sink<Batch>>> OpenTarget(
    const PipeOptions& options, const std::shared_ptr<arrow::Schema>& schema) {
  using Kind = PipeSinkOption::Kind;
  if (options.sink.kind == Kind::kFile) return FileSink(options.sink.path, schema);
  if (options.sink.kind == Kind::kPut) {
    ARROW_ASSIGN_OR_RAISE(const auto location, ParseLocation(options.sink.uri));
    return FlightSink(location.ToString(), options.sink.name, schema);
  }
  return nullptr;
}

arrow::Result<Flow> StartFlow(const PipeOptions& options, Source<Batch> source,
                              PipeTotals* totals, Context& context) {
  // Once here, so that a mistake is told before anything is fetched, and to know what
  // the sink will get.
  ARROW_ASSIGN_OR_RAISE(const auto trial, PipeCompute::Create(options, source.schema));
  ARROW_ASSIGN_OR_RAISE(auto target, OpenTarget(options, trial->output_schema()));
  auto make_compute = [options, schema = source.schema](int) {
    return PipeCompute::Create(options, schema)
        .Map([](std::unique_ptr<PipeCompute> made) {
          return [compute = std::shared_ptr<PipeCompute>(std::move(made))](
                     const Batch& batch, const StageContext& context) {
            return compute->Apply(batch, context);
          };
        });
  };
  const QueueLimits queue{.items = options.queue_items,
                          .bytes = std::max<int64_t>(options.memory_bytes / 2, 1)};
  std::unique_ptr<Sink<PipePiece>> sink =
      std::make_unique<PipeSink>(options, std::move(target), totals, &context.out);
  return From("fetch", std::move(source),
              {.workers = options.streams, .ordered = options.ordered})
      .ThenPerWorker(
          "compute", make_compute,
          {.workers = options.workers, .queue = queue, .ordered = options.ordered})
      .To("sink", std::move(sink), {.queue = queue})
      .Start({.stop = context.stop,
              .time_limit = options.deadline,
              .sequential = options.sequential});
}

// What was done before the run ended early, for standard error.
std::string PartialText(const PipelineStats& stats) {
  return "until then: " + GroupedNumber(stats.stages.front().rows) + " rows in " +
         GroupedNumber(stats.stages.front().items) + " batches fetched, " +
         GroupedNumber(stats.stages.back().items) + " batches taken by the sink";
}

arrow::Status RunPipe(const PipeWords& words, Context& context) {
  ARROW_ASSIGN_OR_RAISE(const PipeOptions options, Read(words));
  // What gRPC receives is allocated by one thread and freed by another: with an arena
  // each they would hold on to it.
  ::mallopt(M_ARENA_MAX, 1);
  base::RecyclingPool pool(kMaxKeptBytes);
  ARROW_RETURN_NOT_OK(arrow::compute::Initialize());
  RetryNotes notes;
  ARROW_ASSIGN_OR_RAISE(auto source, OpenSource(options, &notes, &pool, context.stop));
  // Lines of the log are a live view of their own.
  const bool log_on_terminal =
      options.sink.kind == PipeSinkOption::Kind::kLog && context.out_terminal.is_tty;
  Terminal terminal = context.err_terminal;
  if (log_on_terminal) terminal.is_tty = false;
  PipeView view(terminal, context.err, source.total_rows);
  PipeTotals totals;
  ARROW_ASSIGN_OR_RAISE(Flow flow,
                        StartFlow(options, std::move(source), &totals, context));
  while (!flow.WaitFor(kDrawEvery)) {
    const auto lines = notes.Take();
    if (!lines.empty()) view.Erase();
    for (const std::string& line : lines) Note(context, line);
    view.Draw(flow.Stats());
  }
  view.Erase();
  for (const std::string& line : notes.Take()) Note(context, line);
  arrow::Status status = flow.Wait();
  const PipelineStats stats = flow.Stats();
  if (!status.ok()) {
    Note(context, PartialText(stats));
    return status;
  }
  return context.out.Write(options.report_json
                               ? PipeReportJson(totals, stats)
                               : PipeReportText(totals, stats, context.out_terminal));
}

void AddOptions(CLI::App& app, PipeWords& words) {
  PipeOptions& options = words.options;
  app.add_option("URI", options.uri, "The server")->required();
  app.add_option("DATASET", options.dataset, "The dataset to fetch");
  app.add_option("--sql", options.sql, "Fetch the result of a query instead");
  app.add_option("--compute", words.compute,
                 "What to do with each batch; several in a row: nulls (the default), "
                 "stats, 'filter EXPR', 'sql QUERY' (the batch is the table batch), none")
      ->expected(1)
      ->take_all();
  app.add_option("--sink", words.sink,
                 "Where batches go: summary, log (a line a batch), none, a file "
                 "(.feather .arrows .parquet .csv), or 'put URI NAME' for another server")
      ->capture_default_str();
  const CLI::Validator count = CLI::Range(1, 1024);
  app.add_option("--streams", options.streams, "Endpoints fetched side by side")
      ->capture_default_str()
      ->check(count);
  app.add_option("--workers", options.workers, "Batches computed side by side")
      ->capture_default_str()
      ->check(count);
  app.add_option("--queue", options.queue_items, "Batches that wait before each stage")
      ->capture_default_str()
      ->check(CLI::Range(int64_t{1}, int64_t{1} << 20));
  app.add_option("--memory", words.memory, "Bytes that wait in all queues together")
      ->capture_default_str();
  app.add_option("--deadline", words.deadline, "Stop after this time (500ms, 30s, 2m)");
  app.add_option("--retry", options.retries,
                 "How often a stream that broke is taken up again, after the last whole "
                 "batch; for datasets only")
      ->capture_default_str()
      ->check(CLI::Range(0, 1'000'000));
  app.add_flag("--unordered", words.unordered,
               "Give batches on as they are finished, not in the server's order");
  app.add_flag("--sequential", options.sequential,
               "The same work on one thread, without overlap, to compare");
  app.add_option("--report", words.report, "How to print the report")
      ->capture_default_str()
      ->check(CLI::IsMember({"text", "json"}));
  app.add_option("--simulate-compute-ms", words.simulate_compute_ms,
                 "Pretend that each batch takes so long to compute")
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--simulate-sink-ms", words.simulate_sink_ms,
                 "Pretend that each batch takes so long to write")
      ->check(CLI::Range(0.0, 1e6));
  AddCompressionOption(app, options.compression);
  app.add_option("--fetch-rate", words.fetch_rate,
                 "Fetch at most so many bytes a second (20MB)");
}

}  // namespace

Command PipeCommand() {
  Command command(
      "pipe", "Fetch, compute and write at the same time",
      "pinion pipe grpc://127.0.0.1:8815 large_table\n"
      "pinion pipe grpc://127.0.0.1:8815 large_table --compute stats --workers 2\n"
      "pinion pipe grpc://127.0.0.1:8815 large_table --compute 'filter age > 30' \\\n"
      "    --sink adults.parquet\n"
      "pinion pipe grpc://127.0.0.1:8815 large_table --compute none \\\n"
      "    --sink 'put grpc://127.0.0.1:8816 copy'\n");
  auto words = std::make_shared<PipeWords>();
  AddOptions(command.app(), *words);
  command.set_action([words](Context& context) { return RunPipe(*words, context); });
  return command;
}

}  // namespace pinion::cli
