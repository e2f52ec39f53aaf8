#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "pinion/internal/plan.h"
#include "pipeline/meter.h"

namespace pinion::internal {

// The bounded queue between two stages, which brings items back into order.
//
// Producers work on numbered turns (0, 1, 2, …), each for one turn at a time, and give
// any number of items in each. Consumers get all items of a turn before those of the
// next, so several producers may finish in any order. What comes before its turn is
// parked, in at most half of the queue, so that the turn that all wait for always finds
// room; a producer that finds none waits. Without order, turns are ignored.
//
// Unlike base::BoundedQueue it is made for a million small items a second: a consumer
// takes many at once, and a thread is woken only if one sleeps.
//
// Thread-safe. Must outlive its users.
class TurnQueue {
 public:
  struct Taken {
    std::vector<Cargo> cargo;
    // The consumers' own numbering: the items taken are the turns first_turn, + 1, ….
    int64_t first_turn = 0;
    // What still counts against the limits until the next Pop: all of several items, and
    // nothing of a single one.
    int64_t held_items = 0;
    int64_t held_bytes = 0;
  };

  TurnQueue(QueueLimits limits, bool ordered) : limits_(limits), ordered_(ordered) {}
  TurnQueue(const TurnQueue&) = delete;
  TurnQueue& operator=(const TurnQueue&) = delete;

  // Waits for room. False when the queue was aborted; the item is gone then. The item's
  // bytes must be within the limit. `last` ends the turn. Waiting counts as blocked.
  bool Push(int64_t turn, Cargo cargo, bool last, Meter& meter);
  // Ends a turn, with nothing more in it.
  void EndTurn(int64_t turn);
  // No turns follow. Consumers get what is left.
  void Close();

  // Waits for an item and takes up to `most` of those that are ready, replacing what
  // `taken` had. False at the end and when the queue was aborted. Waiting counts as
  // starved.
  bool Pop(int64_t most, Taken* taken, Meter& meter);

  // Drops everything and ends all waiting.
  void Abort();

  QueueLimits limits() const { return limits_; }
  QueueStats stats() const;

 private:
  struct Parked {
    std::vector<Cargo> cargo;
    bool ended = false;
  };

  bool HasRoom(int64_t turn, int64_t bytes) const;
  bool WithinLimits() const;
  void WaitForRoom(std::unique_lock<std::mutex>& lock, Meter& meter);
  void AdvanceTurn();
  void WakeConsumer();
  void WakeProducers();

  const QueueLimits limits_;
  const bool ordered_;

  mutable std::mutex mutex_;
  std::condition_variable room_;
  std::condition_variable filled_;
  // All guarded by mutex_.
  std::deque<Cargo> ready_;
  std::map<int64_t, Parked> parked_;  // turns after current_turn_
  int64_t current_turn_ = 0;
  int64_t next_taken_ = 0;
  int64_t items_ = 0;  // ready, parked and held by consumers
  int64_t bytes_ = 0;
  int64_t parked_items_ = 0;
  int64_t parked_bytes_ = 0;
  int64_t high_items_ = 0;
  int64_t high_bytes_ = 0;
  // At least the number of threads asleep: whoever wakes one counts it off.
  int sleeping_consumers_ = 0;
  int sleeping_producers_ = 0;
  bool closed_ = false;
  bool aborted_ = false;
};

}  // namespace pinion::internal
