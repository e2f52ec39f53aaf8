#include "engine/duckdb/plan_shelf.h"

#include <utility>

namespace pinion::engine::duck {
namespace {

// Most statements run once, and to keep a plan costs as much as some executions.
constexpr int64_t kExecutionsBefore = 2;

}  // namespace

bool PlanShelf::WantsPlan() {
  base::MutexLock lock(mutex_);
  if (count_ == kMostPlans || ++executions_ <= kExecutionsBefore) return false;
  ++count_;
  return true;
}

std::shared_ptr<ShelvedPlan> PlanShelf::Borrow(uint64_t version) {
  std::unique_ptr<ShelvedPlan> plan;
  std::vector<std::unique_ptr<ShelvedPlan>> outdated;
  {
    base::MutexLock lock(mutex_);
    while (plan == nullptr && !plans_.empty()) {
      plan = std::move(plans_.back());
      plans_.pop_back();
      if (plan->version == version && plan->runs_left-- > 0) break;
      --count_;
      outdated.push_back(std::move(plan));
    }
  }
  return plan == nullptr ? nullptr : Lend(std::move(plan));
}

std::shared_ptr<ShelvedPlan> PlanShelf::Lend(std::unique_ptr<ShelvedPlan> plan) {
  return {plan.release(), [shelf = shared_from_this()](ShelvedPlan* lent) {
            shelf->PutBack(std::unique_ptr<ShelvedPlan>(lent));
          }};
}

void PlanShelf::GiveUp() {
  base::MutexLock lock(mutex_);
  --count_;
  executions_ = kExecutionsBefore - kRunsOfAPlan;
}

void PlanShelf::PutBack(std::unique_ptr<ShelvedPlan> plan) {
  base::MutexLock lock(mutex_);
  plans_.push_back(std::move(plan));
}

}  // namespace pinion::engine::duck
