#include "cli/value_text.h"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include <arrow/api.h>
#include <arrow/extension/bool8.h>
#include <arrow/extension/uuid.h>
#include <arrow/json/from_string.h>
#include <arrow/util/float16.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

using ::testing::ElementsAre;

std::shared_ptr<arrow::Array> Values(const std::shared_ptr<arrow::DataType>& type,
                                     const std::string& json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

// The text of every row; of a null "(null)".
std::vector<std::string> Texts(const arrow::Array& array, TextStyle style) {
  const auto text = ValueText::Create(*array.type(), style);
  std::vector<std::string> texts;
  for (int64_t row = 0; row < array.length(); ++row) {
    std::string value;
    if (!text->Append(array, row, &value)) {
      EXPECT_EQ(value, "") << "a null appended something";
      value = "(null)";
    }
    texts.push_back(value);
  }
  return texts;
}

std::vector<std::string> Plain(const std::shared_ptr<arrow::DataType>& type,
                               const std::string& json) {
  return Texts(*Values(type, json), TextStyle::kPlain);
}

std::vector<std::string> Json(const std::shared_ptr<arrow::DataType>& type,
                              const std::string& json) {
  return Texts(*Values(type, json), TextStyle::kJson);
}

TEST(ValueText, IntegersKeepAllTheirDigits) {
  EXPECT_THAT(Json(arrow::int64(), "[-9223372036854775808, 9223372036854775807, null]"),
              ElementsAre("-9223372036854775808", "9223372036854775807", "(null)"));
  EXPECT_THAT(Json(arrow::uint64(), "[18446744073709551615]"),
              ElementsAre("18446744073709551615"));
  EXPECT_THAT(Plain(arrow::int8(), "[-128, 127]"), ElementsAre("-128", "127"));
  EXPECT_THAT(Plain(arrow::uint8(), "[255]"), ElementsAre("255"));
  EXPECT_THAT(Plain(arrow::int16(), "[-1]"), ElementsAre("-1"));
  EXPECT_THAT(Plain(arrow::uint16(), "[65535]"), ElementsAre("65535"));
  EXPECT_THAT(Plain(arrow::int32(), "[7]"), ElementsAre("7"));
  EXPECT_THAT(Plain(arrow::uint32(), "[4294967295]"), ElementsAre("4294967295"));
}

TEST(ValueText, FloatsAreTheShortestThatReadBack) {
  EXPECT_THAT(Plain(arrow::float64(), "[0.1, 1, -0.0, 1e300, 123456789012]"),
              ElementsAre("0.1", "1.0", "-0.0", "1e+300", "123456789012.0"));
  EXPECT_THAT(Plain(arrow::float32(), "[0.1, 16777216]"),
              ElementsAre("0.1", "16777216.0"));
  EXPECT_THAT(Plain(arrow::float16(), "[1.5]"), ElementsAre("1.5"));
}

TEST(ValueText, FloatsThatJsonHasNoNumberForAreStrings) {
  arrow::DoubleBuilder builder;
  const double infinity = std::numeric_limits<double>::infinity();
  ASSERT_TRUE(builder.AppendValues({std::nan(""), infinity, -infinity}).ok());
  const auto array = *builder.Finish();
  EXPECT_THAT(Texts(*array, TextStyle::kPlain),
              ElementsAre("NaN", "Infinity", "-Infinity"));
  EXPECT_THAT(Texts(*array, TextStyle::kJson),
              ElementsAre("\"NaN\"", "\"Infinity\"", "\"-Infinity\""));
}

TEST(ValueText, DecimalsAreNumbersWithTheirScale) {
  EXPECT_THAT(Json(arrow::decimal128(38, 2), R"(["123.40", "-0.05", null])"),
              ElementsAre("123.40", "-0.05", "(null)"));
  EXPECT_THAT(
      Json(arrow::decimal128(38, 0), R"(["99999999999999999999999999999999999999"])"),
      ElementsAre("99999999999999999999999999999999999999"));
  EXPECT_THAT(Plain(arrow::decimal256(76, 1), R"(["1.5"])"), ElementsAre("1.5"));
  EXPECT_THAT(Plain(arrow::decimal32(9, 3), R"(["1.500"])"), ElementsAre("1.500"));
  EXPECT_THAT(Plain(arrow::decimal64(18, 0), R"(["7"])"), ElementsAre("7"));
}

TEST(ValueText, TextOfEveryLayoutIsEscapedInJsonOnly) {
  for (const auto& type : {arrow::utf8(), arrow::large_utf8(), arrow::utf8_view()}) {
    const std::string values = R"(["a\"b\\c\nd\u0001", "Zürich", "", null])";
    EXPECT_THAT(Plain(type, values),
                ElementsAre("a\"b\\c\nd\x01", "Zürich", "", "(null)"));
    EXPECT_THAT(Json(type, values),
                ElementsAre(R"("a\"b\\c\nd\u0001")", "\"Zürich\"", "\"\"", "(null)"));
  }
}

TEST(ValueText, BytesThatAreNoUtf8StillGiveValidJson) {
  arrow::StringBuilder builder;
  ASSERT_TRUE(builder.Append("a\xff\xc3(").ok());
  EXPECT_THAT(Texts(**builder.Finish(), TextStyle::kJson),
              ElementsAre("\"a\ufffd\ufffd(\""));
}

TEST(ValueText, BinaryOfEveryLayoutIsHex) {
  for (const auto& type : {arrow::binary(), arrow::large_binary(), arrow::binary_view(),
                           arrow::fixed_size_binary(2)}) {
    EXPECT_THAT(Plain(type, R"(["\u0000z", null])"), ElementsAre("007a", "(null)"));
    EXPECT_THAT(Json(type, R"(["\u0000z", null])"), ElementsAre("\"007a\"", "(null)"));
  }
}

TEST(ValueText, BooleansAndNulls) {
  EXPECT_THAT(Json(arrow::boolean(), "[true, false, null]"),
              ElementsAre("true", "false", "(null)"));
  EXPECT_THAT(Json(arrow::null(), "[null]"), ElementsAre("(null)"));
}

TEST(ValueText, DatesAndTimes) {
  EXPECT_THAT(Plain(arrow::date32(), "[19782]"), ElementsAre("2024-02-29"));
  EXPECT_THAT(Json(arrow::date64(), "[-86400000]"), ElementsAre("\"1969-12-31\""));
  EXPECT_THAT(Plain(arrow::time32(arrow::TimeUnit::MILLI), "[1500]"),
              ElementsAre("00:00:01.500"));
  EXPECT_THAT(Json(arrow::time64(arrow::TimeUnit::NANO), "[1]"),
              ElementsAre("\"00:00:00.000000001\""));
  EXPECT_THAT(Json(arrow::duration(arrow::TimeUnit::SECOND), "[90]"),
              ElementsAre("\"PT1M30S\""));
}

TEST(ValueText, ATimestampWithAZoneIsInUtc) {
  const auto unit = arrow::TimeUnit::MICRO;
  EXPECT_THAT(Plain(arrow::timestamp(unit), "[1500000]"),
              ElementsAre("1970-01-01 00:00:01.500000"));
  EXPECT_THAT(Json(arrow::timestamp(unit), "[1500000]"),
              ElementsAre("\"1970-01-01T00:00:01.500000\""));
  EXPECT_THAT(Plain(arrow::timestamp(unit, "Europe/Berlin"), "[0]"),
              ElementsAre("1970-01-01 00:00:00Z"));
}

TEST(ValueText, IntervalsOfEveryKind) {
  EXPECT_THAT(Plain(arrow::month_interval(), "[14]"), ElementsAre("P1Y2M"));
  EXPECT_THAT(Plain(arrow::day_time_interval(), "[[1, -500]]"), ElementsAre("P1DT-0.5S"));
  EXPECT_THAT(Json(arrow::month_day_nano_interval(), "[[1, 2, 3000000000]]"),
              ElementsAre("\"P1M2DT3S\""));
}

TEST(ValueText, ListsOfEveryLayoutAreJsonInBothStyles) {
  for (const auto& type :
       {arrow::list(arrow::utf8()), arrow::large_list(arrow::utf8()),
        arrow::list_view(arrow::utf8()), arrow::large_list_view(arrow::utf8())}) {
    const std::string values = R"([["a", null], [], null, ["b"]])";
    EXPECT_THAT(Plain(type, values),
                ElementsAre(R"(["a",null])", "[]", "(null)", R"(["b"])"));
    EXPECT_THAT(Json(type, values), Plain(type, values));
    EXPECT_THAT(Texts(*Values(type, values)->Slice(2), TextStyle::kPlain),
                ElementsAre("(null)", R"(["b"])"));
  }
  const auto fixed =
      Values(arrow::fixed_size_list(arrow::int32(), 2), "[[1,2],[3,null]]");
  EXPECT_THAT(Texts(*fixed->Slice(1), TextStyle::kPlain), ElementsAre("[3,null]"));
}

TEST(ValueText, StructsNestAndSlice) {
  const auto type = arrow::struct_(
      {arrow::field("dept", arrow::utf8()),
       arrow::field("at",
                    arrow::list(arrow::struct_({arrow::field("d", arrow::date32())})))});
  const auto array = Values(type, R"([null, ["IT", [[0], null]], [null, null]])");
  EXPECT_THAT(Texts(*array->Slice(1), TextStyle::kPlain),
              ElementsAre(R"({"dept":"IT","at":[{"d":"1970-01-01"},null]})",
                          R"({"dept":null,"at":null})"));
}

TEST(ValueText, MapsAreObjectsIfTheirKeysAreText) {
  EXPECT_THAT(Json(arrow::map(arrow::utf8(), arrow::int32()),
                   R"([[["a", 1], ["b\"", null]], null])"),
              ElementsAre(R"({"a":1,"b\"":null})", "(null)"));
  EXPECT_THAT(Json(arrow::map(arrow::int32(), arrow::utf8()), R"([[[1, "x"]], []])"),
              ElementsAre(R"([[1,"x"]])", "[]"));
}

TEST(ValueText, UnionsShowTheMemberThatIsSet) {
  const arrow::FieldVector fields = {arrow::field("i", arrow::int64()),
                                     arrow::field("s", arrow::utf8())};
  for (const auto& type : {arrow::dense_union(fields), arrow::sparse_union(fields)}) {
    const auto array = Values(type, R"([[0, 1], [1, "x"], [1, null], [0, 4]])");
    EXPECT_THAT(Texts(*array, TextStyle::kJson),
                ElementsAre("1", "\"x\"", "(null)", "4"));
    EXPECT_THAT(Texts(*array->Slice(1), TextStyle::kPlain),
                ElementsAre("x", "(null)", "4"));
  }
}

TEST(ValueText, DictionariesShowTheirValuesAndTheNullsAmongThem) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  const auto array =
      *arrow::DictionaryArray::FromArrays(type, Values(arrow::int8(), "[1, 0, null, 2]"),
                                          Values(arrow::utf8(), R"(["a", "b", null])"));
  EXPECT_THAT(Texts(*array, TextStyle::kJson),
              ElementsAre("\"b\"", "\"a\"", "(null)", "(null)"));
}

TEST(ValueText, RunsShowTheirValues) {
  const auto array =
      *arrow::RunEndEncodedArray::Make(5, Values(arrow::int32(), "[2, 3, 5]"),
                                       Values(arrow::utf8(), R"(["a", null, "c"])"));
  EXPECT_THAT(Texts(*array, TextStyle::kPlain),
              ElementsAre("a", "a", "(null)", "c", "c"));
  EXPECT_THAT(Texts(*array->Slice(1, 3), TextStyle::kPlain),
              ElementsAre("a", "(null)", "c"));
}

TEST(ValueText, ExtensionTypes) {
  const auto uuids = arrow::ExtensionType::WrapArray(
      arrow::extension::uuid(),
      Values(arrow::fixed_size_binary(16), R"(["0123456789abcdef", null])"));
  EXPECT_THAT(Texts(*uuids, TextStyle::kJson),
              ElementsAre("\"30313233-3435-3637-3839-616263646566\"", "(null)"));
  const auto bools = arrow::ExtensionType::WrapArray(arrow::extension::bool8(),
                                                     Values(arrow::int8(), "[0, 5]"));
  EXPECT_THAT(Texts(*bools, TextStyle::kPlain), ElementsAre("false", "true"));
}

TEST(IsNumeric, LooksThroughDictionaries) {
  EXPECT_TRUE(IsNumeric(*arrow::int8()));
  EXPECT_TRUE(IsNumeric(*arrow::decimal256(5, 1)));
  EXPECT_TRUE(IsNumeric(*arrow::dictionary(arrow::int8(), arrow::float64())));
  EXPECT_FALSE(IsNumeric(*arrow::utf8()));
  EXPECT_FALSE(IsNumeric(*arrow::date32()));
}

}  // namespace
}  // namespace pinion::cli
