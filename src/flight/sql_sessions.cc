#include "flight/sql_sessions.h"

#include <utility>
#include <vector>

#include <arrow/flight/middleware.h>

#include "base/random_id.h"
#include "flight/errors.h"

namespace pinion::flight {
namespace {

using arrow::flight::CloseSessionResult;
using arrow::flight::CloseSessionStatus;
using arrow::flight::GetSessionOptionsResult;
using arrow::flight::ServerCallContext;
using arrow::flight::SetSessionOptionErrorValue;
using arrow::flight::SetSessionOptionsRequest;
using arrow::flight::SetSessionOptionsResult;

// Between the two halves of a cookie: the session's name and its secret.
constexpr char kNameEnd = '.';

void SendCookie(const ServerCallContext& context, const std::string& cookie,
                std::string_view attributes) {
  context.AddHeader("set-cookie",
                    std::string(kSessionCookie) + "=" + cookie + std::string(attributes));
}

arrow::Status UnknownSession() {
  return arrow::Status::KeyError(
      "the session of this cookie is unknown or has expired: connect again, and set its "
      "options again");
}

SetSessionOptionErrorValue ErrorValueOf(const arrow::Status& status) {
  if (engine::IsError(status, engine::ErrorClass::kMissingObject)) {
    return SetSessionOptionErrorValue::kInvalidName;
  }
  if (engine::IsError(status, engine::ErrorClass::kType)) {
    return SetSessionOptionErrorValue::kInvalidValue;
  }
  return SetSessionOptionErrorValue::kError;
}

}  // namespace

SqlSessions::SqlSessions(engine::Engine& engine, HandleLimits limits,
                         std::function<Clock::time_point()> now)
    : engine_(engine), limits_(limits), now_(std::move(now)) {}

std::string_view SqlSessions::NameIn(std::string_view cookie) {
  return cookie.substr(0, cookie.find(kNameEnd));
}

SqlSessions::Entry* SqlSessions::Find(const Caller& caller) {
  const auto found = sessions_.find(NameIn(caller.session));
  if (found == sessions_.end() || found->second.cookie != caller.session ||
      found->second.identity != caller.identity) {
    return nullptr;
  }
  found->second.used = now_();
  return &found->second;
}

arrow::Result<std::shared_ptr<engine::Session>> SqlSessions::Of(const Caller& caller) {
  if (caller.session.empty()) return engine_.default_session();
  base::MutexLock lock(mutex_);
  const Entry* entry = Find(caller);
  if (entry == nullptr) return UnknownSession();
  return entry->session;
}

arrow::Result<std::shared_ptr<engine::Session>> SqlSessions::Named(
    std::string_view name, const std::string& identity) {
  if (name.empty()) return engine_.default_session();
  base::MutexLock lock(mutex_);
  const auto found = sessions_.find(name);
  if (found == sessions_.end() || found->second.identity != identity) {
    return UnknownSession();
  }
  found->second.used = now_();
  return found->second.session;
}

arrow::Result<SqlSessions::Opened> SqlSessions::Open(const ServerCallContext& context,
                                                     const Caller& caller) {
  Expire();
  ARROW_ASSIGN_OR_RAISE(auto session, engine_.OpenSession({.user = caller.identity,
                                                           .read_only = false,
                                                           .stateless = false,
                                                           .options = {}}));
  const std::string name = base::RandomId();
  const std::string cookie = name + kNameEnd + base::RandomId();
  {
    base::MutexLock lock(mutex_);
    if (sessions_.size() >= limits_.most) {
      return engine::MakeError(engine::ErrorClass::kLimit,
                               "there are " + std::to_string(limits_.most) +
                                   " sessions, and no more are allowed: close some");
    }
    sessions_.emplace(name, Entry{cookie, caller.identity, session, now_()});
  }
  SendCookie(context, cookie, "");
  return Opened{name, std::move(session)};
}

arrow::Result<SetSessionOptionsResult> SqlSessions::SetOptions(
    const ServerCallContext& context, const Caller& caller,
    const SetSessionOptionsRequest& request) {
  std::shared_ptr<engine::Session> session;
  if (caller.session.empty()) {
    ARROW_ASSIGN_OR_RAISE(Opened opened, Open(context, caller));
    session = std::move(opened.session);
  } else {
    ARROW_ASSIGN_OR_RAISE(session, Of(caller));
  }
  SetSessionOptionsResult result;
  for (const auto& [name, value] : request.session_options) {
    const arrow::Status status = session->SetOption(name, value);
    if (status.ok()) continue;
    result.errors.emplace(name, SetSessionOptionsResult::Error{ErrorValueOf(status)});
  }
  return result;
}

arrow::Result<GetSessionOptionsResult> SqlSessions::GetOptions(const Caller& caller) {
  ARROW_ASSIGN_OR_RAISE(auto session, Of(caller));
  ARROW_ASSIGN_OR_RAISE(auto options, session->GetOptions());
  return GetSessionOptionsResult(std::move(options));
}

arrow::Result<CloseSessionResult> SqlSessions::Close(const ServerCallContext& context,
                                                     const Caller& caller) {
  std::shared_ptr<engine::Session> closed;
  {
    base::MutexLock lock(mutex_);
    if (Entry* entry = Find(caller)) {
      closed = std::move(entry->session);
      sessions_.erase(sessions_.find(NameIn(caller.session)));
    }
  }
  if (closed != nullptr) ARROW_RETURN_NOT_OK(closed->Close());
  // The client forgets the cookie, also one of a session that is no more.
  if (!caller.session.empty()) SendCookie(context, caller.session, "; Max-Age=0");
  return CloseSessionResult(CloseSessionStatus::kClosed);
}

void SqlSessions::Expire() {
  std::vector<std::shared_ptr<engine::Session>> expired;
  {
    base::MutexLock lock(mutex_);
    const Clock::time_point now = now_();
    std::erase_if(sessions_, [&](auto& entry) {
      Entry& candidate = entry.second;
      if (candidate.session.use_count() > 1) candidate.used = now;
      if (now - candidate.used < limits_.idle) return false;
      expired.push_back(std::move(candidate.session));
      return true;
    });
  }
  for (const auto& session : expired) {
    ARROW_WARN_NOT_OK(session->Close(), "closing an expired session");
  }
}

void SqlSessions::CloseAll() {
  std::map<std::string, Entry, std::less<>> closed;
  {
    base::MutexLock lock(mutex_);
    closed.swap(sessions_);
  }
  for (const auto& [cookie, entry] : closed) {
    ARROW_WARN_NOT_OK(entry.session->Close(), "closing a session");
  }
}

size_t SqlSessions::size() const {
  base::MutexLock lock(mutex_);
  return sessions_.size();
}

}  // namespace pinion::flight
