#include "data/json_text.h"

#include <charconv>
#include <cmath>
#include <string_view>
#include <type_traits>

#include <arrow/array.h>
#include <arrow/scalar.h>
#include <arrow/util/float16.h>
#include <arrow/util/utf8.h>
#include <arrow/visit_array_inline.h>

#include "base/hex.h"

namespace pinion::data {
namespace {

// Appends value `row` of the array that it visits; that value is not null.
class ValueAppender {
 public:
  ValueAppender(int64_t row, std::string* json) : row_(row), json_(json) {}

  arrow::Status Visit(const arrow::BooleanArray& array) {
    *json_ += array.Value(row_) ? "true" : "false";
    return arrow::Status::OK();
  }

  template <typename Type>
  std::enable_if_t<arrow::is_integer_type<Type>::value, arrow::Status> Visit(
      const arrow::NumericArray<Type>& array) {
    return AppendNumber(array.Value(row_));
  }

  arrow::Status Visit(const arrow::FloatArray& array) {
    return AppendFloating(array.Value(row_));
  }
  arrow::Status Visit(const arrow::DoubleArray& array) {
    return AppendFloating(array.Value(row_));
  }
  arrow::Status Visit(const arrow::HalfFloatArray& array) {
    return AppendFloating(arrow::util::Float16::FromBits(array.Value(row_)).ToFloat());
  }

  arrow::Status Visit(const arrow::StringArray& array) { return AppendText(array); }
  arrow::Status Visit(const arrow::LargeStringArray& array) { return AppendText(array); }
  arrow::Status Visit(const arrow::StringViewArray& array) { return AppendText(array); }
  arrow::Status Visit(const arrow::BinaryArray& array) { return AppendBinary(array); }
  arrow::Status Visit(const arrow::LargeBinaryArray& array) {
    return AppendBinary(array);
  }
  arrow::Status Visit(const arrow::BinaryViewArray& array) { return AppendBinary(array); }
  arrow::Status Visit(const arrow::FixedSizeBinaryArray& array) {
    return AppendBinary(array);
  }
  // These derive from FixedSizeBinaryArray but are numbers.
  arrow::Status Visit(const arrow::Decimal32Array& array) { return AppendOther(array); }
  arrow::Status Visit(const arrow::Decimal64Array& array) { return AppendOther(array); }
  arrow::Status Visit(const arrow::Decimal128Array& array) { return AppendOther(array); }
  arrow::Status Visit(const arrow::Decimal256Array& array) { return AppendOther(array); }

  arrow::Status Visit(const arrow::ListArray& array) { return AppendList(array); }
  arrow::Status Visit(const arrow::LargeListArray& array) { return AppendList(array); }
  arrow::Status Visit(const arrow::ListViewArray& array) { return AppendList(array); }
  arrow::Status Visit(const arrow::LargeListViewArray& array) {
    return AppendList(array);
  }
  arrow::Status Visit(const arrow::FixedSizeListArray& array) {
    return AppendList(array);
  }
  arrow::Status Visit(const arrow::MapArray& array) { return AppendList(array); }

  arrow::Status Visit(const arrow::StructArray& array) {
    *json_ += '{';
    for (int i = 0; i < array.num_fields(); ++i) {
      if (i > 0) *json_ += ", ";
      AppendJsonString(array.struct_type()->field(i)->name(), json_);
      *json_ += ": ";
      ARROW_RETURN_NOT_OK(AppendJson(*array.field(i), row_, json_));
    }
    *json_ += '}';
    return arrow::Status::OK();
  }

  arrow::Status Visit(const arrow::DictionaryArray& array) {
    return AppendJson(*array.dictionary(), array.GetValueIndex(row_), json_);
  }
  arrow::Status Visit(const arrow::SparseUnionArray& array) {
    return AppendJson(*array.field(array.child_id(row_)), row_, json_);
  }
  arrow::Status Visit(const arrow::DenseUnionArray& array) {
    return AppendJson(*array.field(array.child_id(row_)), array.value_offset(row_),
                      json_);
  }
  arrow::Status Visit(const arrow::RunEndEncodedArray& array) {
    const auto logical = array.Slice(row_, 1);
    const auto& run =
        arrow::internal::checked_cast<const arrow::RunEndEncodedArray&>(*logical);
    return AppendJson(*run.values(), run.FindPhysicalOffset(), json_);
  }
  arrow::Status Visit(const arrow::ExtensionArray& array) {
    return AppendJson(*array.storage(), row_, json_);
  }
  arrow::Status Visit(const arrow::Array& array) { return AppendOther(array); }

 private:
  template <typename Number>
  arrow::Status AppendNumber(Number number) {
    char digits[32];
    const auto end = std::to_chars(digits, digits + sizeof(digits), number);
    json_->append(digits, end.ptr);
    return arrow::Status::OK();
  }

  template <typename Number>
  arrow::Status AppendFloating(Number number) {
    if (std::isfinite(number)) return AppendNumber(number);
    *json_ += std::isnan(number) ? "\"NaN\""
              : number > 0       ? "\"Infinity\""
                                 : "\"-Infinity\"";
    return arrow::Status::OK();
  }

  template <typename ArrayType>
  arrow::Status AppendText(const ArrayType& array) {
    AppendJsonString(array.GetView(row_), json_);
    return arrow::Status::OK();
  }

  template <typename ArrayType>
  arrow::Status AppendBinary(const ArrayType& array) {
    *json_ += '"';
    base::AppendHex(array.GetView(row_), json_);
    *json_ += '"';
    return arrow::Status::OK();
  }

  template <typename ArrayType>
  arrow::Status AppendList(const ArrayType& array) {
    const int64_t begin = array.value_offset(row_);
    const int64_t end = begin + array.value_length(row_);
    *json_ += '[';
    for (int64_t i = begin; i < end; ++i) {
      if (i > begin) *json_ += ", ";
      ARROW_RETURN_NOT_OK(AppendJson(*array.values(), i, json_));
    }
    *json_ += ']';
    return arrow::Status::OK();
  }

  arrow::Status AppendOther(const arrow::Array& array) {
    ARROW_ASSIGN_OR_RAISE(auto scalar, array.GetScalar(row_));
    AppendJsonString(scalar->ToString(), json_);
    return arrow::Status::OK();
  }

  const int64_t row_;
  std::string* const json_;
};

}  // namespace

arrow::Status AppendJson(const arrow::Array& array, int64_t row, std::string* json) {
  // Unions and run-end encoded arrays have no bitmap: their children answer.
  if (array.IsNull(row) || array.type_id() == arrow::Type::NA) {
    *json += "null";
    return arrow::Status::OK();
  }
  ValueAppender appender(row, json);
  return arrow::VisitArrayInline(array, &appender);
}

void AppendJsonString(std::string_view text, std::string* json) {
  arrow::util::InitializeUTF8();
  constexpr char kDigits[] = "0123456789abcdef";
  *json += '"';
  const bool valid = arrow::util::ValidateUTF8(text);
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    switch (c) {
      case '"':
        *json += "\\\"";
        break;
      case '\\':
        *json += "\\\\";
        break;
      case '\n':
        *json += "\\n";
        break;
      case '\r':
        *json += "\\r";
        break;
      case '\t':
        *json += "\\t";
        break;
      default:
        if (byte < 0x20) {
          *json += {'\\', 'u', '0', '0', kDigits[byte >> 4], kDigits[byte & 15]};
        } else if (byte >= 0x80 && !valid) {
          *json += "\xef\xbf\xbd";
        } else {
          *json += c;
        }
    }
  }
  *json += '"';
}

}  // namespace pinion::data
