#include "engine/duckdb/xdbc_types.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace pinion::engine::duck {
namespace {

// Codes of the XDBC standards (XdbcDataType of FlightSql.proto).
constexpr int32_t kVarchar = 12;
constexpr int32_t kDecimal = 3;
constexpr int32_t kInteger = 4;
constexpr int32_t kSmallint = 5;
constexpr int32_t kFloat = 6;
constexpr int32_t kDouble = 8;
constexpr int32_t kDatetime = 9;
constexpr int32_t kInterval = 10;
constexpr int32_t kDate = 91;
constexpr int32_t kTime = 92;
constexpr int32_t kTimestamp = 93;
constexpr int32_t kVarbinary = -3;
constexpr int32_t kBigint = -5;
constexpr int32_t kTinyint = -6;
constexpr int32_t kBit = -7;

TypeEntry Number(std::string name, int32_t code, int32_t digits, bool is_unsigned) {
  TypeEntry type;
  type.type_name = type.local_type_name.emplace(std::move(name));
  type.data_type = type.sql_data_type = code;
  type.column_size = digits;
  type.unsigned_attribute = is_unsigned;
  type.auto_increment = false;
  type.minimum_scale = 0;
  type.maximum_scale = 0;
  type.num_prec_radix = 10;
  return type;
}

TypeEntry Real(std::string name, int32_t code, int32_t bits) {
  auto type = Number(std::move(name), code, bits, false);
  type.minimum_scale.reset();
  type.maximum_scale.reset();
  type.num_prec_radix = 2;
  return type;
}

TypeEntry Decimal() {
  auto type = Number("DECIMAL", kDecimal, 38, false);
  type.create_params = {"precision", "scale"};
  type.maximum_scale = 38;
  return type;
}

TypeEntry Quoted(std::string name, int32_t code, std::optional<int32_t> size,
                 bool case_sensitive) {
  TypeEntry type;
  type.literal_prefix = "'";
  type.literal_suffix = "'";
  type.type_name = type.local_type_name.emplace(std::move(name));
  type.data_type = type.sql_data_type = code;
  type.column_size = size;
  type.case_sensitive = case_sensitive;
  return type;
}

// The verbose code of dates and times is "datetime"; the subcode tells them apart.
TypeEntry Datetime(std::string name, int32_t code, int32_t size, int32_t subcode,
                   int32_t fraction_digits) {
  auto type = Quoted(std::move(name), code, size, false);
  type.sql_data_type = kDatetime;
  type.datetime_subcode = subcode;
  type.minimum_scale = 0;
  type.maximum_scale = fraction_digits;
  return type;
}

TypeEntry Boolean() {
  TypeEntry type;
  type.type_name = type.local_type_name.emplace("BOOLEAN");
  type.data_type = type.sql_data_type = kBit;
  type.column_size = 1;
  return type;
}

}  // namespace

std::vector<TypeEntry> XdbcTypes() {
  std::vector<TypeEntry> types = {
      Boolean(),
      Number("TINYINT", kTinyint, 3, false),
      Number("UTINYINT", kSmallint, 3, true),
      Number("SMALLINT", kSmallint, 5, false),
      Number("USMALLINT", kInteger, 5, true),
      Number("INTEGER", kInteger, 10, false),
      Number("UINTEGER", kBigint, 10, true),
      Number("BIGINT", kBigint, 19, false),
      Number("UBIGINT", kDecimal, 20, true),
      Number("HUGEINT", kDecimal, 38, false),
      Number("UHUGEINT", kDecimal, 38, true),
      Decimal(),
      Real("FLOAT", kFloat, 24),
      Real("DOUBLE", kDouble, 53),
      Quoted("VARCHAR", kVarchar, std::nullopt, true),
      Quoted("UUID", kVarchar, 36, false),
      Quoted("JSON", kVarchar, std::nullopt, true),
      Quoted("BIT", kVarchar, std::nullopt, false),
      Quoted("BIGNUM", kVarchar, std::nullopt, false),
      Quoted("TIME WITH TIME ZONE", kVarchar, 21, false),
      Quoted("BLOB", kVarbinary, std::nullopt, true),
      Datetime("DATE", kDate, 10, 1, 0),
      Datetime("TIME", kTime, 15, 2, 6),
      Datetime("TIME_NS", kTime, 18, 2, 9),
      Datetime("TIMESTAMP", kTimestamp, 26, 3, 6),
      Datetime("TIMESTAMP_S", kTimestamp, 19, 3, 0),
      Datetime("TIMESTAMP_MS", kTimestamp, 23, 3, 3),
      Datetime("TIMESTAMP_NS", kTimestamp, 29, 3, 9),
      Datetime("TIMESTAMP WITH TIME ZONE", kTimestamp, 32, 5, 6),
      Quoted("INTERVAL", kInterval, std::nullopt, false),
  };
  std::stable_sort(types.begin(), types.end(), [](const auto& a, const auto& b) {
    return a.data_type < b.data_type;
  });
  return types;
}

}  // namespace pinion::engine::duck
