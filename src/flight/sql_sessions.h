#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include <arrow/flight/server.h>
#include <arrow/flight/types.h>
#include <arrow/result.h>

#include "base/mutex.h"
#include "engine/engine.h"
#include "flight/call_gate.h"
#include "flight/sql_handles.h"

namespace pinion::flight {

// The sessions of clients that need one: a client gets it, and the cookie that names it,
// with its first SetSessionOptions, or, if it keeps cookies, with the first statement
// that would change its session. All others share the engine's default session, so a
// client that ignores cookies costs nothing. (Arrow's session middleware makes a session
// for every call without a cookie, and keeps it for ever.)
//
// Thread-safe. Sessions that nobody used for a while are closed, with the transactions
// and results in them.
class SqlSessions {
 public:
  // Borrows the engine.
  SqlSessions(engine::Engine& engine, HandleLimits limits,
              std::function<Clock::time_point()> now = Clock::now);

  // The caller's session. Fails for a cookie that is unknown or expired: what the client
  // set in it is gone, and its statements must not run as if it had never been.
  arrow::Result<std::shared_ptr<engine::Session>> Of(const Caller& caller)
      PINION_EXCLUDES(mutex_);

  // By the name that a ticket carries, so that another process of the same identity can
  // read its result. Empty: the default session.
  arrow::Result<std::shared_ptr<engine::Session>> Named(std::string_view name,
                                                        const std::string& identity)
      PINION_EXCLUDES(mutex_);
  // The name in a cookie: its public half.
  static std::string_view NameIn(std::string_view cookie);

  struct Opened {
    std::string name;
    std::shared_ptr<engine::Session> session;
  };
  // Whether the caller has no session, and would keep the cookie of one.
  static bool CanOpen(const Caller& caller) {
    return caller.session.empty() && caller.keeps_cookies;
  }
  // Opens a session and sends its cookie with this call's answer.
  arrow::Result<Opened> Open(const arrow::flight::ServerCallContext& context,
                             const Caller& caller) PINION_EXCLUDES(mutex_);

  // Opens a session if the caller has none, and sends its cookie with this call's answer.
  arrow::Result<arrow::flight::SetSessionOptionsResult> SetOptions(
      const arrow::flight::ServerCallContext& context, const Caller& caller,
      const arrow::flight::SetSessionOptionsRequest& request) PINION_EXCLUDES(mutex_);

  arrow::Result<arrow::flight::GetSessionOptionsResult> GetOptions(const Caller& caller)
      PINION_EXCLUDES(mutex_);

  // Also fine for a caller who has none.
  arrow::Result<arrow::flight::CloseSessionResult> Close(
      const arrow::flight::ServerCallContext& context, const Caller& caller)
      PINION_EXCLUDES(mutex_);

  void Expire() PINION_EXCLUDES(mutex_);
  void CloseAll() PINION_EXCLUDES(mutex_);
  size_t size() const PINION_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::string cookie;
    std::string identity;
    std::shared_ptr<engine::Session> session;
    Clock::time_point used;
  };

  // Null for an unknown cookie, or someone else's.
  Entry* Find(const Caller& caller) PINION_REQUIRES(mutex_);

  engine::Engine& engine_;
  const HandleLimits limits_;
  const std::function<Clock::time_point()> now_;
  mutable base::Mutex mutex_;
  // By name.
  std::map<std::string, Entry, std::less<>> sessions_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::flight
