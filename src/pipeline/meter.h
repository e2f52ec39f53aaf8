#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>

#include "pinion/pipeline_options.h"

namespace pinion::internal {

enum class Phase { kBusy, kStarved, kBlocked, kEnded };

// What one worker has done, and where its time goes: it is in one phase at any time, and
// the clock is read only when that changes. A snapshot counts the running phase too.
//
// Written by the worker's thread alone; AddTo may be called by any.
class alignas(64) Meter {
 public:
  using Clock = std::chrono::steady_clock;

  // Another phase for the time of a wait.
  class Pause {
   public:
    Pause(Meter& meter, Phase phase) : meter_(meter), before_(meter.phase()) {
      meter_.Enter(phase);
    }
    ~Pause() { meter_.Enter(before_); }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    Meter& meter_;
    const Phase before_;
  };

  void Enter(Phase phase) {
    const int64_t now = Now();
    const auto ending = static_cast<size_t>(phase_.load(std::memory_order_relaxed));
    Add(spent_[ending], now - since_.load(std::memory_order_relaxed));
    since_.store(now, std::memory_order_relaxed);
    phase_.store(phase, std::memory_order_relaxed);
  }

  void Count(int64_t rows, int64_t bytes) {
    Add(items_, 1);
    Add(rows_, rows);
    Add(bytes_, bytes);
  }

  Phase phase() const { return phase_.load(std::memory_order_relaxed); }
  int64_t items() const { return items_.load(std::memory_order_relaxed); }
  // As of the last change of phase.
  int64_t busy_nanoseconds() const { return spent_[0].load(std::memory_order_relaxed); }

  void AddTo(StageStats* stats) const {
    stats->items += items();
    stats->rows += rows_.load(std::memory_order_relaxed);
    stats->bytes += bytes_.load(std::memory_order_relaxed);
    std::array<int64_t, 4> spent;
    for (size_t i = 0; i < spent.size(); ++i) {
      spent[i] = spent_[i].load(std::memory_order_relaxed);
    }
    spent[static_cast<size_t>(phase())] += Now() - since_.load(std::memory_order_relaxed);
    stats->busy += std::chrono::nanoseconds(spent[0]);
    stats->starved += std::chrono::nanoseconds(spent[1]);
    stats->blocked += std::chrono::nanoseconds(spent[2]);
  }

 private:
  using Counter = std::atomic<int64_t>;

  static int64_t Now() {
    return std::chrono::nanoseconds(Clock::now().time_since_epoch()).count();
  }
  // One writer: no locked instruction is needed.
  static void Add(Counter& counter, int64_t value) {
    counter.store(counter.load(std::memory_order_relaxed) + value,
                  std::memory_order_relaxed);
  }

  std::atomic<Phase> phase_{Phase::kEnded};
  Counter since_{Now()};
  std::array<Counter, 4> spent_{};
  Counter items_{0};
  Counter rows_{0};
  Counter bytes_{0};
};

}  // namespace pinion::internal
