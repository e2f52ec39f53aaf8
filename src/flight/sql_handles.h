#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arrow/result.h>
#include <arrow/status.h>

#include "base/mutex.h"
#include "base/random_id.h"
#include "engine/error.h"
#include "flight/call_gate.h"

namespace pinion::flight {

using Clock = std::chrono::steady_clock;

// Who may use a handle besides knowing it.
enum class HandleScope {
  // The client that got it: same identity, and same connection or same session cookie.
  // A connection is all that tells two anonymous clients without cookies apart.
  kConnection,
  // Anybody of the same identity: results, which another process may read.
  kIdentity,
};

struct HandleLimits {
  size_t most = 512;
  // How long one lives that nobody uses.
  std::chrono::milliseconds idle = std::chrono::minutes(30);
};

// Whether `caller` may use what `owner` made.
inline bool SharesHandles(HandleScope scope, const Caller& owner, const Caller& caller) {
  if (owner.identity != caller.identity) return false;
  if (scope == HandleScope::kIdentity) return true;
  return owner.peer == caller.peer ||
         (!owner.session.empty() && owner.session == caller.session);
}

// What clients hold by handle: unguessable, limited in number, and dropped after a while
// without use. Someone else's handle looks like an unknown one.
//
// Thread-safe. Values are shared with the calls that use them; one in use does not
// expire. Values are destroyed outside the lock, for that may take the engine some time.
template <typename T>
class HandleStore {
 public:
  // `noun` and `remedy` make the errors: "unknown NOUN: REMEDY". `now` is for tests.
  HandleStore(HandleScope scope, HandleLimits limits, std::string noun,
              std::string remedy, std::function<Clock::time_point()> now = Clock::now)
      : scope_(scope),
        limits_(limits),
        noun_(std::move(noun)),
        remedy_(std::move(remedy)),
        now_(std::move(now)) {}

  HandleStore(const HandleStore&) = delete;
  HandleStore& operator=(const HandleStore&) = delete;

  // The handle. Fails when there are as many as there may be.
  arrow::Result<std::string> Add(const Caller& owner, std::shared_ptr<T> value)
      PINION_EXCLUDES(mutex_) {
    Expire();
    std::string handle = base::RandomId();
    base::MutexLock lock(mutex_);
    if (entries_.size() >= limits_.most) {
      return engine::MakeError(engine::ErrorClass::kLimit,
                               "there are " + std::to_string(limits_.most) + " open " +
                                   noun_ + "s, and no more are allowed: close some");
    }
    entries_.emplace(handle, Entry{owner, std::move(value), now_()});
    return handle;
  }

  // Counts as use.
  arrow::Result<std::shared_ptr<T>> Find(std::string_view handle, const Caller& caller)
      PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    const auto found = Lookup(handle, caller);
    if (found == entries_.end()) return Unknown();
    found->second.used = now_();
    return found->second.value;
  }

  // Takes it out: the handle is unknown from now on.
  arrow::Result<std::shared_ptr<T>> Take(std::string_view handle, const Caller& caller)
      PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    const auto found = Lookup(handle, caller);
    if (found == entries_.end()) return Unknown();
    std::shared_ptr<T> value = std::move(found->second.value);
    entries_.erase(found);
    return value;
  }

  // Drops what nobody used for too long.
  void Expire() PINION_EXCLUDES(mutex_) {
    std::vector<std::shared_ptr<T>> dropped;  // outlives the lock
    base::MutexLock lock(mutex_);
    const Clock::time_point now = now_();
    std::erase_if(entries_, [&](auto& entry) {
      Entry& candidate = entry.second;
      const bool in_use = candidate.value.use_count() > 1;
      if (in_use) candidate.used = now;
      if (in_use || now - candidate.used < limits_.idle) return false;
      dropped.push_back(std::move(candidate.value));
      return true;
    });
  }

  void Clear() PINION_EXCLUDES(mutex_) {
    std::map<std::string, Entry, std::less<>> dropped;
    base::MutexLock lock(mutex_);
    dropped.swap(entries_);
  }

  size_t size() const PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    return entries_.size();
  }
  const HandleLimits& limits() const { return limits_; }

 private:
  struct Entry {
    Caller owner;
    std::shared_ptr<T> value;
    Clock::time_point used;
  };
  using Entries = std::map<std::string, Entry, std::less<>>;

  typename Entries::iterator Lookup(std::string_view handle, const Caller& caller)
      PINION_REQUIRES(mutex_) {
    const auto found = entries_.find(handle);
    if (found != entries_.end() && !SharesHandles(scope_, found->second.owner, caller)) {
      return entries_.end();
    }
    return found;
  }

  arrow::Status Unknown() const {
    return arrow::Status::KeyError("unknown " + noun_ + ": " + remedy_);
  }

  const HandleScope scope_;
  const HandleLimits limits_;
  const std::string noun_;
  const std::string remedy_;
  const std::function<Clock::time_point()> now_;
  mutable base::Mutex mutex_;
  Entries entries_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::flight
