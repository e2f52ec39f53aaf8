#include "cli/number_text.h"

#include <limits>

#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

TEST(GroupedNumber, SeparatesThousands) {
  EXPECT_EQ(GroupedNumber(0), "0");
  EXPECT_EQ(GroupedNumber(999), "999");
  EXPECT_EQ(GroupedNumber(1000), "1,000");
  EXPECT_EQ(GroupedNumber(1234567), "1,234,567");
  EXPECT_EQ(GroupedNumber(-123456), "-123,456");
  EXPECT_EQ(GroupedNumber(std::numeric_limits<int64_t>::min()),
            "-9,223,372,036,854,775,808");
}

TEST(HumanBytes, HasThreeDigitsAndAUnit) {
  EXPECT_EQ(HumanBytes(0), "0 B");
  EXPECT_EQ(HumanBytes(999), "999 B");
  EXPECT_EQ(HumanBytes(1000), "1.00 KB");
  EXPECT_EQ(HumanBytes(23'456'789), "23.5 MB");
  EXPECT_EQ(HumanBytes(999'499), "999 KB");
  EXPECT_EQ(HumanBytes(999'500), "1.00 MB");
  EXPECT_EQ(HumanBytes(std::numeric_limits<int64_t>::max()), "9.22 EB");
}

TEST(HumanSeconds, GetsCoarserAsItGrows) {
  EXPECT_EQ(HumanSeconds(0.0152), "15 ms");
  EXPECT_EQ(HumanSeconds(0.84), "0.8 s");
  EXPECT_EQ(HumanSeconds(42.3), "42 s");
  EXPECT_EQ(HumanSeconds(200), "3 min 20 s");
  EXPECT_EQ(HumanSeconds(7500), "2 h 5 min");
  EXPECT_EQ(HumanSeconds(std::numeric_limits<double>::infinity()), "?");
}

}  // namespace
}  // namespace pinion::cli
