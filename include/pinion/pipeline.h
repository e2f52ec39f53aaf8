// The pipeline: fetch, compute and sink at once, joined by bounded queues.
//
//   auto source = pinion::FlightSource("grpc://127.0.0.1:8815", "large_table");
//   ARROW_RETURN_NOT_OK(source.status());
//   auto job = pinion::From("fetch", *std::move(source))
//                  .Then("nulls",
//                        [](const pinion::Batch& batch) { return CountNulls(*batch); },
//                        {.workers = 2})
//                  .To("print", [](NullCounts counts) { std::cout << counts << '\n'; });
//   ARROW_ASSIGN_OR_RAISE(pinion::PipelineStats stats, std::move(job).Run());
//   std::cout << stats.ToString();
//
// A stage is a plain callable. Everything between the source and the sink runs at the
// same time, so the whole takes as long as its slowest stage; a slow sink holds back the
// stages before it down to the socket, so memory is bounded by the queues' limits plus
// one item a worker. Items keep their order unless a stage is told otherwise.
//
// The first error ends the run: it names its stage and its batch (counted from 0), every
// other stage is stopped and joined, and a sink that was not finished leaves nothing
// behind. An exception that leaves a callable counts as its error.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "arrow/array/array_base.h"
#include "arrow/record_batch.h"
#include "arrow/result.h"
#include "arrow/status.h"
#include "pinion/internal/plan.h"
#include "pinion/pipeline_options.h"

namespace arrow::flight {
struct FlightDescriptor;
}  // namespace arrow::flight

namespace pinion {

using Batch = std::shared_ptr<arrow::RecordBatch>;

// How items of type T are counted by the queues' byte limits and by the statistics.
// Specialise it for item types that own memory.
template <typename T>
struct ItemTraits {
  static int64_t Rows(const T&) { return 0; }
  static int64_t Bytes(const T&) { return static_cast<int64_t>(sizeof(T)); }
};

template <>
struct ItemTraits<Batch> {
  static int64_t Rows(const Batch& batch) { return batch->num_rows(); }
  // The bytes that the batch refers to: a slice of a large table counts its own part.
  static int64_t Bytes(const Batch& batch);
};

// Where items come from: one or more lanes, each a generator that is opened and driven
// by one thread. Lanes are read side by side (SourceOptions::workers); in an ordered
// pipeline all items of a lane come before those of the next.
template <typename T>
struct Source {
  // Yields the next item, or nullopt at the end.
  using Generator = std::function<arrow::Result<std::optional<T>>(const StageContext&)>;

  int lanes = 1;
  std::function<arrow::Result<Generator>(int lane, const StageContext&)> open;

  // What is known beforehand; -1 and null where nothing is.
  int64_t total_rows = -1;
  int64_t total_bytes = -1;
  std::shared_ptr<arrow::Schema> schema;
};

// Where items end. Write is called by one thread at a time when the stage has one
// worker; Finish once, after the last item of a run without errors. Destroyed without
// Finish, a sink must undo what it began.
template <typename T>
class Sink {
 public:
  virtual ~Sink() = default;
  virtual arrow::Status Write(T item, const StageContext& context) = 0;
  virtual arrow::Status Finish(const StageContext&) { return arrow::Status::OK(); }
};

// A pipeline that runs. Thread-safe. Destroying it cancels the run and joins its threads.
class Flow {
 public:
  explicit Flow(std::unique_ptr<internal::Run> run);
  Flow(Flow&&) noexcept;
  Flow& operator=(Flow&&) noexcept;
  ~Flow();

  // Blocks until every thread has ended. The first error wins; a run that was cancelled
  // or passed its deadline returns Status::Cancelled.
  arrow::Status Wait();
  // Waits at most this long; true when the run has ended.
  bool WaitFor(std::chrono::milliseconds time);

  void Cancel();

  // A snapshot at any time, final once Wait has returned.
  PipelineStats Stats() const;
  // The stage and the batch of the error that Wait returns, if a stage caused it.
  std::optional<StageFailure> failure() const;

 private:
  std::unique_ptr<internal::Run> run_;
};

// A complete pipeline, not yet started. It runs once.
class Job {
 public:
  explicit Job(internal::Plan plan) : plan_(std::move(plan)) {}

  // Invalid options (no workers, a queue of zero) are refused here, before any thread.
  arrow::Result<Flow> Start(const RunOptions& options = {}) &&;
  // Starts and waits.
  arrow::Result<PipelineStats> Run(const RunOptions& options = {}) &&;

 private:
  internal::Plan plan_;
};

// A source and the stages so far, the last of which yields T.
template <typename T>
class Pipeline {
 public:
  explicit Pipeline(internal::Plan plan) : plan_(std::move(plan)) {}

  // Adds a stage. The callable takes T (and, if it wants, a const StageContext&) and
  // returns U, Result<U>, or an optional of either kind to drop items. All workers call
  // the same object, at the same time when there are several.
  template <typename F>
  auto Then(std::string name, F stage, StageOptions options = {}) && {
    using U = internal::OutputOf<internal::CallResult<F, T>>;
    auto process = internal::MakeStage<T, U>(std::make_shared<F>(std::move(stage)));
    plan_.stages.push_back(
        {std::move(name), options, [process](int) { return process; }, nullptr});
    return Pipeline<U>(std::move(plan_));
  }

  // As Then, with a callable of its own for each worker: `make(int worker)` returns it,
  // or a Result of it, and runs on the worker's thread. For stages with state that is
  // not thread-safe, such as a database connection.
  template <typename Make>
  auto ThenPerWorker(std::string name, Make make, StageOptions options = {}) && {
    using F = internal::ValueOf<std::invoke_result_t<Make&, int>>;
    using U = internal::OutputOf<internal::CallResult<F, T>>;
    plan_.stages.push_back({std::move(name), options,
                            internal::MakePerWorker<T, U, F>(std::move(make)), nullptr});
    return Pipeline<U>(std::move(plan_));
  }

  // Ends the pipeline in a callable that takes T and returns void or Status.
  template <typename F>
    requires internal::CallableWith<F, T>
  Job To(std::string name, F sink, StageOptions options = {}) && {
    auto process = internal::MakeSink<T>(std::make_shared<F>(std::move(sink)));
    plan_.stages.push_back(
        {std::move(name), options, [process](int) { return process; }, nullptr});
    return Job(std::move(plan_));
  }

  Job To(std::string name, std::unique_ptr<Sink<T>> sink, StageOptions options = {}) && {
    std::shared_ptr<Sink<T>> shared = std::move(sink);
    auto write = [shared](T item, const StageContext& context) {
      return shared->Write(std::move(item), context);
    };
    auto process =
        internal::MakeSink<T>(std::make_shared<decltype(write)>(std::move(write)));
    plan_.stages.push_back(
        {std::move(name), options, [process](int) { return process; },
         [shared](const StageContext& context) { return shared->Finish(context); }});
    return Job(std::move(plan_));
  }

  // Ends the pipeline in a reader from which the caller pulls; `queue` holds what is
  // ready. Closing or destroying the reader cancels the run. ReadNext returns the run's
  // error as soon as there is one, whatever is still ready.
  arrow::Result<std::unique_ptr<arrow::RecordBatchReader>> ToReader(
      std::shared_ptr<arrow::Schema> schema, QueueLimits queue = {},
      const RunOptions& options = {}) &&
    requires std::is_same_v<T, Batch>
  {
    return internal::StartReader(std::move(plan_), std::move(schema), queue, options);
  }

 private:
  internal::Plan plan_;
};

template <typename T>
Pipeline<T> From(std::string name, Source<T> source, SourceOptions options = {}) {
  internal::Plan plan;
  plan.source = {std::move(name), options, source.lanes,
                 internal::MakeSource<T>(std::move(source.open))};
  return Pipeline<T>(std::move(plan));
}

// From a callable (which may take a const StageContext&) that returns optional<T> or
// Result<optional<T>>; nullopt is the end.
template <typename G>
  requires internal::Generates<G>
auto From(std::string name, G generator) {
  using T = internal::GeneratedBy<G>;
  Source<T> source;
  auto shared = std::make_shared<G>(std::move(generator));
  source.open = [shared](int, const StageContext&) {
    return arrow::Result<typename Source<T>::Generator>([shared](
                                                            const StageContext& context) {
      return arrow::Result<std::optional<T>>(internal::CallGenerator(*shared, context));
    });
  };
  return From(std::move(name), std::move(source));
}

// --- Sources --------------------------------------------------------------------------

Source<Batch> ReaderSource(const std::shared_ptr<arrow::RecordBatchReader>& reader);

// The stream or streams of a Flight server: asks for the plan now (stopping cancels that)
// and reads when the pipeline runs. Each endpoint is a lane with a connection of its own.
// `dataset` stands for the descriptor PATH [dataset].
arrow::Result<Source<Batch>> FlightSource(const std::string& uri,
                                          const std::string& dataset,
                                          const FlightOptions& options = {});
arrow::Result<Source<Batch>> FlightSource(
    const std::string& uri, const arrow::flight::FlightDescriptor& descriptor,
    const FlightOptions& options = {}, const std::stop_token& stop = {});

// --- Sinks ----------------------------------------------------------------------------
// A null schema stands for that of the first batch; then a run without batches fails.

// Writes .feather, .arrow, .arrows, .parquet or .csv, by the path's ending. The file
// appears under its name when the run has succeeded, and not otherwise.
arrow::Result<std::unique_ptr<Sink<Batch>>> FileSink(
    const std::string& path, const std::shared_ptr<arrow::Schema>& schema);

// Uploads by DoPut to a server, under the descriptor PATH [dataset]. A run that fails
// cancels the upload.
arrow::Result<std::unique_ptr<Sink<Batch>>> FlightSink(
    const std::string& uri, const std::string& dataset,
    const std::shared_ptr<arrow::Schema>& schema, const FlightOptions& options = {});

}  // namespace pinion
