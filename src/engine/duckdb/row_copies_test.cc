#include "engine/duckdb/row_copies.h"

#include <cstring>
#include <string>

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::engine::duck {
namespace {

std::shared_ptr<arrow::Array> FromJson(const std::shared_ptr<arrow::DataType>& type,
                                       const std::string& text) {
  return arrow::json::ArrayFromJSONString(type, text).ValueOrDie();
}

// The array with its buffers where no value of two bytes or more may begin.
std::shared_ptr<arrow::Array> Misaligned(const arrow::Array& array) {
  auto data = array.data()->Copy();
  for (auto& buffer : data->buffers) {
    if (buffer == nullptr) continue;
    std::shared_ptr<arrow::Buffer> copy =
        arrow::AllocateBuffer(buffer->size() + 1).ValueOrDie();
    if (buffer->size() > 0) {
      std::memcpy(copy->mutable_data() + 1, buffer->data(),
                  static_cast<size_t>(buffer->size()));
    }
    buffer = arrow::SliceBuffer(copy, 1);
  }
  return arrow::MakeArray(data);
}

arrow::ArrayVector Columns() {
  arrow::ArrayVector columns;
  const auto text = R"(["a", null, "", "longer than a view has room for", "b", null,
                        "c", "d", "e", "also longer than a view has room for", "f"])";
  for (const auto& type : {arrow::utf8(), arrow::large_utf8(), arrow::utf8_view()}) {
    columns.push_back(FromJson(type, text));
  }
  const auto numbers = "[1, 2, null, 4, 5, 6, 7, 8, null, 10, 11]";
  for (const auto& type :
       {arrow::int16(), arrow::int32(), arrow::uint64(), arrow::float64(),
        arrow::date32(), arrow::timestamp(arrow::TimeUnit::MICRO)}) {
    columns.push_back(FromJson(type, numbers));
  }
  columns.push_back(
      FromJson(arrow::decimal128(38, 0), R"(["1", "-2", null, "4", "5", "6", "7", "8",
                    null, "10", "99999999999999999999999999999999999999"])"));
  return columns;
}

TEST(RowCopiesTest, AreTheRowsOfAnyPartOfAColumn) {
  for (const auto& column : Columns()) {
    const auto misaligned = Misaligned(*column);
    EXPECT_FALSE(NeedsRowCopies(*column, *column->type()));
    ASSERT_TRUE(NeedsRowCopies(*misaligned, *column->type()))
        << column->type()->ToString();
    for (int64_t begin = 0; begin <= column->length(); ++begin) {
      for (int64_t count = 0; begin + count <= column->length(); ++count) {
        const auto copy =
            CopyRows(*misaligned->Slice(begin, count), column->type()).ValueOrDie();
        ASSERT_TRUE(copy->ValidateFull().ok());
        EXPECT_TRUE(copy->Equals(column->Slice(begin, count)))
            << column->type()->ToString();
        EXPECT_FALSE(NeedsRowCopies(*copy, *column->type()));
      }
    }
  }
}

TEST(RowCopiesTest, DecimalsBecomeAsNarrowAsAsked) {
  const auto wide =
      FromJson(arrow::decimal128(9, 2), R"(["1.25", null, "-9999999.99", "0.00"])");
  for (const auto& to : {arrow::decimal32(9, 2), arrow::decimal64(9, 2)}) {
    ASSERT_TRUE(NeedsRowCopies(*wide, *to));
    const auto narrow = CopyRows(*Misaligned(*wide)->Slice(1), to).ValueOrDie();
    ASSERT_TRUE(narrow->ValidateFull().ok());
    EXPECT_TRUE(narrow->Equals(FromJson(to, R"([null, "-9999999.99", "0.00"])")));
  }
}

TEST(RowCopiesTest, ADecimalWithoutRoomIsAnErrorUnlessItIsNull) {
  const auto type = arrow::decimal128(4, 0);
  auto data =
      FromJson(arrow::decimal128(38, 0), R"(["1", "99999999999"])")->data()->Copy();
  data->type = type;
  EXPECT_THAT(
      CopyRows(*arrow::MakeArray(data), arrow::decimal32(4, 0)).status().message(),
      testing::HasSubstr("more digits than its type"));
  data->buffers[0] = arrow::Buffer::FromString("\x01");
  data->null_count = 1;
  EXPECT_TRUE(CopyRows(*arrow::MakeArray(data), arrow::decimal32(4, 0)).ok());
}

TEST(RowCopiesTest, ColumnsOfArraysAreNotCopiedByRow) {
  for (const auto& type :
       {arrow::list(arrow::int32()), arrow::struct_({arrow::field("a", arrow::int8())}),
        arrow::dictionary(arrow::int32(), arrow::utf8()), arrow::boolean()}) {
    EXPECT_FALSE(CanCopyRows(*type, *type)) << type->ToString();
  }
  EXPECT_FALSE(CanCopyRows(*arrow::float16(), *arrow::float32()));
}

}  // namespace
}  // namespace pinion::engine::duck
