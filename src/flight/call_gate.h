#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_set>

#include <arrow/flight/server.h>
#include <arrow/flight/server_middleware.h>
#include <arrow/result.h>
#include <arrow/status.h>

#include "base/mutex.h"
#include "flight/client_traits.h"

namespace pinion::flight {

class CallGate;

// The cookie that carries a session, as Arrow's clients know it.
inline constexpr std::string_view kSessionCookie = "arrow_flight_session_id";
// The cookie that tells clients that keep cookies from the others: every client gets it,
// and those send it back.
inline constexpr std::string_view kProbeCookie = "pinion_keeps_cookies";

// Who calls.
struct Caller {
  // The name that authentication established, or empty.
  std::string identity;
  // The address, such as "ipv4:127.0.0.1:40312". Not proof of anything.
  std::string peer;
  // The value of the session cookie, or empty. As the client sent it: unverified.
  std::string session;
  // Whether a session's cookie would come back.
  bool keeps_cookies = false;
};

// What a call wants, as far as permissions and limits care.
struct Purpose {
  enum class Subject {
    kServer,   // what the server has and is: lists, schemas, server information
    kDataset,  // `name` is a dataset's
    kSql,      // `name` is SQL text
    kHandle,   // `name` is the handle of a statement, transaction, session or stream
  };
  enum class Access { kRead, kWrite };

  Subject subject = Subject::kServer;
  Access access = Access::kRead;
  std::string_view name = {};
};

// One call in flight, from its arrival to the last byte of its answer: made by the gate,
// owned by Arrow, found by whoever has the call's context.
//
// Thread-safe. Alive as long as the ServerCallContext, which includes the stream that a
// DoGet returned.
class Call final : public arrow::flight::ServerMiddleware {
 public:
  // The call that a context belongs to. An error only if the server has no gate.
  static arrow::Result<Call*> Of(const arrow::flight::ServerCallContext& context);

  Call(CallGate& gate, arrow::flight::FlightMethod method,
       const arrow::flight::ServerCallContext& context);
  ~Call() override;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  // May this call do that? To be asked before anything is done, as soon as it is known
  // what for; several times if that becomes clear in steps. Errors are ready for the
  // wire.
  arrow::Status Admit(const Purpose& purpose) const;

  arrow::flight::FlightMethod method() const { return method_; }
  const Caller& caller() const { return caller_; }
  CallGate& gate() const { return gate_; }
  // For handlers, who have the context anyway: gone when the call is completed.
  const arrow::flight::ServerCallContext& context() const { return context_; }

  // Requested when the client cancelled, vanished or let its deadline pass, and when the
  // server's time is up. Fires within CallGate::kWatchInterval of the event,
  // or some of these when many calls are in flight.
  std::stop_token stop_token() const { return stop_.get_token(); }

  // Says which flight the stream of this call belongs to, for StopFlight.
  void SetFlight(std::string flight_id);

  // What the client can take, and is to be given.
  arrow::Result<ClientTraits> Traits() const;

  // OK, or why the call should end. For loops that look instead of being called.
  arrow::Status CheckAlive() const;

  // OK if the client ended its upload itself. One that vanished looks the same, and gRPC
  // says which it was in an event of its own that may come a moment later: waits for it,
  // some milliseconds.
  arrow::Status CheckUploadEnded() const;

  // What the caller is told of an error: why the call was stopped if that is what caused
  // it, which is not always that somebody cancelled it. Ready for the wire.
  arrow::Status Outcome(const arrow::Status& status) const;

  // ServerMiddleware, for Arrow.
  std::string name() const override;
  void SendingHeaders(arrow::flight::AddCallHeaders* outgoing_headers) override;
  void CallCompleted(const arrow::Status& status) override;

 private:
  friend class CallGate;

  CallGate& gate_;
  const arrow::flight::FlightMethod method_;
  // Read by the watcher until CallCompleted.
  const arrow::flight::ServerCallContext& context_;
  const Caller caller_;
  std::stop_source stop_;
  // Guarded by the gate's lock.
  std::string flight_id_;
};

struct GateOptions {
  // Calls in flight, streams included; one above it is refused as unavailable. Each takes
  // a thread of the server.
  int max_calls = 1024;
  // Refuses everything that asks for Access::kWrite.
  bool read_only = false;
  // Of what is computed or decoded, for clients that can read it and do not say what they
  // want.
  arrow::Compression::type compression = arrow::Compression::UNCOMPRESSED;
  // Called when there have been calls and then none for a second. Must be quick: calls
  // that come meanwhile are not watched.
  std::function<void()> when_idle = nullptr;
};

// The one place that every call passes, whichever kind it is and whichever listener it
// came through: as Arrow's middleware it sees each call arrive, the handshake included,
// and `Call::Admit` brings it what the call wants. It counts the calls in flight, refuses
// what is not allowed, and tells each call when to stop.
//
// gRPC says that a call was cancelled only when asked, so one thread asks for all calls,
// and only while there are some.
//
// Thread-safe. One per server; must outlive the listeners that use it.
class CallGate final : public arrow::flight::ServerMiddlewareFactory {
 public:
  // Under which the gate is among a listener's middleware.
  static constexpr char kMiddlewareKey[] = "pinion-call";
  // For each so many calls in flight.
  static constexpr std::chrono::milliseconds kWatchInterval{10};
  static constexpr size_t kCallsPerInterval = 8;

  explicit CallGate(GateOptions options);
  // No call may be left.
  ~CallGate() override;

  arrow::Status StartCall(const arrow::flight::CallInfo& info,
                          const arrow::flight::ServerCallContext& context,
                          std::shared_ptr<arrow::flight::ServerMiddleware>* middleware)
      override PINION_EXCLUDES(mutex_);

  arrow::Status Admit(const Call& call, const Purpose& purpose) const
      PINION_EXCLUDES(mutex_);

  // Refuses new calls from now on; those in flight go on.
  void StopAccepting() PINION_EXCLUDES(mutex_);
  // Waits until no call is in flight, at most until the deadline.
  void WaitIdle(std::chrono::system_clock::time_point deadline) PINION_EXCLUDES(mutex_);
  // Asks the calls of a flight to stop and returns how many there were.
  int StopFlight(std::string_view flight_id) PINION_EXCLUDES(mutex_);
  // Asks every call in flight to stop, and every later one.
  void StopAll() PINION_EXCLUDES(mutex_);

  int64_t calls_in_flight() const PINION_EXCLUDES(mutex_);

 private:
  friend class Call;

  void Leave(Call& call) PINION_EXCLUDES(mutex_);
  // What a stopped call is told.
  arrow::Status ReasonToStop() const PINION_EXCLUDES(mutex_);
  void Watch(std::stop_token stop) PINION_EXCLUDES(mutex_);
  // Until there have been no calls for a while.
  void WatchCalls(const std::stop_token& stop) PINION_EXCLUDES(mutex_);
  // Stops the calls that gRPC knows to be cancelled.
  void StopCancelled() PINION_EXCLUDES(mutex_);

  const GateOptions options_;
  mutable base::Mutex mutex_;
  base::CondVar arrival_;
  base::CondVar departure_;
  // Guards Call::flight_id_ too.
  std::unordered_set<Call*> calls_ PINION_GUARDED_BY(mutex_);
  bool accepting_ PINION_GUARDED_BY(mutex_) = true;
  bool stopping_ PINION_GUARDED_BY(mutex_) = false;
  bool watcher_asleep_ PINION_GUARDED_BY(mutex_) = false;
  // Since the watcher looked last; it may have ended already.
  bool arrived_ PINION_GUARDED_BY(mutex_) = false;
  // Last: started when everything else is there, stopped first.
  std::jthread watcher_;
};

}  // namespace pinion::flight
