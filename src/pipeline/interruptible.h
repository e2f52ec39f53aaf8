#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>

namespace pinion::internal {

// Sleeps for that long. False when the stop was requested first.
inline bool SleepUnlessStopped(const std::stop_token& stop,
                               std::chrono::nanoseconds time) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, time, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace pinion::internal
