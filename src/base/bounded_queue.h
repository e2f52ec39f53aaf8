#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <stop_token>
#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>

#include "base/mutex.h"

namespace pinion::base {

struct QueueLimits {
  // At least 1; a smaller value counts as 1.
  int64_t items = 16;
  // An item above this limit is let through when the queue is empty, alone.
  int64_t bytes = std::numeric_limits<int64_t>::max();
};

// A first-in first-out queue between threads, bounded in items and in bytes: a producer
// waits while it is full, a consumer while it is empty, and both stop waiting when their
// stop token says so. That is the back-pressure of everything that reads ahead.
//
// The producing side ends it with Close, after which consumers get what is left, then the
// end or the error. Either side abandons it with Abort, which drops what is left.
//
// Thread-safe, for any number of producers and consumers. Must outlive them.
template <typename T>
class BoundedQueue {
 public:
  explicit BoundedQueue(QueueLimits limits = {})
      : max_items_(std::max<int64_t>(limits.items, 1)), max_bytes_(limits.bytes) {}

  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  // Waits for room. Fails with Cancelled when `stop` is requested first, with the status
  // given to Abort after that, and with Invalid after Close; the item is gone then.
  arrow::Status Push(T item, int64_t bytes = 0, std::stop_token stop = {})
      PINION_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    auto ready = [&]() PINION_REQUIRES(mutex_) { return closed_ || HasRoom(bytes); };
    if (!ready()) {
      ++waiting_producers_;
      room_.Wait(mutex_, stop, ready);
      --waiting_producers_;
    }
    if (closed_) {
      return end_.ok() ? arrow::Status::Invalid("push to a closed queue") : end_;
    }
    if (stop.stop_requested()) return arrow::Status::Cancelled("cancelled");
    items_.push_back({std::move(item), bytes});
    bytes_ += bytes;
    most_items_ = std::max(most_items_, static_cast<int64_t>(items_.size()));
    most_bytes_ = std::max(most_bytes_, bytes_);
    if (waiting_consumers_ > 0) filled_.NotifyOne();
    return arrow::Status::OK();
  }

  // Waits for an item. std::nullopt is the end: closed without error and nothing left.
  // Fails with the status given to Close (after the items pushed before it) or to Abort,
  // and with Cancelled when `stop` is requested.
  arrow::Result<std::optional<T>> Pop(std::stop_token stop = {}) PINION_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    auto ready = [&]() PINION_REQUIRES(mutex_) { return closed_ || !items_.empty(); };
    if (!ready()) {
      ++waiting_consumers_;
      filled_.Wait(mutex_, stop, ready);
      --waiting_consumers_;
    }
    if (stop.stop_requested()) return arrow::Status::Cancelled("cancelled");
    if (items_.empty()) {
      if (!end_.ok()) return end_;
      return std::nullopt;
    }
    std::optional<T> item(std::move(items_.front().value));
    bytes_ -= items_.front().bytes;
    items_.pop_front();
    // All of them: the room may suit another producer's item than the one woken.
    if (waiting_producers_ > 0) room_.NotifyAll();
    return item;
  }

  // No items follow; an error reaches the consumers after the items before it. Of several
  // calls of Close and Abort the first error counts.
  void Close(arrow::Status status = arrow::Status::OK()) PINION_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    End(std::move(status));
  }

  // Drops the items and ends both sides with `status`, which must be an error.
  void Abort(arrow::Status status) PINION_EXCLUDES(mutex_) {
    std::deque<Entry> dropped;  // destroyed after the lock is released
    MutexLock lock(mutex_);
    End(std::move(status));
    dropped.swap(items_);
    bytes_ = 0;
  }

  int64_t size() const PINION_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return static_cast<int64_t>(items_.size());
  }
  int64_t bytes() const PINION_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return bytes_;
  }
  // High-water marks since construction.
  int64_t most_items() const PINION_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return most_items_;
  }
  int64_t most_bytes() const PINION_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return most_bytes_;
  }

 private:
  struct Entry {
    T value;
    int64_t bytes;
  };

  bool HasRoom(int64_t bytes) const PINION_REQUIRES(mutex_) {
    if (items_.empty()) return true;
    return static_cast<int64_t>(items_.size()) < max_items_ &&
           bytes <= max_bytes_ - bytes_;
  }

  void End(arrow::Status status) PINION_REQUIRES(mutex_) {
    if (end_.ok()) end_ = std::move(status);
    closed_ = true;
    filled_.NotifyAll();
    room_.NotifyAll();
  }

  const int64_t max_items_;
  const int64_t max_bytes_;

  mutable Mutex mutex_;
  CondVar room_;
  CondVar filled_;
  std::deque<Entry> items_ PINION_GUARDED_BY(mutex_);
  int64_t bytes_ PINION_GUARDED_BY(mutex_) = 0;
  int64_t most_items_ PINION_GUARDED_BY(mutex_) = 0;
  int64_t most_bytes_ PINION_GUARDED_BY(mutex_) = 0;
  int waiting_producers_ PINION_GUARDED_BY(mutex_) = 0;
  int waiting_consumers_ PINION_GUARDED_BY(mutex_) = 0;
  bool closed_ PINION_GUARDED_BY(mutex_) = false;
  arrow::Status end_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::base
