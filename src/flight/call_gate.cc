#include "flight/call_gate.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "flight/errors.h"

namespace pinion::flight {
namespace {

using arrow::Status;
using arrow::flight::FlightMethod;
using arrow::flight::ServerCallContext;

// How long the watcher goes on without calls before it sleeps: a client that asks one
// question after the other must not wake a thread with each.
constexpr std::chrono::seconds kWatcherLinger{1};

// After an upload, a millisecond apart.
constexpr int kEndChecks = 5;

constexpr char kShuttingDown[] = "the server is shutting down";

// The value of a cookie among the headers, or empty.
std::string CookieOf(const ServerCallContext& context, std::string_view name) {
  const auto [begin, end] = context.incoming_headers().equal_range("cookie");
  for (auto header = begin; header != end; ++header) {
    std::string_view rest = header->second;
    while (!rest.empty()) {
      std::string_view pair = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
      pair.remove_prefix(std::min(pair.size(), pair.find_first_not_of(' ')));
      if (!pair.starts_with(name) || pair.substr(name.size(), 1) != "=") continue;
      std::string_view value = pair.substr(name.size() + 1);
      if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
        value = value.substr(1, value.size() - 2);
      }
      return std::string(value);
    }
  }
  return "";
}

}  // namespace

arrow::Result<Call*> Call::Of(const ServerCallContext& context) {
  auto* call = static_cast<Call*>(context.GetMiddleware(CallGate::kMiddlewareKey));
  if (call == nullptr) return Status::UnknownError("the call came in past the gate");
  return call;
}

Call::Call(CallGate& gate, FlightMethod method, const ServerCallContext& context)
    : gate_(gate),
      method_(method),
      context_(context),
      caller_{.identity = context.peer_identity(),
              .peer = context.peer(),
              .session = CookieOf(context, kSessionCookie),
              .keeps_cookies = !CookieOf(context, kProbeCookie).empty()} {}

// A handler that threw ends without CallCompleted.
Call::~Call() { gate_.Leave(*this); }

Status Call::Admit(const Purpose& purpose) const { return gate_.Admit(*this, purpose); }

arrow::Result<ClientTraits> Call::Traits() const {
  return ClientTraits::Of(context_.incoming_headers(), gate_.options_.compression);
}

Status Call::CheckAlive() const {
  // Asked directly too: a broken upload ends before the watcher has seen why.
  const bool stop = stop_.stop_requested() || context_.is_cancelled();
  return stop ? gate_.ReasonToStop() : Status::OK();
}

Status Call::CheckUploadEnded() const {
  for (int i = 0; i < kEndChecks; ++i) {
    ARROW_RETURN_NOT_OK(CheckAlive());
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return CheckAlive();
}

Status Call::Outcome(const Status& status) const {
  const bool stopped = status.IsCancelled() && stop_.stop_requested();
  return ToWire(stopped ? gate_.ReasonToStop() : status);
}

void Call::SetFlight(std::string flight_id) {
  base::MutexLock lock(gate_.mutex_);
  flight_id_ = std::move(flight_id);
}

std::string Call::name() const { return CallGate::kMiddlewareKey; }

void Call::SendingHeaders(arrow::flight::AddCallHeaders* outgoing_headers) {
  if (caller_.keeps_cookies) return;
  outgoing_headers->AddHeader("set-cookie", std::string(kProbeCookie) + "=1");
}

void Call::CallCompleted(const Status&) { gate_.Leave(*this); }

CallGate::CallGate(GateOptions options)
    : options_(std::move(options)),
      watcher_([this](std::stop_token stop) { Watch(stop); }) {}

CallGate::~CallGate() = default;

Status CallGate::StartCall(const arrow::flight::CallInfo& info,
                           const ServerCallContext& context,
                           std::shared_ptr<arrow::flight::ServerMiddleware>* middleware) {
  auto call = std::make_shared<Call>(*this, info.method, context);
  base::MutexLock lock(mutex_);
  if (!accepting_) return Unavailable(kShuttingDown);
  if (calls_.size() >= static_cast<size_t>(options_.max_calls)) {
    return Unavailable("the server is busy: " + std::to_string(options_.max_calls) +
                       " calls are in flight, which is its limit");
  }
  calls_.insert(call.get());
  if (stopping_) call->stop_.request_stop();
  arrived_ = true;
  if (watcher_asleep_) arrival_.NotifyOne();
  *middleware = std::move(call);
  return Status::OK();
}

Status CallGate::Admit(const Call& call, const Purpose& purpose) const {
  ARROW_RETURN_NOT_OK(call.CheckAlive());
  if (options_.read_only && purpose.access == Purpose::Access::kWrite) {
    return PermissionDenied("the server is read-only");
  }
  return Status::OK();
}

void CallGate::StopAccepting() {
  base::MutexLock lock(mutex_);
  accepting_ = false;
}

int CallGate::StopFlight(std::string_view flight_id) {
  std::vector<std::stop_source> stops;
  {
    base::MutexLock lock(mutex_);
    for (const Call* call : calls_) {
      if (!flight_id.empty() && call->flight_id_ == flight_id)
        stops.push_back(call->stop_);
    }
  }
  for (std::stop_source& stop : stops) stop.request_stop();
  return static_cast<int>(stops.size());
}

void CallGate::StopAll() {
  std::vector<std::stop_source> stops;
  {
    base::MutexLock lock(mutex_);
    stopping_ = true;
    for (const Call* call : calls_) stops.push_back(call->stop_);
  }
  for (std::stop_source& stop : stops) stop.request_stop();
}

int64_t CallGate::calls_in_flight() const {
  base::MutexLock lock(mutex_);
  return static_cast<int64_t>(calls_.size());
}

void CallGate::Leave(Call& call) {
  base::MutexLock lock(mutex_);
  calls_.erase(&call);
  if (!accepting_ && calls_.empty()) departure_.NotifyAll();
}

void CallGate::WaitIdle(std::chrono::system_clock::time_point deadline) {
  base::MutexLock lock(mutex_);
  departure_.WaitUntil(mutex_, {}, deadline,
                       [this]() PINION_REQUIRES(mutex_) { return calls_.empty(); });
}

Status CallGate::ReasonToStop() const {
  base::MutexLock lock(mutex_);
  return stopping_ ? Unavailable(kShuttingDown) : Status::Cancelled("cancelled");
}

void CallGate::Watch(std::stop_token stop) {
  while (!stop.stop_requested()) {
    {
      base::MutexLock lock(mutex_);
      watcher_asleep_ = true;
      arrival_.Wait(mutex_, stop, [this]() PINION_REQUIRES(mutex_) { return arrived_; });
      watcher_asleep_ = false;
    }
    WatchCalls(stop);
    if (options_.when_idle && !stop.stop_requested()) options_.when_idle();
  }
}

void CallGate::WatchCalls(const std::stop_token& stop) {
  using Clock = std::chrono::steady_clock;
  auto busy_until = Clock::now() + kWatcherLinger;
  while (!stop.stop_requested()) {
    {
      base::MutexLock lock(mutex_);
      const auto now = Clock::now();
      if (arrived_ || !calls_.empty()) busy_until = now + kWatcherLinger;
      arrived_ = false;
      if (now >= busy_until) return;
      // To ask costs microseconds: of a crowd of calls less often.
      const auto interval = kWatchInterval * (1 + calls_.size() / kCallsPerInterval);
      arrival_.WaitUntil(mutex_, stop, now + interval, [] { return false; });
    }
    StopCancelled();
  }
}

void CallGate::StopCancelled() {
  // Requested outside the lock: a stop request runs the callbacks of whoever waits for
  // it.
  std::vector<std::stop_source> stops;
  {
    base::MutexLock lock(mutex_);
    for (const Call* call : calls_) {
      if (!call->stop_.stop_requested() && call->context_.is_cancelled()) {
        stops.push_back(call->stop_);
      }
    }
  }
  for (std::stop_source& stop : stops) stop.request_stop();
}

}  // namespace pinion::flight
