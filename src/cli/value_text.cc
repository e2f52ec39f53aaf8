#include "cli/value_text.h"

#include <cmath>
#include <string_view>
#include <utility>

#include <arrow/array.h>
#include <arrow/extension/bool8.h>
#include <arrow/extension/uuid.h>
#include <arrow/util/decimal.h>
#include <arrow/util/float16.h>

#include "base/hex.h"
#include "cli/json_text.h"
#include "cli/nested_text.h"
#include "cli/time_text.h"

namespace pinion::cli {

namespace {

using arrow::DataType;
using arrow::Type;
using Text = std::unique_ptr<ValueText>;

// A type whose values are written by a function of array, row and output. Those that
// JSON has no syntax for get quotes there.
template <typename ArrayType, bool QuotedInJson, typename Function>
class Leaf : public ValueText {
 public:
  Leaf(TextStyle style, Function function)
      : quoted_(QuotedInJson && style == TextStyle::kJson),
        function_(std::move(function)) {}

  bool Append(const arrow::Array& array, int64_t row, std::string* out) const override {
    if (array.IsNull(row)) return false;
    if (quoted_) *out += '"';
    function_(static_cast<const ArrayType&>(array), row, out);
    if (quoted_) *out += '"';
    return true;
  }

 private:
  bool quoted_;
  Function function_;
};

// Writes something whose text is JSON, too.
template <typename ArrayType, typename Function>
Text Bare(Function function) {
  return std::make_unique<Leaf<ArrayType, false, Function>>(TextStyle::kPlain,
                                                            std::move(function));
}

// Writes something that is a string in JSON and needs no escapes there.
template <typename ArrayType, typename Function>
Text Quoted(TextStyle style, Function function) {
  return std::make_unique<Leaf<ArrayType, true, Function>>(style, std::move(function));
}

template <typename ArrayType>
Text Integer() {
  return Bare<ArrayType>([](const ArrayType& array, int64_t row, std::string* out) {
    *out += std::to_string(array.Value(row));
  });
}

template <typename ArrayType, typename ToFloat>
Text Float(TextStyle style, ToFloat to_float) {
  return Bare<ArrayType>(
      [style, to_float](const ArrayType& array, int64_t row, std::string* out) {
        const auto value = to_float(array.Value(row));
        const bool finite = std::isfinite(value);
        const bool quote = !finite && style == TextStyle::kJson;
        if (quote) *out += '"';
        AppendFloat(value, out);
        if (quote) *out += '"';
      });
}

template <typename ArrayType>
Text String(TextStyle style) {
  if (style == TextStyle::kJson) {
    return Bare<ArrayType>([](const ArrayType& array, int64_t row, std::string* out) {
      AppendJsonString(array.GetView(row), out);
    });
  }
  return Bare<ArrayType>([](const ArrayType& array, int64_t row, std::string* out) {
    out->append(array.GetView(row));
  });
}

template <typename ArrayType>
Text Binary(TextStyle style) {
  return Quoted<ArrayType>(style,
                           [](const ArrayType& array, int64_t row, std::string* out) {
                             base::AppendHex(array.GetView(row), out);
                           });
}

template <typename ArrayType>
Text Decimal() {
  return Bare<ArrayType>([](const ArrayType& array, int64_t row, std::string* out) {
    *out += array.FormatValue(row);
  });
}

template <typename ArrayType>
Text Time(const DataType& type, TextStyle style) {
  const auto unit = static_cast<const arrow::TimeType&>(type).unit();
  return Quoted<ArrayType>(style,
                           [unit](const ArrayType& array, int64_t row, std::string* out) {
                             AppendTime(array.Value(row), unit, out);
                           });
}

Text Timestamp(const DataType& type, TextStyle style) {
  const auto& timestamp = static_cast<const arrow::TimestampType&>(type);
  const char separator = style == TextStyle::kJson ? 'T' : ' ';
  return Quoted<arrow::TimestampArray>(
      style, [unit = timestamp.unit(), utc = !timestamp.timezone().empty(), separator](
                 const arrow::TimestampArray& array, int64_t row, std::string* out) {
        AppendTimestamp(array.Value(row), unit, separator, utc, out);
      });
}

Text Duration(const DataType& type, TextStyle style) {
  const auto unit = static_cast<const arrow::DurationType&>(type).unit();
  return Quoted<arrow::DurationArray>(
      style, [unit](const arrow::DurationArray& array, int64_t row, std::string* out) {
        AppendDuration(array.Value(row), unit, out);
      });
}

// A date of 64 bits counts milliseconds, of whole days if the file keeps to the format.
int64_t DaysOfMilliseconds(int64_t milliseconds) {
  constexpr int64_t kPerDay = 86'400'000;
  const int64_t days = milliseconds / kPerDay;
  return milliseconds % kPerDay < 0 ? days - 1 : days;
}

Text Uuid(TextStyle style) {
  return Quoted<arrow::ExtensionArray>(style, [](const arrow::ExtensionArray& array,
                                                 int64_t row, std::string* out) {
    const auto& bytes = static_cast<const arrow::FixedSizeBinaryArray&>(*array.storage());
    std::string hex;
    base::AppendHex(bytes.GetView(row), &hex);
    for (const size_t dash : {20, 16, 12, 8}) hex.insert(dash, "-");
    *out += hex;
  });
}

Text Extension(const arrow::ExtensionType& type, TextStyle style) {
  if (type.extension_name() == "arrow.uuid") return Uuid(style);
  if (type.extension_name() == "arrow.bool8") {
    return Bare<arrow::ExtensionArray>(
        [](const arrow::ExtensionArray& array, int64_t row, std::string* out) {
          const auto& storage = static_cast<const arrow::Int8Array&>(*array.storage());
          *out += storage.Value(row) != 0 ? "true" : "false";
        });
  }
  return StorageText(type, style);
}

Text Interval(const DataType& type, TextStyle style) {
  switch (type.id()) {
    case Type::INTERVAL_MONTHS:
      return Quoted<arrow::MonthIntervalArray>(
          style, [](const arrow::MonthIntervalArray& array, int64_t row,
                    std::string* out) { AppendInterval(array.Value(row), 0, 0, out); });
    case Type::INTERVAL_DAY_TIME:
      return Quoted<arrow::DayTimeIntervalArray>(
          style,
          [](const arrow::DayTimeIntervalArray& array, int64_t row, std::string* out) {
            const auto value = array.GetValue(row);
            AppendInterval(0, value.days, int64_t{value.milliseconds} * 1'000'000, out);
          });
    default:
      return Quoted<arrow::MonthDayNanoIntervalArray>(
          style, [](const arrow::MonthDayNanoIntervalArray& array, int64_t row,
                    std::string* out) {
            const auto value = array.GetValue(row);
            AppendInterval(value.months, value.days, value.nanoseconds, out);
          });
  }
}

Text Temporal(const DataType& type, TextStyle style) {
  switch (type.id()) {
    case Type::DATE32:
      return Quoted<arrow::Date32Array>(
          style, [](const arrow::Date32Array& array, int64_t row, std::string* out) {
            AppendDate(array.Value(row), out);
          });
    case Type::DATE64:
      return Quoted<arrow::Date64Array>(
          style, [](const arrow::Date64Array& array, int64_t row, std::string* out) {
            AppendDate(DaysOfMilliseconds(array.Value(row)), out);
          });
    case Type::TIME32:
      return Time<arrow::Time32Array>(type, style);
    case Type::TIME64:
      return Time<arrow::Time64Array>(type, style);
    case Type::TIMESTAMP:
      return Timestamp(type, style);
    case Type::DURATION:
      return Duration(type, style);
    default:
      return Interval(type, style);
  }
}

// Numbers, booleans and null; nothing for any other type.
Text Number(const DataType& type, TextStyle style) {
  switch (type.id()) {
    case Type::NA:
      return Bare<arrow::NullArray>(
          [](const arrow::NullArray&, int64_t, std::string*) {});
    case Type::BOOL:
      return Bare<arrow::BooleanArray>(
          [](const arrow::BooleanArray& array, int64_t row, std::string* out) {
            *out += array.Value(row) ? "true" : "false";
          });
    case Type::INT8:
      return Integer<arrow::Int8Array>();
    case Type::INT16:
      return Integer<arrow::Int16Array>();
    case Type::INT32:
      return Integer<arrow::Int32Array>();
    case Type::INT64:
      return Integer<arrow::Int64Array>();
    case Type::UINT8:
      return Integer<arrow::UInt8Array>();
    case Type::UINT16:
      return Integer<arrow::UInt16Array>();
    case Type::UINT32:
      return Integer<arrow::UInt32Array>();
    case Type::UINT64:
      return Integer<arrow::UInt64Array>();
    case Type::HALF_FLOAT:
      return Float<arrow::HalfFloatArray>(style, [](uint16_t bits) {
        return arrow::util::Float16::FromBits(bits).ToFloat();
      });
    case Type::FLOAT:
      return Float<arrow::FloatArray>(style, [](float value) { return value; });
    case Type::DOUBLE:
      return Float<arrow::DoubleArray>(style, [](double value) { return value; });
    case Type::DECIMAL32:
      return Decimal<arrow::Decimal32Array>();
    case Type::DECIMAL64:
      return Decimal<arrow::Decimal64Array>();
    case Type::DECIMAL128:
      return Decimal<arrow::Decimal128Array>();
    case Type::DECIMAL256:
      return Decimal<arrow::Decimal256Array>();
    default:
      return nullptr;
  }
}

// Text and binary of every layout; nothing for any other type.
Text Bytes(const DataType& type, TextStyle style) {
  switch (type.id()) {
    case Type::STRING:
      return String<arrow::StringArray>(style);
    case Type::LARGE_STRING:
      return String<arrow::LargeStringArray>(style);
    case Type::STRING_VIEW:
      return String<arrow::StringViewArray>(style);
    case Type::BINARY:
      return Binary<arrow::BinaryArray>(style);
    case Type::LARGE_BINARY:
      return Binary<arrow::LargeBinaryArray>(style);
    case Type::BINARY_VIEW:
      return Binary<arrow::BinaryViewArray>(style);
    case Type::FIXED_SIZE_BINARY:
      return Binary<arrow::FixedSizeBinaryArray>(style);
    default:
      return nullptr;
  }
}

}  // namespace

std::unique_ptr<ValueText> ValueText::Create(const DataType& type, TextStyle style) {
  if (auto text = Number(type, style)) return text;
  if (auto text = Bytes(type, style)) return text;
  if (type.id() == Type::EXTENSION) {
    return Extension(static_cast<const arrow::ExtensionType&>(type), style);
  }
  if (auto text = NestedText(type, style)) return text;
  return Temporal(type, style);
}

bool IsNumeric(const DataType& type) {
  if (type.id() == Type::DICTIONARY) {
    return IsNumeric(*static_cast<const arrow::DictionaryType&>(type).value_type());
  }
  return arrow::is_numeric(type.id()) || arrow::is_decimal(type.id());
}

}  // namespace pinion::cli
