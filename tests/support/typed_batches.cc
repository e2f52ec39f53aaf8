#include "tests/support/typed_batches.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/json/from_string.h>
#include <arrow/type.h>
#include <arrow/util/key_value_metadata.h>

namespace pinion::tests {
namespace {

using arrow::json::ArrayFromJSONString;
using arrow::json::DictArrayFromJSONString;

struct NamedArray {
  std::string name;
  std::shared_ptr<arrow::Array> array;
};

std::shared_ptr<arrow::Array> Json(const std::shared_ptr<arrow::DataType>& type,
                                   const std::string& values) {
  return *ArrayFromJSONString(type, values);
}

std::shared_ptr<arrow::Array> Encoded(const std::string& codes,
                                      const std::shared_ptr<arrow::DataType>& type,
                                      const std::string& values) {
  return *DictArrayFromJSONString(arrow::dictionary(arrow::int8(), type), codes, values);
}

// Four values each.
std::vector<NamedArray> FlatArrays() {
  const std::string long_text = "a text that is longer than what fits into a view";
  const std::string texts = R"(["", null, "ä", ")" + long_text + R"("])";
  return {
      {"int8", Json(arrow::int8(), "[1, null, -128, 127]")},
      {"int64", Json(arrow::int64(), "[1, 2, null, 9223372036854775807]")},
      {"float64", Json(arrow::float64(), "[0.5, null, -1e300, 0]")},
      {"bool", Json(arrow::boolean(), "[true, null, false, true]")},
      {"null", Json(arrow::null(), "[null, null, null, null]")},
      {"utf8", Json(arrow::utf8(), texts)},
      {"large_utf8", Json(arrow::large_utf8(), texts)},
      {"utf8_view", Json(arrow::utf8_view(), texts)},
      {"binary", Json(arrow::binary(), R"(["x", "", null, "yz"])")},
      {"binary_view",
       Json(arrow::binary_view(), R"([null, "x", ")" + long_text + R"(", ""])")},
      {"fixed_size_binary",
       Json(arrow::fixed_size_binary(3), R"(["abc", null, "def", "ghi"])")},
      {"decimal", Json(arrow::decimal128(38, 2), R"(["1.50", null, "-0.01", "0.00"])")},
      {"decimal256", Json(arrow::decimal256(60, 1), R"(["1.5", null, "-0.1", "0.0"])")},
      {"timestamp", Json(arrow::timestamp(arrow::TimeUnit::NANO, "Europe/Berlin"),
                         R"(["2020-01-01", null, "1900-05-06", "2262-01-01"])")},
  };
}

std::vector<NamedArray> NestedArrays() {
  const auto pair = arrow::struct_(
      {arrow::field("n", arrow::int32()), arrow::field("text", arrow::utf8_view())});
  const auto choice = arrow::FieldVector{arrow::field("n", arrow::int32()),
                                         arrow::field("text", arrow::utf8())};
  return {
      {"struct",
       Json(
           pair,
           R"([{"n": 1, "text": "x"}, null, {"n": null, "text": "longer than twelve bytes"}, {"n": 4, "text": null}])")},
      {"list", Json(arrow::list(arrow::utf8()), R"([["a", null], [], null, ["b"]])")},
      {"large_list", Json(arrow::large_list(arrow::int64()), "[[1], null, [], [2, 3]]")},
      {"list_view", Json(arrow::list_view(arrow::int64()), "[[1], null, [], [2, 3]]")},
      {"fixed_size_list", Json(arrow::fixed_size_list(arrow::int16(), 2),
                               "[[1, 2], null, [3, null], "
                               "[4, 5]]")},
      {"map", Json(arrow::map(arrow::utf8(), arrow::list(arrow::boolean())),
                   R"([[["k", [true]]], [], null, [["l", null], ["m", []]]])")},
      {"sparse_union", Json(arrow::sparse_union(choice, {3, 5}),
                            R"([[3, 1], [5, "x"], [3, null], [5, "y"]])")},
      {"dense_union", Json(arrow::dense_union(choice, {3, 5}),
                           R"([[3, 1], [5, "x"], [3, null], [5, "y"]])")},
      {"run_end_encoded",
       *arrow::RunEndEncodedArray::Make(4, Json(arrow::int32(), "[3, 4]"),
                                        Json(arrow::utf8(), R"(["run", null])"))},
      {"dictionary", Encoded("[0, null, 1, 0]", arrow::utf8(), R"(["zero", "one"])")},
      {"dictionary_of_views", Encoded("[0, 1, null, 1]", arrow::utf8_view(),
                                      R"(["x", "longer than twelve bytes"])")},
      {"struct_of_dictionaries",
       *arrow::StructArray::Make(
           arrow::ArrayVector{Encoded("[0, 1, 0, null]", arrow::int64(), "[10, 11]"),
                              Encoded("[1, 1, null, 0]", arrow::utf8(), R"(["p", "q"])")},
           std::vector<std::string>{"a", "b"})},
  };
}

TypedBatches ToBatches(const std::string& name, const std::vector<NamedArray>& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& column : columns) {
    fields.push_back(arrow::field(column.name, column.array->type()));
    arrays.push_back(column.array);
  }
  auto schema = arrow::schema(std::move(fields))
                    ->WithMetadata(arrow::key_value_metadata({"origin"}, {name}));
  const auto whole = arrow::RecordBatch::Make(schema, 4, arrays);
  return {name,
          schema,
          {whole, whole->Slice(1, 2), whole->Slice(0, 0), whole->Slice(3), whole}};
}

}  // namespace

std::vector<TypedBatches> AllLayouts() {
  std::vector<TypedBatches> layouts;
  for (const auto& arrays : {FlatArrays(), NestedArrays()}) {
    for (const auto& column : arrays) {
      layouts.push_back(ToBatches(column.name, {column, {"again", column.array}}));
    }
  }
  layouts.push_back(
      {"no_columns",
       arrow::schema({}),
       {arrow::RecordBatch::Make(arrow::schema({}), 3, arrow::ArrayVector{})}});
  layouts.push_back(
      {"no_batches", arrow::schema({arrow::field("n", arrow::int32())}), {}});
  return layouts;
}

TypedBatches WideTable() {
  std::vector<NamedArray> columns = FlatArrays();
  for (auto& column : NestedArrays()) columns.push_back(std::move(column));
  return ToBatches("wide", columns);
}

}  // namespace pinion::tests
