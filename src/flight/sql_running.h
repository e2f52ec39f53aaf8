#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/mutex.h"
#include "flight/sql_result.h"

namespace pinion::flight {

// Which queries run, by the id in their tickets, and which were cancelled before they
// ran: how CancelFlightInfo reaches a query in the middle of its stream.
//
// Thread-safe.
class SqlRunning {
 public:
  using Time = std::chrono::system_clock::time_point;

  // False if `id` has been cancelled: it must not run.
  bool Add(const std::string& id, const std::string& identity,
           const std::shared_ptr<SqlResult>& result) PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    if (cancelled_.contains(id)) return false;
    running_.insert_or_assign(id, Entry{identity, result});
    return true;
  }

  // Whether it was running.
  bool Cancel(std::string_view id, std::string_view identity) PINION_EXCLUDES(mutex_) {
    std::shared_ptr<SqlResult> result;  // outlives the lock
    base::MutexLock lock(mutex_);
    const auto found = running_.find(id);
    if (found == running_.end() || found->second.identity != identity) return false;
    result = found->second.result.lock();
    if (result == nullptr) return false;
    result->Cancel();
    return true;
  }

  // Keeps a query from running whose ticket works until `expires_at`.
  void Forbid(const std::string& id, Time expires_at) PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    if (cancelled_.size() < kMostCancelled) cancelled_.emplace(id, expires_at);
  }

  void Expire() PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    std::erase_if(running_, [](auto& entry) { return entry.second.result.expired(); });
    const Time now = std::chrono::system_clock::now();
    std::erase_if(cancelled_, [&](auto& entry) { return entry.second < now; });
  }

 private:
  static constexpr size_t kMostCancelled = 10'000;

  struct Entry {
    std::string identity;
    std::weak_ptr<SqlResult> result;
  };

  base::Mutex mutex_;
  std::map<std::string, Entry, std::less<>> running_ PINION_GUARDED_BY(mutex_);
  std::map<std::string, Time, std::less<>> cancelled_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::flight
