// Options, statistics and the calling context of the pipeline (see pipeline.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "arrow/memory_pool.h"
#include "arrow/status.h"

namespace arrow::flight {
struct FlightClientOptions;
}  // namespace arrow::flight

namespace pinion {

// What a queue may hold. An item that is larger than `bytes` on its own is an error.
struct QueueLimits {
  int64_t items = 8;
  int64_t bytes = int64_t{64} << 20;
};

struct StageOptions {
  int workers = 1;
  // The queue before the stage.
  QueueLimits queue = {};
  // Give items on in the order in which they came; false gives them on as they finish.
  bool ordered = true;
};

struct SourceOptions {
  // Lanes read at the same time.
  int workers = 1;
  bool ordered = true;
};

struct RunOptions {
  // Cancels the run from outside.
  std::stop_token stop = {};
  // Cancels the run when it has lasted this long.
  std::optional<std::chrono::nanoseconds> time_limit = std::nullopt;
  // Does the same work item by item on one thread, without queues, to compare.
  bool sequential = false;
};

struct FlightOptions {
  // How often each stream is taken up again when the server or the way to it is lost. The
  // plan is asked for anew and must promise the same table; the stream goes on after the
  // last whole batch, and only datasets (descriptors with a PATH) can: another run of a
  // query may give its rows in another order.
  int retries = 0;
  // Before the first retry; doubled for each further one.
  std::chrono::milliseconds retry_delay{200};
  // Told about each retry, on any thread: what broke, and how many batches of the stream
  // were whole.
  std::function<void(const arrow::Status& broken, int64_t batches)> on_retry = nullptr;

  std::chrono::milliseconds connect_timeout{5000};
  // How a pinion server is to compress what it computes, for slow links: "lz4" or "zstd";
  // "none" wants nothing compressed at all, and empty leaves it to the server. Other
  // servers do not know of it.
  std::string compression = {};
  // Sent with every call, such as {"authorization", "Bearer ..."}.
  std::vector<std::pair<std::string, std::string>> headers = {};
  // Bytes a second over all streams of a source; 0 is unlimited.
  int64_t rate_limit = 0;
  // Threads that decompress the batches of each stream, beside the one that receives
  // them and the one that asks for them; 0 leaves all to the latter, batch by batch.
  // A negative number stands for as many as suit the machine, which the streams that are
  // fetched side by side share.
  int decoders = -1;
  // Where batches are decoded to; Arrow's default pool if null, which keeps for later
  // what was freed.
  arrow::MemoryPool* memory_pool = nullptr;
  // Changes what is not here (TLS, message limits) before connecting.
  std::function<void(arrow::flight::FlightClientOptions*)> configure_client = nullptr;
};

// What a stage may ask while it works on an item. One per worker.
struct StageContext {
  // Requested when the run ends early: a stage that waits should stop waiting.
  std::stop_token stop;
  int worker = 0;
  // Of the stage: how many there are.
  int workers = 1;
  // The number of the item that the current one stems from, in the source's order.
  int64_t batch = 0;
};

struct QueueStats {
  QueueLimits limits = {};
  int64_t items = 0;
  int64_t bytes = 0;
  int64_t high_items = 0;
  int64_t high_bytes = 0;
};

// The work of a stage, summed over its workers. A source counts what it gives, the
// other stages what they take.
struct StageStats {
  std::string name;
  int workers = 1;
  int64_t items = 0;
  int64_t rows = 0;
  int64_t bytes = 0;
  std::chrono::nanoseconds busy{0};
  // Waiting for the stage before.
  std::chrono::nanoseconds starved{0};
  // Waiting for room in the queue to the stage after.
  std::chrono::nanoseconds blocked{0};
  // The queue before the stage; none for a source.
  std::optional<QueueStats> queue = std::nullopt;

  std::chrono::nanoseconds busy_per_worker() const { return busy / workers; }
};

struct PipelineStats {
  std::chrono::nanoseconds wall{0};
  bool sequential = false;
  // The source first.
  std::vector<StageStats> stages;

  // The stage that is busy longest, counted per worker.
  const StageStats& Bottleneck() const;
  // The time that the stages would take one after the other.
  std::chrono::nanoseconds StageTime() const;
  // StageTime against the wall clock.
  double Speedup() const;

  // A table for people.
  std::string ToString() const;
  std::string ToJson() const;
};

struct StageFailure {
  std::string stage;
  int64_t batch = 0;
  arrow::Status status;
};

}  // namespace pinion
