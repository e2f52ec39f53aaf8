#pragma once

#include <algorithm>
#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "engine/statement.h"
#include "flight/sql_handles.h"
#include "flight/sql_transactions.h"

namespace pinion::flight {

// A statement that has been prepared, with what it runs in.
struct SqlPlan {
  std::shared_ptr<engine::Statement> statement;
  // Null: none.
  std::shared_ptr<SqlTransaction> transaction;
  // The name of the session, and the handle of the transaction, or empty.
  std::string session;
  std::string transaction_handle;
};

// Plans between the GetFlightInfo that made them and the DoGet that runs them, so that a
// query is planned once. A cache: the oldest gives way when it is full, and a plan that
// is not there any more is made again from the ticket.
//
// Thread-safe.
class SqlPlans {
 public:
  explicit SqlPlans(HandleLimits limits) : limits_(limits) {}

  void Put(std::string id, std::string identity, SqlPlan plan) PINION_EXCLUDES(mutex_) {
    std::list<Entry> dropped;  // outlives the lock
    base::MutexLock lock(mutex_);
    entries_.push_back(
        {std::move(id), std::move(identity), std::move(plan), Clock::now()});
    while (entries_.size() > limits_.most) {
      dropped.splice(dropped.end(), entries_, entries_.begin());
    }
  }

  // Takes it out; without statement if it is not there.
  SqlPlan Take(std::string_view id, std::string_view identity) PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    // Newest first: a plan is mostly taken right after it was put.
    const auto found = std::find_if(
        entries_.rbegin(), entries_.rend(),
        [&](const Entry& entry) { return entry.id == id && entry.identity == identity; });
    if (found == entries_.rend()) return {};
    SqlPlan plan = std::move(found->plan);
    entries_.erase(std::next(found).base());
    return plan;
  }

  void Expire() PINION_EXCLUDES(mutex_) {
    std::list<Entry> dropped;
    base::MutexLock lock(mutex_);
    const Clock::time_point oldest = Clock::now() - limits_.idle;
    while (!entries_.empty() && entries_.front().put < oldest) {
      dropped.splice(dropped.end(), entries_, entries_.begin());
    }
  }

  void Clear() PINION_EXCLUDES(mutex_) {
    std::list<Entry> dropped;
    base::MutexLock lock(mutex_);
    dropped.swap(entries_);
  }

 private:
  struct Entry {
    std::string id;
    std::string identity;
    SqlPlan plan;
    Clock::time_point put;
  };

  const HandleLimits limits_;
  base::Mutex mutex_;
  // Oldest first.
  std::list<Entry> entries_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::flight
