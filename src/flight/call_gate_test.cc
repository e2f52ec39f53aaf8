#include "flight/call_gate.h"

#include <atomic>
#include <chrono>
#include <latch>
#include <memory>
#include <semaphore>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"

namespace pinion::flight {
namespace {

using arrow::Status;
using arrow::flight::FlightMethod;
using arrow::flight::FlightStatusCode;
using arrow::flight::FlightStatusDetail;
using testing::HasSubstr;

// A call as Arrow would hand it to a server, which the test can cancel.
class FakeContext : public arrow::flight::ServerCallContext {
 public:
  const std::string& peer_identity() const override { return identity_; }
  const std::string& peer() const override { return peer_; }
  void AddHeader(const std::string&, const std::string&) const override {}
  void AddTrailer(const std::string&, const std::string&) const override {}
  arrow::flight::ServerMiddleware* GetMiddleware(const std::string& key) const override {
    return key == CallGate::kMiddlewareKey ? call_.get() : nullptr;
  }
  bool is_cancelled() const override { return cancelled_; }
  const arrow::flight::CallHeaders& incoming_headers() const override { return headers_; }

  void AddIncoming(std::string_view key, std::string_view value) {
    headers_.emplace(key, value);
  }
  void Cancel() { cancelled_ = true; }
  Status Enter(CallGate& gate) {
    return gate.StartCall({FlightMethod::DoGet}, *this, &call_);
  }
  Call& call() { return *static_cast<Call*>(call_.get()); }
  void Complete() { call_->CallCompleted(Status::OK()); }

 private:
  std::string identity_ = "alice";
  std::string peer_ = "ipv4:127.0.0.1:1";
  arrow::flight::CallHeaders headers_;
  std::atomic<bool> cancelled_ = false;
  std::shared_ptr<arrow::flight::ServerMiddleware> call_;
};

// Blocks until the token is stopped, which is what a test of it is about.
void Await(const std::stop_token& token) {
  std::latch stopped(1);
  const std::stop_callback callback(token, [&] { stopped.count_down(); });
  stopped.wait();
}

FlightStatusCode FlightCode(const Status& status) {
  const auto detail = FlightStatusDetail::UnwrapStatus(status);
  return detail == nullptr ? FlightStatusCode::Failed : detail->code();
}

TEST(CallGate, KnowsWhoCalls) {
  CallGate gate({});
  FakeContext context;
  context.AddIncoming("cookie", "a=1; arrow_flight_session_id=\"s-1\"; b=2");
  ASSERT_OK(context.Enter(gate));
  ASSERT_OK_AND_ASSIGN(const Call* call, Call::Of(context));
  EXPECT_EQ(call->method(), FlightMethod::DoGet);
  EXPECT_EQ(call->caller().identity, "alice");
  EXPECT_EQ(call->caller().peer, "ipv4:127.0.0.1:1");
  EXPECT_EQ(call->caller().session, "s-1");
}

TEST(CallGate, DoesNotTakeAnotherCookieForTheSession) {
  CallGate gate({});
  for (const char* cookie : {"x_arrow_flight_session_id=1", "arrow_flight_session_idx=1",
                             "arrow_flight_session_id", "", ";;", "arrow_flight"}) {
    FakeContext context;
    context.AddIncoming("cookie", cookie);
    ASSERT_OK(context.Enter(gate));
    EXPECT_EQ(context.call().caller().session, "") << cookie;
  }
}

TEST(CallGate, StopsACallThatTheClientCancelled) {
  CallGate gate({});
  FakeContext cancelled;
  FakeContext other;
  ASSERT_OK(cancelled.Enter(gate));
  ASSERT_OK(other.Enter(gate));
  EXPECT_OK(cancelled.call().CheckAlive());
  cancelled.Cancel();
  Await(cancelled.call().stop_token());
  EXPECT_TRUE(cancelled.call().CheckAlive().IsCancelled());
  EXPECT_TRUE(cancelled.call().Admit({}).IsCancelled());
  EXPECT_OK(other.call().CheckAlive());
}

TEST(CallGate, SaysWhenThereAreNoMoreCalls) {
  std::counting_semaphore<> idle(0);
  std::atomic<int> times = 0;
  CallGate gate({.when_idle = [&] {
    ++times;
    idle.release();
  }});
  for (int i = 1; i <= 2; ++i) {
    {
      FakeContext context;
      ASSERT_OK(context.Enter(gate));
    }
    idle.acquire();
    EXPECT_EQ(times, i);
  }
}

TEST(CallGate, WatchesCallsThatComeAfterAPause) {
  CallGate gate({});
  for (int i = 0; i < 3; ++i) {
    FakeContext context;
    ASSERT_OK(context.Enter(gate));
    context.Cancel();
    Await(context.call().stop_token());
  }
}

TEST(CallGate, CountsCallsUntilTheyEnd) {
  CallGate gate({});
  {
    FakeContext first;
    FakeContext second;
    ASSERT_OK(first.Enter(gate));
    ASSERT_OK(second.Enter(gate));
    EXPECT_EQ(gate.calls_in_flight(), 2);
    first.Complete();
    EXPECT_EQ(gate.calls_in_flight(), 1);
  }
  // The second went as a call does whose handler threw.
  EXPECT_EQ(gate.calls_in_flight(), 0);
}

TEST(CallGate, RefusesCallsAboveItsLimit) {
  CallGate gate({.max_calls = 1});
  FakeContext first;
  FakeContext second;
  ASSERT_OK(first.Enter(gate));
  const Status refused = second.Enter(gate);
  EXPECT_EQ(FlightCode(refused), FlightStatusCode::Unavailable);
  EXPECT_THAT(refused.message(), HasSubstr("1 calls are in flight"));
  first.Complete();
  EXPECT_OK(second.Enter(gate));
}

TEST(CallGate, RefusesWritesWhenReadOnly) {
  CallGate gate({.read_only = true});
  FakeContext context;
  ASSERT_OK(context.Enter(gate));
  EXPECT_OK(context.call().Admit({.access = Purpose::Access::kRead}));
  const Status refused = context.call().Admit({.access = Purpose::Access::kWrite});
  EXPECT_EQ(FlightCode(refused), FlightStatusCode::Unauthorized);
}

TEST(CallGate, LetsCallsInFlightGoOnWhenItStopsAccepting) {
  CallGate gate({});
  FakeContext running;
  FakeContext late;
  ASSERT_OK(running.Enter(gate));
  gate.StopAccepting();
  EXPECT_EQ(FlightCode(late.Enter(gate)), FlightStatusCode::Unavailable);
  EXPECT_OK(running.call().CheckAlive());
  gate.StopAll();
  EXPECT_TRUE(running.call().stop_token().stop_requested());
  EXPECT_EQ(FlightCode(running.call().CheckAlive()), FlightStatusCode::Unavailable);
}

TEST(CallGate, TellsACallerWhyTheCallWasStopped) {
  CallGate gate({});
  FakeContext context;
  ASSERT_OK(context.Enter(gate));
  EXPECT_TRUE(context.call().Outcome(Status::Cancelled("by itself")).IsCancelled());
  gate.StopAll();
  EXPECT_EQ(FlightCode(context.call().Outcome(Status::Cancelled("stopped"))),
            FlightStatusCode::Unavailable);
  EXPECT_TRUE(context.call().Outcome(Status::Invalid("not for that")).IsInvalid());
  EXPECT_OK(context.call().Outcome(Status::OK()));
}

TEST(CallGate, WaitsForTheLastCall) {
  CallGate gate({});
  auto context = std::make_unique<FakeContext>();
  ASSERT_OK(context->Enter(gate));
  gate.StopAccepting();
  gate.WaitIdle(std::chrono::system_clock::now());
  EXPECT_EQ(gate.calls_in_flight(), 1);
  std::jthread end([&] { context->Complete(); });
  gate.WaitIdle(std::chrono::system_clock::time_point::max());
  EXPECT_EQ(gate.calls_in_flight(), 0);
}

TEST(CallGate, StopsTheCallsOfAFlight) {
  CallGate gate({});
  FakeContext first;
  FakeContext second;
  FakeContext unnamed;
  for (FakeContext* context : {&first, &second, &unnamed})
    ASSERT_OK(context->Enter(gate));
  first.call().SetFlight("f1");
  second.call().SetFlight("f2");
  EXPECT_EQ(gate.StopFlight("f1"), 1);
  EXPECT_EQ(gate.StopFlight("f3"), 0);
  EXPECT_EQ(gate.StopFlight(""), 0);
  EXPECT_TRUE(first.call().stop_token().stop_requested());
  EXPECT_FALSE(second.call().stop_token().stop_requested());
  EXPECT_FALSE(unnamed.call().stop_token().stop_requested());
}

TEST(Call, IsNotFoundWithoutAGate) {
  const FakeContext context;
  EXPECT_FALSE(Call::Of(context).ok());
}

}  // namespace
}  // namespace pinion::flight
