#include "engine/duckdb/connection_budget.h"

#include <string>
#include <utility>

#include "engine/error.h"

namespace pinion::engine::duck {

ConnectionBudget::Permit::Permit(std::shared_ptr<ConnectionBudget> budget)
    : budget_(std::move(budget)) {}

ConnectionBudget::Permit::~Permit() { budget_->Release(); }

arrow::Result<std::unique_ptr<ConnectionBudget::Permit>> ConnectionBudget::Acquire(
    std::stop_token stop) {
  base::MutexLock lock(mutex_);
  auto free = [&]() PINION_REQUIRES(mutex_) { return in_use_ < limit_; };
  if (!free()) {
    freed_.WaitUntil(mutex_, stop, std::chrono::steady_clock::now() + wait_, free);
  }
  if (stop.stop_requested()) {
    return MakeError(ErrorClass::kCancelled, "the statement was cancelled");
  }
  if (!free()) {
    return MakeError(ErrorClass::kLimit,
                     "all " + std::to_string(limit_) +
                         " connections of the engine are busy: close results, prepared "
                         "statements and transactions that are no longer needed");
  }
  ++in_use_;
  return std::make_unique<Permit>(shared_from_this());
}

int ConnectionBudget::in_use() const {
  base::MutexLock lock(mutex_);
  return in_use_;
}

void ConnectionBudget::Release() {
  base::MutexLock lock(mutex_);
  --in_use_;
  freed_.NotifyOne();
}

}  // namespace pinion::engine::duck
