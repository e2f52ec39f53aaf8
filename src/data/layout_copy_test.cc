#include "data/layout_copy.h"

#include <cstdint>
#include <cstring>
#include <memory>
#include <ostream>
#include <string>

#include <arrow/array/array_base.h>
#include <arrow/array/array_dict.h>
#include <arrow/array/util.h>
#include <arrow/buffer.h>
#include <arrow/json/from_string.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"

namespace pinion::data {
namespace {

using arrow::json::ArrayFromJSONString;

struct Column {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  std::string values;

  friend void PrintTo(const Column& column, std::ostream* out) { *out << column.name; }
};

// A column whose buffers all can be overwritten, as those of a mapped file can.
std::shared_ptr<arrow::ArrayData> Writable(const arrow::ArrayData& data) {
  auto copy = data.Copy();
  for (auto& buffer : copy->buffers) {
    if (buffer != nullptr) buffer = buffer->CopySlice(0, buffer->size()).ValueOrDie();
  }
  for (auto& child : copy->child_data) child = Writable(*child);
  if (copy->dictionary != nullptr) copy->dictionary = Writable(*copy->dictionary);
  return copy;
}

void Overwrite(const arrow::ArrayData& data, uint8_t byte) {
  for (const auto& buffer : data.buffers) {
    if (buffer != nullptr) {
      std::memset(const_cast<uint8_t*>(buffer->data()), byte,
                  static_cast<size_t>(buffer->size()));
    }
  }
  for (const auto& child : data.child_data) Overwrite(*child, byte);
  if (data.dictionary != nullptr) Overwrite(*data.dictionary, byte);
}

class LayoutCopyTest : public ::testing::TestWithParam<Column> {
 protected:
  void SetUp() override {
    if (GetParam().type->id() == arrow::Type::DICTIONARY) {
      ASSERT_OK_AND_ASSIGN(auto indices,
                           ArrayFromJSONString(arrow::int8(), "[0, null, 1]"));
      ASSERT_OK_AND_ASSIGN(auto words,
                           ArrayFromJSONString(arrow::utf8(), R"(["one", "two"])"));
      ASSERT_OK_AND_ASSIGN(
          original_, arrow::DictionaryArray::FromArrays(GetParam().type, indices, words));
    } else {
      ASSERT_OK_AND_ASSIGN(original_,
                           ArrayFromJSONString(GetParam().type, GetParam().values));
    }
    file_ = Writable(*original_->data());
  }

  std::shared_ptr<arrow::Array> original_;
  std::shared_ptr<arrow::ArrayData> file_;
  LayoutCopier copier_;
};

TEST_P(LayoutCopyTest, IsTheSameColumn) {
  ASSERT_OK_AND_ASSIGN(const auto copy, copier_.Copy(*file_));
  EXPECT_TRUE(arrow::MakeArray(copy)->Equals(original_));
}

TEST_P(LayoutCopyTest, StaysInsideWhenTheFileIsOverwritten) {
  ASSERT_OK_AND_ASSIGN(const auto copy, copier_.Copy(*file_));
  for (const uint8_t byte : {0x00, 0x41, 0x7f, 0xff}) {
    Overwrite(*file_, byte);
    const auto array = arrow::MakeArray(copy);
    // Else it is no UTF-8; and a view has a prefix of its text, which is another now.
    if (byte <= 0x7f && array->type_id() != arrow::Type::STRING_VIEW) {
      EXPECT_OK(array->ValidateFull());
    }
    EXPECT_FALSE(array->ToString().empty());  // reads every value
  }
}

TEST_P(LayoutCopyTest, RefusesWhatReachesOutside) {
  Overwrite(*file_, 0x7f);
  const auto copy = copier_.Copy(*file_);
  EXPECT_TRUE(copy.status().IsInvalid()) << copy.status();
}

TEST_P(LayoutCopyTest, TakesSlices) {
  const auto slice = original_->Slice(1, 2);
  ASSERT_OK_AND_ASSIGN(const auto copy, copier_.Copy(*slice->data()));
  EXPECT_TRUE(arrow::MakeArray(copy)->Equals(slice));
}

const char kWords[] = R"(["one", null, "a longer text than a view holds"])";
const char kLists[] = "[[1, 2], null, [3]]";
const char kUnions[] = R"([[5, 1], [7, "two"], [5, null]])";

arrow::FieldVector UnionFields() {
  return {arrow::field("i", arrow::int64()), arrow::field("s", arrow::utf8())};
}

INSTANTIATE_TEST_SUITE_P(
    Types, LayoutCopyTest,
    ::testing::Values(
        Column{"utf8", arrow::utf8(), kWords},
        Column{"large_utf8", arrow::large_utf8(), kWords},
        Column{"utf8_view", arrow::utf8_view(), kWords},
        Column{"list", arrow::list(arrow::int64()), kLists},
        Column{"large_list", arrow::large_list(arrow::int64()), kLists},
        Column{"list_view", arrow::list_view(arrow::int64()), kLists},
        Column{"large_list_view", arrow::large_list_view(arrow::int64()), kLists},
        Column{"map", arrow::map(arrow::utf8(), arrow::int64()),
               R"([[["a", 1]], null, [["b", 2]]])"},
        Column{"struct_of_text", arrow::struct_({arrow::field("s", arrow::utf8())}),
               R"([{"s": "one"}, null, {"s": null}])"},
        Column{"fixed_size_list", arrow::fixed_size_list(arrow::utf8(), 2),
               R"([["a", "b"], null, ["c", null]])"},
        Column{"dense_union", arrow::dense_union(UnionFields(), {5, 7}), kUnions},
        Column{"sparse_union", arrow::sparse_union(UnionFields(), {5, 7}), kUnions},
        Column{"dictionary", arrow::dictionary(arrow::int8(), arrow::utf8()), ""}),
    [](const auto& info) { return info.param.name; });

TEST(LayoutCopierTest, CopiesADictionaryOnce) {
  ASSERT_OK_AND_ASSIGN(const auto indices, ArrayFromJSONString(arrow::int8(), "[0, 1]"));
  ASSERT_OK_AND_ASSIGN(const auto words,
                       ArrayFromJSONString(arrow::utf8(), R"(["one", "two"])"));
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  ASSERT_OK_AND_ASSIGN(const auto array,
                       arrow::DictionaryArray::FromArrays(type, indices, words));
  LayoutCopier copier;
  ASSERT_OK_AND_ASSIGN(const auto one, copier.Copy(*array->data()));
  ASSERT_OK_AND_ASSIGN(const auto two, copier.Copy(*array->data()));
  EXPECT_EQ(one->dictionary, two->dictionary);
}

TEST(LayoutCopierTest, RefusesRunsThatDoNotCoverTheirRows) {
  ASSERT_OK_AND_ASSIGN(const auto ends, ArrayFromJSONString(arrow::int32(), "[1, 3]"));
  ASSERT_OK_AND_ASSIGN(const auto values, ArrayFromJSONString(arrow::int64(), "[7, 8]"));
  auto data = arrow::ArrayData::Make(
      arrow::run_end_encoded(arrow::int32(), arrow::int64()), 3,
      arrow::BufferVector{nullptr}, {Writable(*ends->data()), values->data()}, 0);
  LayoutCopier copier;
  EXPECT_OK(copier.Copy(*data).status());
  Overwrite(*data->child_data[0], 0);
  EXPECT_TRUE(copier.Copy(*data).status().IsInvalid());
}

}  // namespace
}  // namespace pinion::data
