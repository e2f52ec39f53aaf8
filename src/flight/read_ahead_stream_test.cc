#include "flight/read_ahead_stream.h"

#include <array>
#include <atomic>
#include <latch>
#include <memory>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <arrow/buffer.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::FlightDataStream;
using arrow::flight::FlightPayload;

FlightPayload PayloadOf(int64_t bytes) {
  FlightPayload payload;
  payload.ipc_message.metadata = std::make_shared<arrow::Buffer>(std::string_view(""));
  payload.ipc_message.body_length = bytes;
  return payload;
}

// Counts what it gave; ends, fails or blocks after that many payloads.
class FakeStream : public FlightDataStream {
 public:
  struct Script {
    int payloads = 0;
    int64_t bytes = 1;
    Status end = Status::OK();
    // Waits for this to be stopped at the end, as an engine does that has no rows yet.
    std::stop_token blocked_until = {};
    std::atomic<int>* given = nullptr;
    bool* destroyed = nullptr;
  };

  explicit FakeStream(Script script) : script_(std::move(script)) {}
  ~FakeStream() override {
    if (script_.destroyed != nullptr) *script_.destroyed = true;
  }

  std::shared_ptr<arrow::Schema> schema() override { return nullptr; }
  Result<FlightPayload> GetSchemaPayload() override { return PayloadOf(0); }
  Result<FlightPayload> Next() override {
    if (count_ < script_.payloads) {
      ++count_;
      if (script_.given != nullptr) script_.given->fetch_add(1);
      return PayloadOf(script_.bytes);
    }
    if (script_.blocked_until.stop_possible()) {
      std::latch stopped(1);
      const std::stop_callback wake(script_.blocked_until, [&] { stopped.count_down(); });
      stopped.wait();
      return Status::Cancelled("stopped");
    }
    ARROW_RETURN_NOT_OK(script_.end);
    return FlightPayload();
  }

 private:
  const Script script_;
  int count_ = 0;
};

std::unique_ptr<LinkedStop> NeverStopped() {
  return std::make_unique<LinkedStop>(std::stop_token());
}

std::shared_ptr<ReadAheadShare> ShareOf(int64_t bytes) {
  return std::make_shared<ReadAheadShare>(bytes);
}

// The number of payloads before the end, or the error.
Result<int> CountPayloads(FlightDataStream& stream) {
  for (int count = 0;; ++count) {
    ARROW_ASSIGN_OR_RAISE(const FlightPayload payload, stream.Next());
    if (payload.ipc_message.metadata == nullptr) return count;
  }
}

TEST(ReadAheadStream, GivesEveryPayloadThenTheEnd) {
  for (const int payloads : {0, 1, 2, 3, 100}) {
    ReadAheadStream stream(
        std::make_unique<FakeStream>(FakeStream::Script{.payloads = payloads}),
        NeverStopped(), ShareOf(1'000));
    ASSERT_OK(stream.GetSchemaPayload());
    ASSERT_OK_AND_ASSIGN(const int count, CountPayloads(stream));
    EXPECT_EQ(count, payloads);
    EXPECT_OK(stream.Close());
  }
}

TEST(ReadAheadStream, GivesTheErrorAfterThePayloadsBeforeIt) {
  for (const int payloads : {0, 1, 2, 50}) {
    ReadAheadStream stream(
        std::make_unique<FakeStream>(FakeStream::Script{
            .payloads = payloads, .end = Status::IOError("the file was cut")}),
        NeverStopped(), ShareOf(1'000));
    for (int i = 0; i < payloads; ++i) ASSERT_OK(stream.Next());
    EXPECT_EQ(stream.Next().status().message(), "the file was cut");
  }
}

TEST(ReadAheadStream, HoldsNoMoreThanItsLimit) {
  std::atomic<int> given = 0;
  bool destroyed = false;
  {
    ReadAheadStream stream(
        std::make_unique<FakeStream>(FakeStream::Script{
            .payloads = 1'000, .bytes = 100, .given = &given, .destroyed = &destroyed}),
        NeverStopped(), ShareOf(300));
    for (int i = 0; i < 500; ++i) ASSERT_OK(stream.Next());
    // Three in the queue and one in the producer's hand.
    EXPECT_LE(given, 504);
  }
  EXPECT_TRUE(destroyed);
  EXPECT_LE(given, 504);
}

TEST(ReadAheadStream, OnlySoManyAtATimeReadAhead) {
  const auto share = std::make_shared<ReadAheadShare>(300, /*max_streams=*/2);
  std::array<std::atomic<int>, 4> given{};
  auto open = [&](size_t i) {
    return std::make_unique<ReadAheadStream>(
        std::make_unique<FakeStream>(
            FakeStream::Script{.payloads = 100, .bytes = 100, .given = &given[i]}),
        NeverStopped(), share);
  };
  std::vector<std::unique_ptr<ReadAheadStream>> streams;
  for (size_t i = 0; i < 3; ++i) {
    streams.push_back(open(i));
    for (int n = 0; n < 5; ++n) ASSERT_OK(streams.back()->Next());
  }
  // The third has what it was asked for, and the others more than that.
  EXPECT_EQ(given[2], 5);
  while (given[0] < 9 || given[1] < 9) std::this_thread::yield();
  EXPECT_FALSE(share->TryEnter());
  // It gets the place of one that ends, in the middle of what it does.
  streams[0].reset();
  ASSERT_OK_AND_ASSIGN(const int left, CountPayloads(*streams[2]));
  EXPECT_EQ(left, 95);
  EXPECT_OK(streams[2]->Close());
  streams.clear();
  EXPECT_TRUE(share->TryEnter());
  EXPECT_TRUE(share->TryEnter());
  EXPECT_FALSE(share->TryEnter());
}

TEST(ReadAheadStream, FreesAStreamThatIsWaiting) {
  bool destroyed = false;
  auto stop = NeverStopped();
  const std::stop_token token = stop->token();
  {
    ReadAheadStream stream(
        std::make_unique<FakeStream>(FakeStream::Script{
            .payloads = 3, .blocked_until = token, .destroyed = &destroyed}),
        std::move(stop), ShareOf(1'000));
    for (int i = 0; i < 3; ++i) ASSERT_OK(stream.Next());
  }
  EXPECT_TRUE(destroyed);
}

TEST(ReadAheadStream, EndsWhenItsCallIsStopped) {
  std::stop_source call;
  auto stop = std::make_unique<LinkedStop>(call.get_token());
  const std::stop_token token = stop->token();
  ReadAheadStream stream(std::make_unique<FakeStream>(
                             FakeStream::Script{.payloads = 3, .blocked_until = token}),
                         std::move(stop), ShareOf(1'000));
  for (int i = 0; i < 3; ++i) ASSERT_OK(stream.Next());
  std::jthread cancel([&] { call.request_stop(); });
  EXPECT_TRUE(stream.Next().status().IsCancelled());
}

}  // namespace
}  // namespace pinion::flight
