#include "engine/error.h"

#include <gtest/gtest.h>

namespace pinion::engine {
namespace {

TEST(ErrorTest, CarriesClassStateAndPosition) {
  const auto status = MakeError(ErrorClass::kSyntax, "unexpected FROM", 7);
  EXPECT_TRUE(status.IsInvalid());
  EXPECT_EQ(status.message(), "unexpected FROM");
  const auto detail = GetErrorDetail(status);
  ASSERT_NE(detail, nullptr);
  EXPECT_EQ(detail->error_class(), ErrorClass::kSyntax);
  EXPECT_EQ(detail->sqlstate(), "42601");
  EXPECT_EQ(detail->position(), 7);
}

TEST(ErrorTest, KeepsAFinerSqlState) {
  const auto status =
      MakeError(ErrorClass::kConstraint, "duplicate key", std::nullopt, "23505");
  EXPECT_EQ(GetErrorDetail(status)->sqlstate(), "23505");
  EXPECT_FALSE(GetErrorDetail(status)->position().has_value());
}

TEST(ErrorTest, HasNoDetailForOtherStatuses) {
  EXPECT_EQ(GetErrorDetail(arrow::Status::OK()), nullptr);
  EXPECT_EQ(GetErrorDetail(arrow::Status::Invalid("no")), nullptr);
  EXPECT_FALSE(IsError(arrow::Status::Invalid("no"), ErrorClass::kSyntax));
}

TEST(ErrorTest, SurvivesAddedContext) {
  const auto status = MakeError(ErrorClass::kTimeout, "too long").WithMessage("context");
  EXPECT_TRUE(IsError(status, ErrorClass::kTimeout));
}

TEST(LocationTest, CountsLinesAndCharactersFromOne) {
  EXPECT_EQ(Location("SELECT", 0), "line 1, column 1");
  EXPECT_EQ(Location("SELECT\n  x", 9), "line 2, column 3");
  EXPECT_EQ(Location("SELECT 'é', x", 13), "line 1, column 13");
}

TEST(LocationTest, StaysInsideTheText) {
  EXPECT_EQ(Location("ab", 99), "line 1, column 3");
  EXPECT_EQ(Location("", -1), "line 1, column 1");
}

}  // namespace
}  // namespace pinion::engine
