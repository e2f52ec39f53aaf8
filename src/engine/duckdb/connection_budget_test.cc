#include "engine/duckdb/connection_budget.h"

#include <thread>

#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/support/arrow_assert.h"

namespace pinion::engine::duck {
namespace {

TEST(ConnectionBudgetTest, RefusesMoreThanItsLimit) {
  auto budget = std::make_shared<ConnectionBudget>(2, std::chrono::milliseconds(1));
  ASSERT_OK_AND_ASSIGN(auto first, budget->Acquire({}));
  ASSERT_OK_AND_ASSIGN(auto second, budget->Acquire({}));
  const auto status = budget->Acquire({}).status();
  EXPECT_TRUE(IsError(status, ErrorClass::kLimit)) << status;
  first.reset();
  EXPECT_OK(budget->Acquire({}));
  EXPECT_EQ(budget->in_use(), 1);
}

TEST(ConnectionBudgetTest, WaitsForOneToComeBack) {
  auto budget = std::make_shared<ConnectionBudget>(1, std::chrono::hours(1));
  ASSERT_OK_AND_ASSIGN(auto only, budget->Acquire({}));
  std::thread waiter([&] { EXPECT_OK(budget->Acquire({})); });
  only.reset();
  waiter.join();
  EXPECT_EQ(budget->in_use(), 0);
}

TEST(ConnectionBudgetTest, StopsWaitingWhenAsked) {
  auto budget = std::make_shared<ConnectionBudget>(1, std::chrono::hours(1));
  ASSERT_OK_AND_ASSIGN(auto only, budget->Acquire({}));
  std::stop_source stop;
  std::thread waiter([&] {
    EXPECT_TRUE(
        IsError(budget->Acquire(stop.get_token()).status(), ErrorClass::kCancelled));
  });
  stop.request_stop();
  waiter.join();
}

}  // namespace
}  // namespace pinion::engine::duck
