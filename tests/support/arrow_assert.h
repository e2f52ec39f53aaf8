// Assertions about arrow::Status and arrow::Result that show the status when they fail.
#pragma once

#include <utility>

#include <arrow/result.h>
#include <arrow/status.h>
#include <gtest/gtest.h>

namespace pinion::tests {

inline testing::AssertionResult IsOk(const arrow::Status& status) {
  if (status.ok()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << status;
}

template <typename T>
testing::AssertionResult IsOk(const arrow::Result<T>& result) {
  return IsOk(result.status());
}

}  // namespace pinion::tests

#define EXPECT_OK(expression) EXPECT_TRUE(pinion::tests::IsOk(expression))
#define ASSERT_OK(expression) ASSERT_TRUE(pinion::tests::IsOk(expression))

// A declaration has no place for parentheses. NOLINTBEGIN(bugprone-macro-parentheses)
#define PINION_ASSERT_ASSIGN_NAMED(result, target, expression) \
  auto result = (expression);                                  \
  ASSERT_TRUE(result.ok()) << result.status();                 \
  target = std::move(result).ValueUnsafe()

#define PINION_ASSERT_ASSIGN_LINE(line, target, expression) \
  PINION_ASSERT_ASSIGN_NAMED(pinion_result_##line, target, expression)
#define PINION_ASSERT_ASSIGN(line, target, expression) \
  PINION_ASSERT_ASSIGN_LINE(line, target, expression)

// NOLINTEND(bugprone-macro-parentheses)

// ASSERT_OK_AND_ASSIGN(auto value, Function());
#define ASSERT_OK_AND_ASSIGN(target, expression) \
  PINION_ASSERT_ASSIGN(__LINE__, target, expression)
