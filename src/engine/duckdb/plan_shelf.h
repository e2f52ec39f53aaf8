#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <duckdb.hpp>

#include "base/mutex.h"
#include "engine/duckdb/connection.h"

namespace pinion::engine::duck {

// A statement as DuckDB has planned it, on the connection that it is planned for.
struct ShelvedPlan {
  std::shared_ptr<Connection> connection;
  // Destroyed before the connection.
  duckdb::unique_ptr<duckdb::PreparedStatement> prepared;
  // Of what it was planned with: the session's settings and the datasets.
  uint64_t version = 0;
  // How often it may still run.
  int runs_left = 0;
};

// Keeps plans of a statement that is run again and again, so that it is not planned each
// time. A plan runs once at a time: there are a few, and while all are lent out, other
// executions plan for themselves.
//
// Only for what reads little: rows that must keep their order come from a plan of DuckDB
// 2.0's by one thread alone (it does not see what PhysicalExecute reads, so it cannot
// know that the order could be restored). Tables grow, so a plan is not kept for ever.
//
// Thread-safe. Shared by the statement and whoever borrowed the plan.
class PlanShelf : public std::enable_shared_from_this<PlanShelf> {
 public:
  static constexpr int kMostPlans = 4;
  static constexpr int kRunsOfAPlan = 64;
  // One of DuckDB's row groups, which one thread reads anyway.
  static constexpr int64_t kMostRowsRead = 122880;

  // Counts an execution. True if there should be one more plan than there are, here and
  // lent out: the caller is to make it and Lend it.
  bool WantsPlan() PINION_EXCLUDES(mutex_);

  // A plan, if there is one here of this version; it comes back when the last reference
  // goes. Those of another version are thrown away.
  std::shared_ptr<ShelvedPlan> Borrow(uint64_t version) PINION_EXCLUDES(mutex_);
  // A new plan, lent out at once.
  std::shared_ptr<ShelvedPlan> Lend(std::unique_ptr<ShelvedPlan> plan);
  // Instead of Lend, when no plan could or should be made. As many executions pass as a
  // plan is good for until one is wanted again.
  void GiveUp() PINION_EXCLUDES(mutex_);

 private:
  void PutBack(std::unique_ptr<ShelvedPlan> plan) PINION_EXCLUDES(mutex_);

  base::Mutex mutex_;
  int64_t executions_ PINION_GUARDED_BY(mutex_) = 0;
  // Here and lent out.
  int count_ PINION_GUARDED_BY(mutex_) = 0;
  std::vector<std::unique_ptr<ShelvedPlan>> plans_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::engine::duck
