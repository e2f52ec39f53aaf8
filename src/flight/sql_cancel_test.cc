// The ways to stop a statement, each seen by its effect on the engine's work.
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <sys/resource.h>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flight/sql_service_test.h"

namespace pinion::flight {
namespace {

using arrow::flight::CancelFlightInfoRequest;

// What this process, and so the server in it, has used of the processor.
std::chrono::microseconds ProcessorTime() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

// Polls until it has been busy, or idle, for a while.
void Await(bool busy) {
  constexpr std::chrono::milliseconds kWindow{30};
  for (int windows = 0; windows < 5;) {
    const auto before = ProcessorTime();
    std::this_thread::sleep_for(kWindow);
    const bool was_busy = ProcessorTime() - before > kWindow / 10;
    windows = was_busy == busy ? windows + 1 : 0;
  }
}

class SqlCancelTest : public SqlServiceTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SqlServiceTest::SetUp());
    ASSERT_OK_AND_ASSIGN(other_, Connect());
  }

  // Starts work, waits until it goes on, stops it, waits until it goes on no more, and
  // returns what the client was told.
  Status StopWork(const std::function<Status(const FlightInfo&)>& stop) {
    ARROW_ASSIGN_OR_RAISE(const auto info, other_->Execute({}, kEndless));
    auto fetching = std::async(std::launch::async, [&] { return Drain(*info); });
    Await(/*busy=*/true);
    ARROW_RETURN_NOT_OK(stop(*info));
    Await(/*busy=*/false);
    return fetching.get();
  }

  Status Drain(const FlightInfo& info) {
    ARROW_ASSIGN_OR_RAISE(const auto reader,
                          other_->DoGet({}, info.endpoints()[0].ticket));
    return reader->ToTable().status();
  }

  std::unique_ptr<FlightSqlClient> other_;
};

TEST_F(SqlCancelTest, CancelFlightInfoEndsTheWork) {
  ASSERT_RAISES(Cancelled, StopWork([&](const FlightInfo& info) {
                  return client_
                      ->CancelFlightInfo(
                          {}, CancelFlightInfoRequest(std::make_unique<FlightInfo>(info)))
                      .status();
                }));
  EXPECT_OK(other_->Execute({}, "SELECT 1"));
}

// Of Flight SQL, older than Flight's own.
TEST_F(SqlCancelTest, CancelQueryEndsTheWork) {
  ASSERT_OK_AND_ASSIGN(const auto plain, ConnectPlain());
  ASSERT_RAISES(Cancelled, StopWork([&](const FlightInfo& info) -> Status {
                  ARROW_ASSIGN_OR_RAISE(const std::string bytes,
                                        info.SerializeToString());
                  const std::string body =
                      PackSqlMessage("ActionCancelQueryRequest", SerializeHandle(bytes));
                  ARROW_ASSIGN_OR_RAISE(
                      const auto results,
                      plain->DoAction({"CancelQuery", arrow::Buffer::FromString(body)}));
                  return results->Next().status();
                }));
  EXPECT_OK(other_->Execute({}, "SELECT 1"));
}

TEST_F(SqlCancelTest, ClosingAStreamEndsTheStatement) {
  ASSERT_OK_AND_ASSIGN(
      const auto info,
      other_->Execute({}, "SELECT a.range FROM range(9000000) a, range(9000000) b"));
  ASSERT_OK_AND_ASSIGN(const auto reader, other_->DoGet({}, info->endpoints()[0].ticket));
  ASSERT_OK(reader->Next());
  reader->Cancel();
  ASSERT_OK(other_->Execute({}, "SELECT 1"));
  // With a statement left this would last until its patience ends.
  EXPECT_OK(server_->Shutdown(std::chrono::hours(1)));
}

}  // namespace
}  // namespace pinion::flight
