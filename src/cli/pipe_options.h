#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/result.h>

namespace pinion::cli {

// One step of `--compute`.
struct ComputeStep {
  enum class Kind { kNulls, kStats, kFilter, kSql };
  Kind kind;
  // The expression or the query.
  std::string text = {};
};

struct PipeSinkOption {
  enum class Kind { kSummary, kLog, kNone, kFile, kPut };
  Kind kind = Kind::kSummary;
  std::string path = {};
  std::string uri = {};
  std::string name = {};
};

// The command line of `pinion pipe`, read and checked.
struct PipeOptions {
  std::string uri;
  // Exactly one of them.
  std::string dataset;
  std::string sql;

  std::vector<ComputeStep> compute;
  PipeSinkOption sink;

  int streams = 1;
  int workers = 1;
  int64_t queue_items = 8;
  int64_t memory_bytes = 256'000'000;
  std::optional<std::chrono::nanoseconds> deadline;
  int retries = 0;
  std::string compression;
  bool ordered = true;
  bool sequential = false;
  bool report_json = false;

  std::chrono::nanoseconds simulate_compute{0};
  std::chrono::nanoseconds simulate_sink{0};
  int64_t fetch_rate = 0;
};

// "nulls", "stats", "filter EXPR", "sql QUERY"; "none" gives nothing.
arrow::Result<std::optional<ComputeStep>> ParseCompute(const std::string& text);
// "summary", "log", "none", "put URI NAME", or a file's name.
arrow::Result<PipeSinkOption> ParseSink(const std::string& text);
// "64MB", "1.5GiB", "4096": bytes, more than 0.
arrow::Result<int64_t> ParseSize(const std::string& text);
// "500ms", "30s", "2m", "1h", or seconds: more than 0.
arrow::Result<std::chrono::nanoseconds> ParseDuration(const std::string& text);

}  // namespace pinion::cli
