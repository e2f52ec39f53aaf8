#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>
#include <vector>

#include <arrow/status.h>
#include <duckdb/common/error_data.hpp>

#include "base/mutex.h"

namespace duckdb {
class ClientContext;
}  // namespace duckdb

namespace pinion::engine::duck {

enum class StopReason : uint8_t {
  kNone,
  kCancelled,
  kTimeout,
  kSessionClosed,
  kTransactionEnded,
  kEngineClosed,
};

// What a stopped execution answers; OK for kNone.
arrow::Status StopStatus(StopReason reason);

// Stops one execution: whoever wants it ended (the caller's token, a deadline, the end of
// its session, transaction or engine) says why, and DuckDB is interrupted. The first
// reason counts.
//
// Thread-safe. Owned by the execution and its stream; others hold it weakly.
class ExecutionControl {
 public:
  explicit ExecutionControl(std::stop_token token);
  ExecutionControl(const ExecutionControl&) = delete;
  ExecutionControl& operator=(const ExecutionControl&) = delete;

  void Stop(StopReason reason) PINION_EXCLUDES(mutex_);

  // From now on a stop interrupts `context`; DuckDB forgets an interrupt when it begins a
  // statement, so look at Check after that. Until Detach the context must live.
  void Attach(duckdb::ClientContext& context) PINION_EXCLUDES(mutex_);
  void Detach() PINION_EXCLUDES(mutex_);

  // OK, or why it was stopped.
  arrow::Status Check() const PINION_EXCLUDES(mutex_);

  // The reason of the stop where the error is DuckDB's word for being interrupted.
  arrow::Status Translate(const duckdb::ErrorData& error, std::string_view sql) const
      PINION_EXCLUDES(mutex_);

 private:
  mutable base::Mutex mutex_;
  duckdb::ClientContext* context_ PINION_GUARDED_BY(mutex_) = nullptr;
  StopReason reason_ PINION_GUARDED_BY(mutex_) = StopReason::kNone;
  // Last: its callback uses the other members.
  std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

// The executions of a session, a transaction or the engine that are alive, to stop them
// together. Thread-safe.
class ExecutionSet {
 public:
  // Stops it at once when StopAll with `forever` has been called.
  void Add(const std::shared_ptr<ExecutionControl>& control) PINION_EXCLUDES(mutex_);
  // With `forever`, executions that are added later are stopped too.
  void StopAll(StopReason reason, bool forever) PINION_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  std::vector<std::weak_ptr<ExecutionControl>> controls_ PINION_GUARDED_BY(mutex_);
  size_t prune_at_ PINION_GUARDED_BY(mutex_) = 16;
  StopReason closed_ PINION_GUARDED_BY(mutex_) = StopReason::kNone;
};

}  // namespace pinion::engine::duck
