#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include <arrow/result.h>

#include "base/mutex.h"

namespace pinion::engine::duck {

// Limits how many connections to DuckDB exist at once. Thread-safe.
class ConnectionBudget : public std::enable_shared_from_this<ConnectionBudget> {
 public:
  // One connection's worth, given back by destruction. Keeps the budget alive.
  class Permit {
   public:
    explicit Permit(std::shared_ptr<ConnectionBudget> budget);
    ~Permit();
    Permit(const Permit&) = delete;
    Permit& operator=(const Permit&) = delete;

   private:
    const std::shared_ptr<ConnectionBudget> budget_;
  };

  ConnectionBudget(int limit, std::chrono::milliseconds wait)
      : limit_(limit), wait_(wait) {}

  // Waits for a free one; kLimit when none comes in time, kCancelled at a stop.
  arrow::Result<std::unique_ptr<Permit>> Acquire(std::stop_token stop)
      PINION_EXCLUDES(mutex_);

  int in_use() const PINION_EXCLUDES(mutex_);

 private:
  void Release() PINION_EXCLUDES(mutex_);

  const int limit_;
  const std::chrono::milliseconds wait_;
  mutable base::Mutex mutex_;
  base::CondVar freed_;
  int in_use_ PINION_GUARDED_BY(mutex_) = 0;
};

}  // namespace pinion::engine::duck
