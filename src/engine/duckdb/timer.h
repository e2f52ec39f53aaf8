#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <thread>
#include <utility>

#include "base/mutex.h"

namespace pinion::engine::duck {

// Calls functions at given times on one thread of its own, which starts with the first.
//
// Thread-safe. An alarm that is destroyed does not ring any more: its destructor waits
// for a ringing that is under way, unless it is called from there.
class Timer {
 public:
  using Clock = std::chrono::steady_clock;

  class Alarm {
   public:
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

   private:
    friend class Timer;
    Alarm(Timer* timer, std::pair<Clock::time_point, uint64_t> key)
        : timer_(timer), key_(key) {}

    Timer* timer_;
    std::pair<Clock::time_point, uint64_t> key_;
  };

  Timer() = default;
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // `ring` must be short. The timer must outlive the alarm.
  std::unique_ptr<Alarm> Set(Clock::time_point when, std::function<void()> ring)
      PINION_EXCLUDES(mutex_);

 private:
  using Key = std::pair<Clock::time_point, uint64_t>;

  void Run() PINION_EXCLUDES(mutex_);
  void Remove(const Key& key) PINION_EXCLUDES(mutex_);

  base::Mutex mutex_;
  base::CondVar changed_;
  std::map<Key, std::function<void()>> alarms_ PINION_GUARDED_BY(mutex_);
  uint64_t next_id_ PINION_GUARDED_BY(mutex_) = 1;
  uint64_t ringing_ PINION_GUARDED_BY(mutex_) = 0;
  bool stopped_ PINION_GUARDED_BY(mutex_) = false;
  std::thread thread_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::engine::duck
