#include "pipeline/column_stats.h"

#include <cmath>
#include <random>
#include <set>

#include <arrow/array/builder_primitive.h>
#include <arrow/compute/api.h>
#include <arrow/compute/initialize.h>
#include <arrow/json/from_string.h>
#include <arrow/testing/gtest_util.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::pipeline {
namespace {

using arrow::field;
using ::testing::Optional;

std::shared_ptr<arrow::Array> FromJson(const std::shared_ptr<arrow::DataType>& type,
                                       const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

// `rows` values between the two, about one in `nulls` of them null; none for 0.
template <typename Builder, typename Value>
std::shared_ptr<arrow::Array> Random(int64_t rows, Value least, Value most, int nulls) {
  std::mt19937_64 random(42);
  using Distribution = std::conditional_t<std::is_floating_point_v<Value>,
                                          std::uniform_real_distribution<>,
                                          std::uniform_int_distribution<Value>>;
  Distribution values(least, most);
  Builder builder;
  for (int64_t i = 0; i < rows; ++i) {
    const bool null = nulls > 0 && random() % static_cast<uint64_t>(nulls) == 0;
    ARROW_EXPECT_OK(null ? builder.AppendNull() : builder.Append(values(random)));
  }
  return builder.Finish().ValueOrDie();
}

class ColumnStatsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_OK(arrow::compute::Initialize()); }

  static ColumnStats Of(const std::shared_ptr<arrow::Array>& array) {
    auto batch = arrow::RecordBatch::Make(arrow::schema({field("x", array->type())}),
                                          array->length(), {array});
    return StatsOf(*batch).ValueOrDie().at(0);
  }
  static ColumnStats Of(const std::shared_ptr<arrow::DataType>& type,
                        const std::string& json) {
    return Of(FromJson(type, json));
  }
};

TEST_F(ColumnStatsTest, CountsNumbers) {
  const ColumnStats stats = Of(arrow::int32(), "[4, null, -7, 4, 12, null]");
  EXPECT_EQ(stats.count(), 4);
  EXPECT_EQ(stats.nulls(), 2);
  EXPECT_THAT(stats.MinText(), Optional(std::string("-7")));
  EXPECT_THAT(stats.MaxText(), Optional(std::string("12")));
  EXPECT_DOUBLE_EQ(stats.mean().value(), 3.25);
  EXPECT_NEAR(stats.stddev().value(), 7.80491298, 1e-6);
  EXPECT_THAT(stats.ApproxDistinct(), Optional(3));
}

TEST_F(ColumnStatsTest, KnowsTheTypesOfTheSampleAndMore) {
  auto limits = [](const ColumnStats& stats) {
    return stats.MinText().value_or("-") + " to " + stats.MaxText().value_or("-");
  };
  EXPECT_EQ(limits(Of(arrow::boolean(), "[true, null, true]")), "true to true");
  EXPECT_EQ(limits(Of(arrow::boolean(), "[true, false]")), "false to true");
  EXPECT_EQ(limits(Of(arrow::utf8(), R"(["New York", "Newark", "Aa", null])")),
            "Aa to Newark");
  EXPECT_EQ(
      limits(Of(arrow::utf8(), R"(["prefix long b", "prefix long a", "prefix l"])")),
      "prefix l to prefix long b");
  EXPECT_EQ(limits(Of(arrow::utf8_view(), R"(["", "a long string of no use"])")),
            " to a long string of no use");
  EXPECT_EQ(limits(Of(arrow::large_binary(), R"(["b", "a"])")), "a to b");
  EXPECT_EQ(limits(Of(arrow::uint64(), "[18446744073709551615, 1]")),
            "1 to 18446744073709551615");
  EXPECT_EQ(limits(Of(arrow::float64(), "[0.1, NaN, -2.5]")), "-2.5 to 0.1");
  EXPECT_EQ(limits(Of(arrow::float32(), "[NaN]")), "nan to nan");
  EXPECT_EQ(limits(Of(arrow::date32(), "[0, 19000]")), "1970-01-01 to 2022-01-08");
  EXPECT_EQ(limits(Of(arrow::timestamp(arrow::TimeUnit::SECOND),
                      R"(["2020-02-29T12:00:00", "1969-12-31T23:59:59"])")),
            "1969-12-31 23:59:59 to 2020-02-29 12:00:00");
  EXPECT_EQ(limits(Of(arrow::decimal128(9, 2), R"(["9.50", "10.25", "-1.00"])")),
            "-1.00 to 10.25");
  EXPECT_EQ(limits(Of(arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["b", "a"])")),
            "a to b");
  EXPECT_EQ(limits(Of(arrow::list(arrow::int8()), "[[1], null]")), "- to -");
  EXPECT_EQ(limits(Of(arrow::null(), "[null]")), "- to -");
}

TEST_F(ColumnStatsTest, FieldsOfAStructAreColumns) {
  auto type =
      arrow::struct_({field("dept", arrow::utf8()), field("level", arrow::int8())});
  auto array = FromJson(
      type, R"([{"dept": "IT", "level": 1}, null, {"dept": "HR", "level": null}])");
  auto batch =
      arrow::RecordBatch::Make(arrow::schema({field("metadata", type)}), 3, {array});
  ASSERT_OK_AND_ASSIGN(const TableStats stats, StatsOf(*batch));
  ASSERT_EQ(stats.size(), 2);
  EXPECT_EQ(stats[0].name(), "metadata.dept");
  EXPECT_EQ(stats[0].nulls(), 1);
  EXPECT_EQ(stats[1].name(), "metadata.level");
  EXPECT_EQ(stats[1].nulls(), 2);
}

// Merged parts say what the whole says, and both what Arrow says.
TEST_F(ColumnStatsTest, MergedPartsAgreeWithArrow) {
  constexpr int64_t kTrillion = 1'000'000'000'000;
  for (const auto& array :
       {Random<arrow::Int64Builder, int64_t>(20'000, -kTrillion, kTrillion, 10),
        Random<arrow::DoubleBuilder, double>(20'000, -1e6, 1e6, 20),
        Random<arrow::Int16Builder, int16_t>(20'000, -30, 30, 2),
        Random<arrow::Int64Builder, int64_t>(20'000, 7, 7, 0)}) {
    ColumnStats merged = Of(array->Slice(0, 0));
    for (int64_t from = 0; from < array->length(); from += 777) {
      merged.Merge(Of(array->Slice(from, 777)));
    }
    ASSERT_OK_AND_ASSIGN(auto limits, arrow::compute::MinMax(array));
    const auto& both = limits.scalar_as<arrow::StructScalar>();
    arrow::compute::VarianceOptions options(/*ddof=*/1);
    ASSERT_OK_AND_ASSIGN(auto stddev, arrow::compute::Stddev(array, options));
    ASSERT_OK_AND_ASSIGN(auto mean, arrow::compute::Mean(array));
    ASSERT_OK_AND_ASSIGN(auto distinct, arrow::compute::Unique(array));
    EXPECT_EQ(merged.nulls(), array->null_count());
    EXPECT_EQ(merged.count(), array->length() - array->null_count());
    if (array->type_id() == arrow::Type::INT64) {
      EXPECT_EQ(merged.MinText(), both.value[0]->ToString());
      EXPECT_EQ(merged.MaxText(), both.value[1]->ToString());
    }
    const double expected = stddev.scalar_as<arrow::DoubleScalar>().value;
    EXPECT_NEAR(merged.stddev().value(), expected, 1e-9 * expected);
    EXPECT_NEAR(merged.mean().value(), mean.scalar_as<arrow::DoubleScalar>().value,
                1e-9 * expected + 1e-9);
    const auto exact =
        static_cast<double>(distinct->length() - (array->null_count() > 0 ? 1 : 0));
    EXPECT_NEAR(static_cast<double>(merged.ApproxDistinct().value()), exact,
                0.08 * exact);
  }
}

TEST_F(ColumnStatsTest, DecimalsMergeByValueAndNotByText) {
  ColumnStats merged = Of(arrow::decimal128(9, 1), R"(["9.5"])");
  merged.Merge(Of(arrow::decimal128(9, 1), R"(["10.5"])"));
  EXPECT_EQ(merged.MinText(), "9.5");
  EXPECT_EQ(merged.MaxText(), "10.5");
}

}  // namespace
}  // namespace pinion::pipeline
