#include "base/bounded_queue.h"

#include <atomic>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace pinion::base {
namespace {

TEST(BoundedQueue, GivesItemsBackInOrderThenTheEnd) {
  BoundedQueue<std::unique_ptr<int>> queue;
  ASSERT_TRUE(queue.Push(std::make_unique<int>(1)).ok());
  ASSERT_TRUE(queue.Push(std::make_unique<int>(2)).ok());
  queue.Close();
  EXPECT_EQ(**queue.Pop().ValueOrDie(), 1);
  EXPECT_EQ(**queue.Pop().ValueOrDie(), 2);
  EXPECT_FALSE(queue.Pop().ValueOrDie().has_value());
  EXPECT_FALSE(queue.Pop().ValueOrDie().has_value());
}

TEST(BoundedQueue, DeliversTheErrorAfterTheItemsBeforeIt) {
  BoundedQueue<int> queue;
  ASSERT_TRUE(queue.Push(1).ok());
  queue.Close(arrow::Status::IOError("disk on fire"));
  EXPECT_EQ(*queue.Pop().ValueOrDie(), 1);
  EXPECT_EQ(queue.Pop().status(), arrow::Status::IOError("disk on fire"));
  EXPECT_EQ(queue.Push(2), arrow::Status::IOError("disk on fire"));
}

TEST(BoundedQueue, RefusesItemsAfterClose) {
  BoundedQueue<int> queue;
  queue.Close();
  EXPECT_TRUE(queue.Push(1).IsInvalid());
}

TEST(BoundedQueue, AbortDropsItemsAndKeepsTheFirstError) {
  BoundedQueue<std::shared_ptr<int>> queue;
  auto item = std::make_shared<int>(1);
  ASSERT_TRUE(queue.Push(item, 10).ok());
  queue.Abort(arrow::Status::Cancelled("first"));
  queue.Abort(arrow::Status::IOError("second"));
  EXPECT_EQ(item.use_count(), 1);
  EXPECT_EQ(queue.bytes(), 0);
  EXPECT_EQ(queue.Pop().status(), arrow::Status::Cancelled("first"));
  EXPECT_EQ(queue.Push(item), arrow::Status::Cancelled("first"));
}

TEST(BoundedQueue, NeverHoldsMoreThanItsLimits) {
  BoundedQueue<int> queue({.items = 3, .bytes = 100});
  std::jthread producer([&] {
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(queue.Push(i, 40).ok());
    queue.Close();
  });
  int expected = 0;
  while (auto item = queue.Pop().ValueOrDie()) EXPECT_EQ(*item, expected++);
  EXPECT_EQ(expected, 1000);
  EXPECT_LE(queue.most_items(), 2);
  EXPECT_LE(queue.most_bytes(), 80);
}

TEST(BoundedQueue, LetsAnItemAboveTheByteLimitThroughAlone) {
  BoundedQueue<int> queue({.items = 10, .bytes = 100});
  std::jthread producer([&] {
    ASSERT_TRUE(queue.Push(1, 1000).ok());
    ASSERT_TRUE(queue.Push(2, 1).ok());
    ASSERT_TRUE(queue.Push(3, 1000).ok());
    queue.Close();
  });
  for (int i = 1; i <= 3; ++i) EXPECT_EQ(*queue.Pop().ValueOrDie(), i);
  EXPECT_EQ(queue.most_items(), 1);
}

TEST(BoundedQueue, ALimitOfZeroItemsCountsAsOne) {
  BoundedQueue<int> queue({.items = 0});
  ASSERT_TRUE(queue.Push(1).ok());
  EXPECT_EQ(*queue.Pop().ValueOrDie(), 1);
}

TEST(BoundedQueue, AStopRequestEndsBothWaits) {
  BoundedQueue<int> full({.items = 1});
  ASSERT_TRUE(full.Push(1).ok());
  BoundedQueue<int> empty;
  std::stop_source stop;
  std::jthread producer(
      [&] { EXPECT_TRUE(full.Push(2, 0, stop.get_token()).IsCancelled()); });
  std::jthread consumer(
      [&] { EXPECT_TRUE(empty.Pop(stop.get_token()).status().IsCancelled()); });
  stop.request_stop();
}

TEST(BoundedQueue, CloseAndAbortEndBothWaits) {
  BoundedQueue<int> full({.items = 1});
  ASSERT_TRUE(full.Push(1).ok());
  BoundedQueue<int> empty;
  std::jthread producer([&] { EXPECT_TRUE(full.Push(2).IsIOError()); });
  std::jthread consumer([&] { EXPECT_FALSE(empty.Pop().ValueOrDie().has_value()); });
  full.Abort(arrow::Status::IOError("gone"));
  empty.Close();
}

TEST(BoundedQueue, LosesAndDoublesNothingBetweenManyThreads) {
  constexpr int kThreads = 4;
  constexpr int kItems = 5000;
  BoundedQueue<int> queue({.items = 7});
  std::vector<std::atomic<int>> seen(kThreads * kItems);
  std::latch producing(kThreads);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < kItems; ++i) {
          ASSERT_TRUE(queue.Push(t * kItems + i).ok());
        }
        producing.count_down();
      });
      threads.emplace_back([&] {
        while (auto item = queue.Pop().ValueOrDie()) ++seen[*item];
      });
    }
    producing.wait();
    queue.Close();
  }
  for (const auto& count : seen) EXPECT_EQ(count, 1);
  EXPECT_EQ(queue.size(), 0);
}

}  // namespace
}  // namespace pinion::base
