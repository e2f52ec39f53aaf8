#include "data/json_text.h"

#include <limits>

#include <arrow/array.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/json/from_string.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"
#include "tests/support/typed_batches.h"

namespace pinion::data {
namespace {

std::string JsonOf(const arrow::Array& array) {
  std::string json;
  for (int64_t i = 0; i < array.length(); ++i) {
    if (i > 0) json += ' ';
    EXPECT_OK(AppendJson(array, i, &json));
  }
  return json;
}

std::string JsonOf(const std::shared_ptr<arrow::DataType>& type, const char* values) {
  return JsonOf(**arrow::json::ArrayFromJSONString(type, values));
}

TEST(JsonText, WritesEveryLayout) {
  const auto wide = tests::WideTable();
  const auto json = [&](const char* name) {
    return JsonOf(*wide.batches[0]->GetColumnByName(name));
  };
  EXPECT_EQ(json("int64"), "1 2 null 9223372036854775807");
  EXPECT_EQ(json("float64"), "0.5 null -1e+300 0");
  EXPECT_EQ(json("bool"), "true null false true");
  EXPECT_EQ(json("null"), "null null null null");
  EXPECT_EQ(json("binary"), "\"78\" \"\" null \"797a\"");
  EXPECT_EQ(json("decimal"), "\"1.50\" null \"-0.01\" \"0.00\"");
  EXPECT_EQ(json("list"), "[\"a\", null] [] null [\"b\"]");
  EXPECT_EQ(json("list_view"), "[1] null [] [2, 3]");
  EXPECT_EQ(json("fixed_size_list"), "[1, 2] null [3, null] [4, 5]");
  EXPECT_EQ(json("map"),
            "[{\"key\": \"k\", \"value\": [true]}] [] null "
            "[{\"key\": \"l\", \"value\": null}, {\"key\": \"m\", \"value\": []}]");
  EXPECT_EQ(json("sparse_union"), "1 \"x\" null \"y\"");
  EXPECT_EQ(json("dense_union"), "1 \"x\" null \"y\"");
  EXPECT_EQ(json("run_end_encoded"), "\"run\" \"run\" \"run\" null");
  EXPECT_EQ(json("dictionary"), "\"zero\" null \"one\" \"zero\"");
  EXPECT_EQ(json("struct_of_dictionaries"),
            "{\"a\": 10, \"b\": \"q\"} {\"a\": 11, \"b\": \"q\"} "
            "{\"a\": 10, \"b\": null} {\"a\": null, \"b\": \"p\"}");
}

TEST(JsonText, SlicedArraysGiveTheirOwnValues) {
  const auto wide = tests::WideTable();
  for (const auto& column : wide.batches[0]->columns()) {
    const std::string whole = JsonOf(*column->Slice(2, 1));
    std::string expected;
    ASSERT_OK(AppendJson(*column, 2, &expected));
    EXPECT_EQ(whole, expected);
  }
}

TEST(JsonText, NumbersThatJsonLacksAreTexts) {
  arrow::DoubleBuilder builder;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  ASSERT_OK(builder.AppendValues(
      {std::numeric_limits<double>::quiet_NaN(), kInfinity, -kInfinity, 0.1}));
  EXPECT_EQ(JsonOf(**builder.Finish()), "\"NaN\" \"Infinity\" \"-Infinity\" 0.1");
}

TEST(JsonText, TimesAreTexts) {
  EXPECT_EQ(JsonOf(arrow::date32(), "[0]"), "\"1970-01-01\"");
  EXPECT_EQ(JsonOf(arrow::timestamp(arrow::TimeUnit::SECOND), "[\"2020-02-03\"]"),
            "\"2020-02-03 00:00:00\"");
}

TEST(JsonText, EscapesTexts) {
  std::string json;
  AppendJsonString("a\"b\\c\n\r\t\x01 ä", &json);
  EXPECT_EQ(json, "\"a\\\"b\\\\c\\n\\r\\t\\u0001 ä\"");
  json.clear();
  AppendJsonString("x\xff", &json);
  EXPECT_EQ(json, "\"x\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace pinion::data
