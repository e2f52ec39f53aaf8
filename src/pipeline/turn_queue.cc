#include "pipeline/turn_queue.h"

#include <algorithm>
#include <utility>

namespace pinion::internal {

bool TurnQueue::WithinLimits() const {
  return items_ <= limits_.items && bytes_ <= limits_.bytes;
}

bool TurnQueue::HasRoom(int64_t turn, int64_t bytes) const {
  const bool fits = items_ < limits_.items && bytes <= limits_.bytes - bytes_;
  if (!ordered_) return fits;
  if (turn == current_turn_) {
    // Parked items cannot leave before this one: it may not wait for them.
    return fits || (ready_.empty() && items_ == parked_items_);
  }
  return fits && parked_items_ < limits_.items / 2 &&
         bytes <= limits_.bytes / 2 - parked_bytes_;
}

void TurnQueue::WaitForRoom(std::unique_lock<std::mutex>& lock, Meter& meter) {
  const Meter::Pause pause(meter, Phase::kBlocked);
  ++sleeping_producers_;
  room_.wait(lock);
}

bool TurnQueue::Push(int64_t turn, Cargo cargo, bool last, Meter& meter) {
  std::unique_lock lock(mutex_);
  const int64_t bytes = cargo.bytes;
  while (!aborted_ && !HasRoom(turn, bytes)) WaitForRoom(lock, meter);
  if (aborted_) {
    lock.unlock();  // the item is destroyed without the lock
    return false;
  }
  ++items_;
  bytes_ += bytes;
  if (WithinLimits()) {
    high_items_ = std::max(high_items_, items_);
    high_bytes_ = std::max(high_bytes_, bytes_);
  }
  if (ordered_ && turn != current_turn_) {
    ++parked_items_;
    parked_bytes_ += bytes;
    Parked& parked = parked_[turn];
    parked.cargo.push_back(std::move(cargo));
    parked.ended = last;
    return true;
  }
  ready_.push_back(std::move(cargo));
  if (ordered_ && last) AdvanceTurn();
  WakeConsumer();
  // An item that was let in above the limits stays in its producer's hands, so to say:
  // the producer takes no other before there is room for this one.
  while (!aborted_ && !WithinLimits()) WaitForRoom(lock, meter);
  return !aborted_;
}

void TurnQueue::EndTurn(int64_t turn) {
  std::lock_guard lock(mutex_);
  if (!ordered_) return;
  if (turn == current_turn_) {
    AdvanceTurn();
    if (!ready_.empty()) WakeConsumer();
  } else {
    parked_[turn].ended = true;
  }
}

void TurnQueue::AdvanceTurn() {
  ++current_turn_;
  while (!parked_.empty() && parked_.begin()->first == current_turn_) {
    Parked parked = std::move(parked_.begin()->second);
    parked_.erase(parked_.begin());
    for (Cargo& cargo : parked.cargo) {
      --parked_items_;
      parked_bytes_ -= cargo.bytes;
      ready_.push_back(std::move(cargo));
      WakeConsumer();
    }
    if (!parked.ended) break;
    ++current_turn_;
  }
  WakeProducers();  // the producer of the new turn may have waited
}

void TurnQueue::Close() {
  std::lock_guard lock(mutex_);
  closed_ = true;
  sleeping_consumers_ = 0;
  filled_.notify_all();
}

bool TurnQueue::Pop(int64_t most, Taken* taken, Meter& meter) {
  taken->cargo.clear();  // destroys without the lock
  std::unique_lock lock(mutex_);
  if (taken->held_items > 0 && !aborted_) {
    items_ -= std::exchange(taken->held_items, 0);
    bytes_ -= std::exchange(taken->held_bytes, 0);
    WakeProducers();
  }
  while (!aborted_ && !closed_ && ready_.empty()) {
    const Meter::Pause pause(meter, Phase::kStarved);
    ++sleeping_consumers_;
    filled_.wait(lock);
  }
  if (aborted_ || ready_.empty()) return false;
  const int64_t count = std::min(most, static_cast<int64_t>(ready_.size()));
  int64_t bytes = 0;
  for (int64_t i = 0; i < count; ++i) {
    bytes += ready_.front().bytes;
    taken->cargo.push_back(std::move(ready_.front()));
    ready_.pop_front();
  }
  taken->first_turn = next_taken_;
  next_taken_ += count;
  if (count > 1) {
    // Producers are woken for a whole batch of room, not for one item.
    taken->held_items = count;
    taken->held_bytes = bytes;
  } else {
    items_ -= 1;
    bytes_ -= bytes;
    WakeProducers();
  }
  return true;
}

void TurnQueue::Abort() {
  std::deque<Cargo> ready;
  std::map<int64_t, Parked> parked;  // both are destroyed without the lock
  std::lock_guard lock(mutex_);
  aborted_ = true;
  ready.swap(ready_);
  parked.swap(parked_);
  items_ = bytes_ = parked_items_ = parked_bytes_ = 0;
  sleeping_consumers_ = sleeping_producers_ = 0;
  filled_.notify_all();
  room_.notify_all();
}

void TurnQueue::WakeConsumer() {
  if (sleeping_consumers_ == 0) return;
  --sleeping_consumers_;
  filled_.notify_one();
}

void TurnQueue::WakeProducers() {
  if (sleeping_producers_ == 0) return;
  sleeping_producers_ = 0;
  room_.notify_all();  // which of them may go on depends on their turns
}

QueueStats TurnQueue::stats() const {
  std::lock_guard lock(mutex_);
  return {limits_, items_, bytes_, high_items_, high_bytes_};
}

}  // namespace pinion::internal
