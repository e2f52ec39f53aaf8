#include "values.h"

#include <cmath>
#include <cstdio>
#include <regex>
#include <string>
#include <utility>

#include <arrow/array/builder_binary.h>
#include <arrow/builder.h>
#include <arrow/scalar.h>
#include <arrow/util/decimal.h>

namespace conformance {
namespace {

using arrow::Result;
using arrow::Status;

std::string Hex(std::string_view bytes) {
  std::string text = "0x";
  char digits[3];
  for (const unsigned char byte : bytes) {
    std::snprintf(digits, sizeof(digits), "%02x", byte);
    text += digits;
  }
  return text;
}

std::string FromHex(const std::string& text) {
  std::string bytes;
  for (size_t at = 2; at + 1 < text.size(); at += 2) {
    bytes.push_back(static_cast<char>(std::stoi(text.substr(at, 2), nullptr, 16)));
  }
  return bytes;
}

Json Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

// "2020-02-29 12:30:00.500000" as "2020-02-29T12:30:00.5".
std::string Trimmed(std::string text) {
  if (text.size() > 10 && text[10] == ' ') text[10] = 'T';
  if (text.ends_with('Z')) text.pop_back();
  if (text.find('.') != std::string::npos) {
    text.erase(text.find_last_not_of('0') + 1);
    if (text.ends_with('.')) text.pop_back();
  }
  return text;
}

Result<Json> ListOf(const arrow::Array& items) {
  Json list = Json::array();
  for (int64_t row = 0; row < items.length(); ++row) {
    ARROW_ASSIGN_OR_RAISE(Json item, ValueOf(items, row));
    list.push_back(std::move(item));
  }
  return list;
}

Result<Json> PairsOf(const arrow::MapArray& map, int64_t row) {
  Json pairs = Json::array();
  for (int64_t at = map.value_offset(row); at < map.value_offset(row + 1); ++at) {
    ARROW_ASSIGN_OR_RAISE(Json key, ValueOf(*map.keys(), at));
    ARROW_ASSIGN_OR_RAISE(Json value, ValueOf(*map.items(), at));
    pairs.push_back(Json::array({std::move(key), std::move(value)}));
  }
  return pairs;
}

Result<Json> ObjectOf(const arrow::StructArray& array, int64_t row) {
  Json object = Json::object();
  for (int place = 0; place < array.num_fields(); ++place) {
    ARROW_ASSIGN_OR_RAISE(object[array.struct_type()->field(place)->name()],
                          ValueOf(*array.field(place), row));
  }
  return object;
}

// What the type parses from text; the rest as it is.
Result<std::shared_ptr<arrow::Scalar>> ScalarOf(
    const Json& value, const std::shared_ptr<arrow::DataType>& type) {
  if (value.is_null()) return arrow::MakeNullScalar(type);
  if (type->id() == arrow::Type::BINARY) {
    return std::make_shared<arrow::BinaryScalar>(FromHex(value.get<std::string>()));
  }
  if (arrow::is_decimal(type->id())) {
    ARROW_ASSIGN_OR_RAISE(const auto number,
                          arrow::Decimal128::FromString(value.get<std::string>()));
    return std::make_shared<arrow::Decimal128Scalar>(number, type);
  }
  return arrow::Scalar::Parse(
      type, value.is_string() ? value.get<std::string>() : value.dump());
}

}  // namespace

std::string NameOf(const arrow::DataType& type) {
  if (type.id() == arrow::Type::TIMESTAMP) {
    const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
    const char* units[] = {"s", "ms", "us", "ns"};
    return std::string("timestamp_") + units[timestamp.unit()] +
           (timestamp.timezone().empty() ? "" : "_tz");
  }
  if (type.id() == arrow::Type::DECIMAL128) {
    const auto& decimal = static_cast<const arrow::DecimalType&>(type);
    return "decimal128(" + std::to_string(decimal.precision()) + "," +
           std::to_string(decimal.scale()) + ")";
  }
  if (type.id() == arrow::Type::FLOAT) return "float32";
  if (type.id() == arrow::Type::DOUBLE) return "float64";
  return type.name();
}

Result<std::shared_ptr<arrow::DataType>> TypeNamed(const std::string& name) {
  const std::shared_ptr<arrow::DataType> types[] = {
      arrow::int64(),   arrow::int32(),
      arrow::float64(), arrow::utf8(),
      arrow::binary(),  arrow::boolean(),
      arrow::date32(),  arrow::timestamp(arrow::TimeUnit::MICRO)};
  for (const auto& type : types) {
    if (NameOf(*type) == name) return type;
  }
  static const std::regex decimal(R"(decimal128\((\d{1,2}),(\d{1,2})\))");
  if (std::smatch match; std::regex_match(name, match, decimal)) {
    return arrow::Decimal128Type::Make(std::stoi(match[1]), std::stoi(match[2]));
  }
  return Status::NotImplemented("the client does not know the type ", name);
}

Json FieldsOf(const arrow::Schema& schema) {
  Json fields = Json::array();
  for (const auto& field : schema.fields()) {
    fields.push_back(Json::array({field->name(), NameOf(*field->type())}));
  }
  return fields;
}

Result<Json> ValueOf(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) return nullptr;
  switch (array.type_id()) {
    case arrow::Type::MAP:
      return PairsOf(static_cast<const arrow::MapArray&>(array), row);
    case arrow::Type::STRUCT:
      return ObjectOf(static_cast<const arrow::StructArray&>(array), row);
    case arrow::Type::LIST:
      return ListOf(*static_cast<const arrow::ListArray&>(array).value_slice(row));
    case arrow::Type::FLOAT:
      return Number(static_cast<const arrow::FloatArray&>(array).Value(row));
    case arrow::Type::DOUBLE:
      return Number(static_cast<const arrow::DoubleArray&>(array).Value(row));
    case arrow::Type::BOOL:
      return static_cast<const arrow::BooleanArray&>(array).Value(row);
    case arrow::Type::STRING:
      return static_cast<const arrow::StringArray&>(array).GetString(row);
    case arrow::Type::BINARY:
      return Hex(static_cast<const arrow::BinaryArray&>(array).GetView(row));
    default:
      break;
  }
  ARROW_ASSIGN_OR_RAISE(const auto scalar, array.GetScalar(row));
  std::string text = scalar->ToString();
  if (arrow::is_integer(array.type_id())) return Json::parse(text);
  if (array.type_id() == arrow::Type::TIMESTAMP) {
    const auto& type = static_cast<const arrow::TimestampType&>(*array.type());
    return Trimmed(text) + (type.timezone().empty() ? "" : "Z");
  }
  if (array.type_id() == arrow::Type::TIME64) return Trimmed(text);
  return text;
}

Result<std::shared_ptr<arrow::RecordBatch>> BatchOf(const Json& columns,
                                                    const Json& rows) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (size_t place = 0; place < columns.size(); ++place) {
    ARROW_ASSIGN_OR_RAISE(const auto type,
                          TypeNamed(columns[place][1].get<std::string>()));
    ARROW_ASSIGN_OR_RAISE(const auto builder, arrow::MakeBuilder(type));
    for (const Json& row : rows) {
      ARROW_ASSIGN_OR_RAISE(const auto scalar, ScalarOf(row[place], type));
      ARROW_RETURN_NOT_OK(builder->AppendScalar(*scalar));
    }
    fields.push_back(arrow::field(columns[place][0].get<std::string>(), type));
    ARROW_ASSIGN_OR_RAISE(arrays.emplace_back(), builder->Finish());
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)),
                                  static_cast<int64_t>(rows.size()), std::move(arrays));
}

}  // namespace conformance
