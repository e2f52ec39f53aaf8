#include "engine/duckdb/timer.h"

#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>

#include <gtest/gtest.h>

namespace pinion::engine::duck {
namespace {

TEST(TimerTest, RingsInTheOrderOfTimes) {
  Timer timer;
  std::promise<void> done;
  std::string order;
  const auto now = Timer::Clock::now();
  const auto third = timer.Set(now + std::chrono::milliseconds(3), [&] {
    order += '3';
    done.set_value();
  });
  const auto first = timer.Set(now, [&] { order += '1'; });
  const auto second =
      timer.Set(now + std::chrono::milliseconds(1), [&] { order += '2'; });
  done.get_future().wait();
  EXPECT_EQ(order, "123");
}

TEST(TimerTest, DoesNotRingAfterTheAlarmIsGone) {
  std::atomic<int> rung = 0;
  std::promise<void> later;
  Timer timer;
  const auto now = Timer::Clock::now();
  timer.Set(now + std::chrono::milliseconds(1), [&] { ++rung; }).reset();
  const auto alarm =
      timer.Set(now + std::chrono::milliseconds(2), [&] { later.set_value(); });
  later.get_future().wait();
  EXPECT_EQ(rung, 0);
}

TEST(TimerTest, WaitsForARingingThatIsUnderWay) {
  Timer timer;
  std::promise<void> begun;
  std::promise<void> go_on;
  std::atomic<bool> ended = false;
  auto alarm = timer.Set(Timer::Clock::now(), [&] {
    begun.set_value();
    go_on.get_future().wait();
    ended = true;
  });
  begun.get_future().wait();
  std::thread helper([&] { go_on.set_value(); });
  alarm.reset();
  EXPECT_TRUE(ended);
  helper.join();
}

TEST(TimerTest, MayBeDestroyedByWhatItCalls) {
  std::promise<void> done;
  auto timer = std::make_unique<Timer>();
  std::unique_ptr<Timer::Alarm> alarm;
  std::promise<void> ready;
  alarm = timer->Set(Timer::Clock::now(), [&] {
    ready.get_future().wait();
    alarm.reset();
    timer.reset();
    done.set_value();
  });
  ready.set_value();
  done.get_future().wait();
  EXPECT_EQ(timer, nullptr);
}

}  // namespace
}  // namespace pinion::engine::duck
