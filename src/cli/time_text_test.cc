#include "cli/time_text.h"

#include <limits>

#include <arrow/type.h>
#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

using arrow::TimeUnit;

constexpr int64_t kMin = std::numeric_limits<int64_t>::min();
constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

std::string Date(int64_t days) {
  std::string text;
  AppendDate(days, &text);
  return text;
}

std::string Time(int64_t value, TimeUnit::type unit) {
  std::string text;
  AppendTime(value, unit, &text);
  return text;
}

std::string Timestamp(int64_t value, TimeUnit::type unit) {
  std::string text;
  AppendTimestamp(value, unit, ' ', false, &text);
  return text;
}

std::string Duration(int64_t value, TimeUnit::type unit) {
  std::string text;
  AppendDuration(value, unit, &text);
  return text;
}

std::string Interval(int64_t months, int64_t days, int64_t nanoseconds) {
  std::string text;
  AppendInterval(months, days, nanoseconds, &text);
  return text;
}

TEST(AppendDate, FollowsTheGregorianCalendar) {
  EXPECT_EQ(Date(0), "1970-01-01");
  EXPECT_EQ(Date(-1), "1969-12-31");
  EXPECT_EQ(Date(19782), "2024-02-29");
  EXPECT_EQ(Date(19783), "2024-03-01");
  EXPECT_EQ(Date(-25509), "1900-02-28");
  EXPECT_EQ(Date(-25508), "1900-03-01");
  EXPECT_EQ(Date(11016), "2000-02-29");
}

TEST(AppendDate, HasASignOutsideFourDigits) {
  EXPECT_EQ(Date(-719528), "0000-01-01");
  EXPECT_EQ(Date(-719529), "-0001-12-31");
  EXPECT_EQ(Date(2932896), "9999-12-31");
  EXPECT_EQ(Date(2932897), "+10000-01-01");
}

TEST(AppendTime, HasTheDigitsOfItsUnitUnlessZero) {
  EXPECT_EQ(Time(0, TimeUnit::SECOND), "00:00:00");
  EXPECT_EQ(Time(86399, TimeUnit::SECOND), "23:59:59");
  EXPECT_EQ(Time(1, TimeUnit::MILLI), "00:00:00.001");
  EXPECT_EQ(Time(45'296'500'000, TimeUnit::MICRO), "12:34:56.500000");
  EXPECT_EQ(Time(1, TimeUnit::NANO), "00:00:00.000000001");
  EXPECT_EQ(Time(86400, TimeUnit::SECOND), "24:00:00");
}

TEST(AppendTime, ShowsWhatIsNoTimeOfDay) {
  EXPECT_EQ(Time(-1, TimeUnit::SECOND), "-PT1S");
  EXPECT_EQ(Time(200000, TimeUnit::SECOND), "P2DT7H33M20S");
}

TEST(AppendTimestamp, CountsDownBeforeTheEpoch) {
  EXPECT_EQ(Timestamp(-1, TimeUnit::MILLI), "1969-12-31 23:59:59.999");
  EXPECT_EQ(Timestamp(1'700'000'000, TimeUnit::SECOND), "2023-11-14 22:13:20");
}

TEST(AppendTimestamp, TakesEveryInteger) {
  EXPECT_EQ(Timestamp(kMax, TimeUnit::NANO), "2262-04-11 23:47:16.854775807");
  EXPECT_EQ(Timestamp(kMin, TimeUnit::NANO), "1677-09-21 00:12:43.145224192");
  EXPECT_EQ(Timestamp(kMax, TimeUnit::SECOND), "+292277026596-12-04 15:30:07");
  EXPECT_EQ(Timestamp(kMin, TimeUnit::SECOND), "-292277022657-01-27 08:29:52");
}

TEST(AppendTimestamp, MarksUtc) {
  std::string text;
  AppendTimestamp(0, TimeUnit::MICRO, 'T', true, &text);
  EXPECT_EQ(text, "1970-01-01T00:00:00Z");
}

TEST(AppendDuration, IsIso8601) {
  EXPECT_EQ(Duration(0, TimeUnit::SECOND), "PT0S");
  EXPECT_EQ(Duration(1500, TimeUnit::MILLI), "PT1.5S");
  EXPECT_EQ(Duration(-1500, TimeUnit::MILLI), "-PT1.5S");
  EXPECT_EQ(Duration(86400, TimeUnit::SECOND), "P1D");
  EXPECT_EQ(Duration(90061, TimeUnit::SECOND), "P1DT1H1M1S");
  EXPECT_EQ(Duration(3600, TimeUnit::SECOND), "PT1H");
  EXPECT_EQ(Duration(kMin, TimeUnit::NANO), "-P106751DT23H47M16.854775808S");
}

TEST(AppendInterval, KeepsTheSignOfEachPart) {
  EXPECT_EQ(Interval(0, 0, 0), "PT0S");
  EXPECT_EQ(Interval(14, 3, 1'500'000'000), "P1Y2M3DT1.5S");
  EXPECT_EQ(Interval(-14, 3, 0), "P-1Y-2M3D");
  EXPECT_EQ(Interval(0, 0, -3'661'500'000'000), "PT-1H-1M-1.5S");
}

}  // namespace
}  // namespace pinion::cli
