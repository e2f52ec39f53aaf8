#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <arrow/array/array_base.h>
#include <arrow/result.h>
#include <arrow/type.h>

namespace pinion::cli {

enum class TextStyle {
  // For eyes and for CSV: text as it is, binary as hex digits, a space between date and
  // time; nested values as JSON.
  kPlain,
  // JSON: strings in quotes, a T between date and time. Integers and decimals are JSON
  // numbers with all their digits.
  kJson,
};

// How the values of one Arrow type become text, any type, nested ones included.
// docs/cli.md has the table. Immutable, so any number of threads may share one.
class ValueText {
 public:
  static std::unique_ptr<ValueText> Create(const arrow::DataType& type, TextStyle style);

  virtual ~ValueText() = default;

  // Appends the value of `array`, which is of the type that this is for, at `row`. For a
  // null it appends nothing and returns false; that counts nulls inside of dictionaries,
  // unions and runs, too.
  virtual bool Append(const arrow::Array& array, int64_t row, std::string* out) const = 0;
};

// Whether values of a type are best aligned to the right: numbers.
bool IsNumeric(const arrow::DataType& type);

}  // namespace pinion::cli
