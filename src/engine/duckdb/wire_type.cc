#include "engine/duckdb/wire_type.h"

#include <utility>

#include <arrow/util/key_value_metadata.h>
#include <duckdb/common/optional_idx.hpp>

#include "engine/error.h"
#include "engine/statement.h"

namespace pinion::engine::duck {
namespace {

using duckdb::LogicalType;
using duckdb::LogicalTypeId;

constexpr char kZone[] = "UTC";

arrow::Result<WireType> ListWireType(const LogicalType& type) {
  ARROW_ASSIGN_OR_RAISE(auto child, WireTypeOf(duckdb::ListType::GetChildType(type)));
  return WireType{arrow::list(child.arrow_type), LogicalType::LIST(child.cast_type)};
}

arrow::Result<WireType> ArrayWireType(const LogicalType& type) {
  const auto size = duckdb::ArrayType::GetSize(type);
  ARROW_ASSIGN_OR_RAISE(auto child, WireTypeOf(duckdb::ArrayType::GetChildType(type)));
  return WireType{arrow::fixed_size_list(child.arrow_type, static_cast<int32_t>(size)),
                  LogicalType::ARRAY(child.cast_type, duckdb::optional_idx(size))};
}

arrow::Result<WireType> MapWireType(const LogicalType& type) {
  ARROW_ASSIGN_OR_RAISE(auto key, WireTypeOf(duckdb::MapType::KeyType(type)));
  ARROW_ASSIGN_OR_RAISE(auto value, WireTypeOf(duckdb::MapType::ValueType(type)));
  return WireType{arrow::map(key.arrow_type, value.arrow_type),
                  LogicalType::MAP(key.cast_type, value.cast_type)};
}

arrow::Result<WireType> StructWireType(const LogicalType& type) {
  arrow::FieldVector fields;
  duckdb::child_list_t<LogicalType> children;
  const auto names = duckdb::TupleType::NamedChildren(type);
  for (size_t i = 0; i < names.size(); ++i) {
    ARROW_ASSIGN_OR_RAISE(auto child, WireTypeOf(names[i].second));
    fields.push_back(arrow::field(names[i].first.GetIdentifierName(), child.arrow_type));
    children.emplace_back(duckdb::StructType::GetChildTypes(type)[i].first,
                          child.cast_type);
  }
  return WireType{arrow::struct_(fields), LogicalType::STRUCT(children)};
}

arrow::Result<WireType> UnionWireType(const LogicalType& type) {
  arrow::FieldVector fields;
  std::vector<int8_t> codes;
  duckdb::child_list_t<LogicalType> members;
  const auto count = duckdb::UnionType::GetMemberCount(type);
  if (count > 127) {
    return MakeError(ErrorClass::kNotSupported,
                     "a UNION of more than 127 members has no Arrow type");
  }
  for (size_t i = 0; i < count; ++i) {
    const auto& name = duckdb::UnionType::GetMemberName(type, i);
    ARROW_ASSIGN_OR_RAISE(auto member,
                          WireTypeOf(duckdb::UnionType::GetMemberType(type, i)));
    fields.push_back(arrow::field(name.GetIdentifierName(), member.arrow_type));
    codes.push_back(static_cast<int8_t>(i));
    members.emplace_back(name, member.cast_type);
  }
  return WireType{arrow::sparse_union(std::move(fields), std::move(codes)),
                  LogicalType::UNION(std::move(members))};
}

}  // namespace

arrow::Result<WireType> WireTypeOf(const LogicalType& type) {
  const auto same = [&](std::shared_ptr<arrow::DataType> arrow_type) {
    return WireType{std::move(arrow_type), type};
  };
  const auto text = [] { return WireType{arrow::utf8(), LogicalType::VARCHAR}; };
  switch (type.id()) {
    case LogicalTypeId::SQLNULL:
      return same(arrow::null());
    case LogicalTypeId::BOOLEAN:
      return same(arrow::boolean());
    case LogicalTypeId::TINYINT:
      return same(arrow::int8());
    case LogicalTypeId::SMALLINT:
      return same(arrow::int16());
    case LogicalTypeId::INTEGER:
      return same(arrow::int32());
    case LogicalTypeId::INTEGER_LITERAL:
      return WireType{arrow::int32(), LogicalType::INTEGER};
    case LogicalTypeId::BIGINT:
      return same(arrow::int64());
    case LogicalTypeId::UTINYINT:
      return same(arrow::uint8());
    case LogicalTypeId::USMALLINT:
      return same(arrow::uint16());
    case LogicalTypeId::UINTEGER:
      return same(arrow::uint32());
    case LogicalTypeId::UBIGINT:
      return same(arrow::uint64());
    case LogicalTypeId::FLOAT:
      return same(arrow::float32());
    case LogicalTypeId::DOUBLE:
      return same(arrow::float64());
    case LogicalTypeId::DECIMAL:
      return same(arrow::decimal128(duckdb::DecimalType::GetWidth(type),
                                    duckdb::DecimalType::GetScale(type)));
    case LogicalTypeId::HUGEINT:
    case LogicalTypeId::UHUGEINT:
      // Sums of integers are HUGEINT: a number that everybody can read is worth more than
      // the last digit. Values of 39 digits are an error of the cast.
      return WireType{arrow::decimal128(38, 0), LogicalType::DECIMAL(38, 0)};
    case LogicalTypeId::VARCHAR:
      return WireType{arrow::utf8(), LogicalType::VARCHAR};
    case LogicalTypeId::BLOB:
      return same(arrow::binary());
    case LogicalTypeId::GEOMETRY:
      return WireType{arrow::binary(), LogicalType::BLOB};
    case LogicalTypeId::DATE:
      return same(arrow::date32());
    case LogicalTypeId::TIME:
      return same(arrow::time64(arrow::TimeUnit::MICRO));
    case LogicalTypeId::TIME_NS:
      return same(arrow::time64(arrow::TimeUnit::NANO));
    case LogicalTypeId::TIMESTAMP_SEC:
      return same(arrow::timestamp(arrow::TimeUnit::SECOND));
    case LogicalTypeId::TIMESTAMP_MS:
      return same(arrow::timestamp(arrow::TimeUnit::MILLI));
    case LogicalTypeId::TIMESTAMP:
      return same(arrow::timestamp(arrow::TimeUnit::MICRO));
    case LogicalTypeId::TIMESTAMP_NS:
      return same(arrow::timestamp(arrow::TimeUnit::NANO));
    case LogicalTypeId::TIMESTAMP_TZ:
      return same(arrow::timestamp(arrow::TimeUnit::MICRO, kZone));
    case LogicalTypeId::TIMESTAMP_TZ_NS:
      return same(arrow::timestamp(arrow::TimeUnit::NANO, kZone));
    case LogicalTypeId::INTERVAL:
      return same(arrow::month_day_nano_interval());
    case LogicalTypeId::LIST:
      return ListWireType(type);
    case LogicalTypeId::ARRAY:
      return ArrayWireType(type);
    case LogicalTypeId::MAP:
      return MapWireType(type);
    case LogicalTypeId::STRUCT:
    case LogicalTypeId::TUPLE:
      return StructWireType(type);
    case LogicalTypeId::UNION:
      return UnionWireType(type);
    case LogicalTypeId::VARIANT:
      return WireType{arrow::utf8(), LogicalType::JSON()};
    case LogicalTypeId::CHAR:
    case LogicalTypeId::STRING_LITERAL:
    case LogicalTypeId::ENUM:
    case LogicalTypeId::BIT:
    case LogicalTypeId::UUID:
    case LogicalTypeId::BIGNUM:
    case LogicalTypeId::TIME_TZ:
    case LogicalTypeId::TYPE:
    case LogicalTypeId::UNKNOWN:
      return text();
    default:
      return MakeError(ErrorClass::kNotSupported,
                       "values of type " + type.ToString() +
                           " cannot be sent: cast them to another type");
  }
}

arrow::Result<std::shared_ptr<arrow::Field>> WireField(const std::string& name,
                                                       const LogicalType& type) {
  auto wire = WireTypeOf(type);
  if (!wire.ok()) {
    return wire.status().WithMessage("column '", name, "': ", wire.status().message());
  }
  std::vector<std::string> keys = {column_metadata::kTypeName};
  std::vector<std::string> values = {type.ToString()};
  uint8_t width = 0;
  uint8_t scale = 0;
  if (type.IsNumeric() && type.GetDecimalProperties(width, scale)) {
    keys.insert(keys.end(), {column_metadata::kPrecision, column_metadata::kScale});
    values.insert(values.end(), {std::to_string(width), std::to_string(scale)});
  }
  return arrow::field(name, wire->arrow_type, /*nullable=*/true,
                      arrow::key_value_metadata(std::move(keys), std::move(values)));
}

arrow::Result<std::shared_ptr<arrow::Schema>> WireSchema(
    const duckdb::vector<duckdb::Identifier>& names,
    const duckdb::vector<LogicalType>& types) {
  arrow::FieldVector fields;
  fields.reserve(types.size());
  for (size_t i = 0; i < types.size(); ++i) {
    ARROW_ASSIGN_OR_RAISE(auto field, WireField(names[i].GetIdentifierName(), types[i]));
    fields.push_back(std::move(field));
  }
  return arrow::schema(std::move(fields));
}

}  // namespace pinion::engine::duck
