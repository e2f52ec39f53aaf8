#include "engine/duckdb/plan_shelf.h"

#include <utility>

namespace pinion::engine::duck {
namespace {

// Most statements run once, and to keep a plan costs as much as some executions.
constexpr int64_t kExecutionsBefore = 2;

}  // namespace

bool PlanShelf::WantsPlan() {
  base::MutexLock lock(mutex_);
  if (exists_ || ++executions_ <= kExecutionsBefore) return false;
  exists_ = true;
  return true;
}

std::shared_ptr<ShelvedPlan> PlanShelf::Borrow(uint64_t version) {
  std::unique_ptr<ShelvedPlan> plan;
  {
    base::MutexLock lock(mutex_);
    plan = std::move(plan_);
    if (plan == nullptr) return nullptr;
    if (plan->version != version) exists_ = false;
  }
  if (plan->version != version) return nullptr;
  return Lend(std::move(plan));
}

std::shared_ptr<ShelvedPlan> PlanShelf::Lend(std::unique_ptr<ShelvedPlan> plan) {
  return {plan.release(), [shelf = shared_from_this()](ShelvedPlan* lent) {
            shelf->PutBack(std::unique_ptr<ShelvedPlan>(lent));
          }};
}

void PlanShelf::GiveUp() {
  base::MutexLock lock(mutex_);
  exists_ = false;
}

void PlanShelf::PutBack(std::unique_ptr<ShelvedPlan> plan) {
  base::MutexLock lock(mutex_);
  plan_ = std::move(plan);
}

}  // namespace pinion::engine::duck
