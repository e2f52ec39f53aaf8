#include "engine/duckdb/column_writer.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <duckdb/common/types/value.hpp>
#include <duckdb/common/vector/flat_vector.hpp>
#include <gtest/gtest.h>

#include "engine/duckdb/wire_type.h"
#include "tests/support/arrow_assert.h"

namespace pinion::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::Value;

constexpr int64_t kKept = 1 << 20;

duckdb::Vector Flat(const LogicalType& type, const std::vector<Value>& values) {
  duckdb::Vector vector(type, values.size());
  for (size_t i = 0; i < values.size(); ++i) vector.SetValue(i, values[i]);
  return vector;
}

std::unique_ptr<ColumnWriter> WriterOf(const LogicalType& type) {
  const auto wire = WireTypeOf(type).ValueOrDie();
  return MakeColumnWriter(wire.cast_type, wire.arrow_type,
                          std::make_shared<base::RecyclingPool>(kKept));
}

void ExpectArray(ColumnWriter& writer, const std::shared_ptr<arrow::DataType>& type,
                 const std::string& json) {
  const auto array = arrow::MakeArray(writer.Finish());
  ASSERT_OK(array->ValidateFull());
  ASSERT_OK_AND_ASSIGN(const auto expected, arrow::json::ArrayFromJSONString(type, json));
  EXPECT_TRUE(array->Equals(*expected)) << array->ToString();
}

TEST(ColumnWriter, TakesARangeOfRows) {
  const auto writer = WriterOf(LogicalType::INTEGER);
  const auto values = Flat(LogicalType::INTEGER, {1, 2, 3, 4});
  writer->Append(values, 1, 3, 4);
  writer->Append(values, 0, 1, 4);
  EXPECT_EQ(writer->bytes(), 3 * 4);
  ExpectArray(*writer, arrow::int32(), "[2, 3, 1]");
}

TEST(ColumnWriter, BeginsAnewAfterAnArray) {
  const auto writer = WriterOf(LogicalType::VARCHAR);
  const auto values = Flat(LogicalType::VARCHAR, {"a", Value(), "c"});
  writer->Append(values, 0, 3, 3);
  ExpectArray(*writer, arrow::utf8(), R"(["a", null, "c"])");
  EXPECT_EQ(writer->bytes(), 0);
  writer->Append(values, 2, 3, 3);
  ExpectArray(*writer, arrow::utf8(), R"(["c"])");
}

TEST(ColumnWriter, HasNoBitmapWithoutNulls) {
  const auto writer = WriterOf(LogicalType::BIGINT);
  writer->Append(Flat(LogicalType::BIGINT, {Value::BIGINT(1)}), 0, 1, 1);
  const auto data = writer->Finish();
  EXPECT_EQ(data->buffers[0], nullptr);
  EXPECT_EQ(data->null_count, 0);
}

TEST(ColumnWriter, NullsAfterRowsThatHadNone) {
  const auto writer = WriterOf(LogicalType::SMALLINT);
  const auto type = LogicalType::SMALLINT;
  writer->Append(Flat(type, {Value::SMALLINT(1), Value::SMALLINT(2)}), 0, 2, 2);
  writer->Append(Flat(type, {Value(), Value::SMALLINT(4)}), 0, 2, 2);
  writer->Append(Flat(type, {Value::SMALLINT(5)}), 0, 1, 1);
  ExpectArray(*writer, arrow::int16(), "[1, 2, null, 4, 5]");
}

TEST(ColumnWriter, ZeroesWhatLiesUnderNulls) {
  auto values = Flat(LogicalType::BIGINT, {Value::BIGINT(-1), Value::BIGINT(7)});
  duckdb::FlatVector::ValidityMutable(values).SetInvalid(0);
  duckdb::FlatVector::GetDataMutable<int64_t>(values)[0] = 0x5EC2E7;
  const auto writer = WriterOf(LogicalType::BIGINT);
  writer->Append(values, 0, 2, 2);
  EXPECT_EQ(writer->Finish()->GetValues<int64_t>(1)[0], 0);
}

TEST(ColumnWriter, ValuesThatRepeat) {
  const auto writer = WriterOf(LogicalType::VARCHAR);
  const duckdb::Vector constant(Value("the same, and long enough to lie elsewhere"),
                                duckdb::count_t(2));
  writer->Append(constant, 0, 2, 2);
  duckdb::Vector dictionary = Flat(LogicalType::VARCHAR, {"x", Value(), "z"});
  duckdb::SelectionVector rows(4);
  for (const auto& [at, row] : {std::pair{0, 2}, {1, 1}, {2, 0}, {3, 2}}) {
    rows.set_index(at, row);
  }
  dictionary.Slice(rows, 4);
  writer->Append(dictionary, 1, 4, 4);
  ExpectArray(*writer, arrow::utf8(),
              R"(["the same, and long enough to lie elsewhere",
                  "the same, and long enough to lie elsewhere", null, "x", "z"])");
}

TEST(ColumnWriter, BooleansNeedNotEndWithAByte) {
  const auto writer = WriterOf(LogicalType::BOOLEAN);
  std::vector<Value> values;
  for (int i = 0; i < 5; ++i) values.push_back(Value::BOOLEAN(i % 2 == 0));
  const auto flat = Flat(LogicalType::BOOLEAN, values);
  for (int i = 0; i < 4; ++i) writer->Append(flat, 0, 5, 5);
  writer->Append(Flat(LogicalType::BOOLEAN, {Value()}), 0, 1, 1);
  ExpectArray(*writer, arrow::boolean(),
              "[true, false, true, false, true, true, false, true, false, true, "
              "true, false, true, false, true, true, false, true, false, true, null]");
}

TEST(ColumnWriter, DecimalsOfEachWidth) {
  for (const uint8_t width : {4, 9, 18, 38}) {
    const auto type = LogicalType::DECIMAL(width, 2);
    const auto writer = WriterOf(type);
    std::vector<Value> values;
    for (const char* text : {"-12.34", "0.00", "99.99"}) {
      values.push_back(Value(text).DefaultCastAs(type));
    }
    values.emplace_back(type);
    writer->Append(Flat(type, values), 0, 4, 4);
    ExpectArray(*writer, arrow::decimal128(width, 2),
                R"(["-12.34", "0.00", "99.99", null])");
  }
}

TEST(ColumnWriter, NestedValuesAndIntervals) {
  const auto type = LogicalType::LIST(LogicalType::VARCHAR);
  const auto writer = WriterOf(type);
  const auto value = Value::LIST(LogicalType::VARCHAR, {"a", Value()});
  writer->Append(Flat(type, {value, Value(type), value}), 0, 3, 3);
  ExpectArray(*writer, arrow::list(arrow::utf8()), R"([["a", null], null, ["a", null]])");
  const auto interval = WriterOf(LogicalType::INTERVAL);
  interval->Append(Flat(LogicalType::INTERVAL, {Value::INTERVAL(1, 2, 3)}), 0, 1, 1);
  ExpectArray(*interval, arrow::month_day_nano_interval(), "[[1, 2, 3000]]");
}

TEST(ColumnWriter, ArraysOutliveTheWriter) {
  auto writer = WriterOf(LogicalType::VARCHAR);
  const std::string text(100'000, 'x');
  writer->Append(Flat(LogicalType::VARCHAR, {Value(text)}), 0, 1, 1);
  const auto array = arrow::MakeArray(writer->Finish());
  writer.reset();
  EXPECT_EQ(static_cast<const arrow::StringArray&>(*array).GetString(0), text);
}

}  // namespace
}  // namespace pinion::engine::duck
