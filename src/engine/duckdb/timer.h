#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace pinion::engine::duck {

// Calls functions at given times on one thread of its own, which starts with the first.
//
// Thread-safe. An alarm that is destroyed does not ring any more: its destructor waits
// for a ringing that is under way, unless it is called from there. Timer and alarms may
// also be destroyed by a function that they call.
class Timer {
 public:
  using Clock = std::chrono::steady_clock;

  class State;

  class Alarm {
   public:
    ~Alarm();
    Alarm(const Alarm&) = delete;
    Alarm& operator=(const Alarm&) = delete;

   private:
    friend class Timer;
    using Key = std::pair<Clock::time_point, uint64_t>;
    Alarm(std::shared_ptr<State> state, Key key) : state_(std::move(state)), key_(key) {}

    const std::shared_ptr<State> state_;
    const Key key_;
  };

  Timer();
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // `ring` must be short.
  std::unique_ptr<Alarm> Set(Clock::time_point when, std::function<void()> ring);

 private:
  // Shared with the thread, which may be the one that lets go of the timer.
  const std::shared_ptr<State> state_;
};

}  // namespace pinion::engine::duck
