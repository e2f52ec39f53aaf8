#pragma once

#include <chrono>
#include <cstdint>
#include <stop_token>

#include "base/mutex.h"

namespace pinion::internal {

// Slows several threads down to so many bytes a second together. Thread-safe.
class RateLimit {
 public:
  // 0 is no limit.
  explicit RateLimit(int64_t bytes_per_second) : rate_(bytes_per_second) {}

  // Waits until these bytes may count as arrived. False when stopped first.
  bool Spend(int64_t bytes, const std::stop_token& stop) PINION_EXCLUDES(mutex_);

 private:
  using Clock = std::chrono::steady_clock;

  const int64_t rate_;
  base::Mutex mutex_;
  // When all that was spent has been paid for.
  Clock::time_point paid_ PINION_GUARDED_BY(mutex_) = Clock::now();
};

}  // namespace pinion::internal
