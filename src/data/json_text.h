#pragma once

#include <cstdint>
#include <string>

#include <arrow/array/array_base.h>
#include <arrow/status.h>

namespace pinion::data {

// Appends one value of an array as JSON: structs as objects, lists as arrays, maps as
// arrays of {"key": …, "value": …} since keys need not be text; integers, finite floating
// point numbers and booleans as they are; binary as hex digits; all else (decimals,
// dates, times, NaN) as text.
arrow::Status AppendJson(const arrow::Array& array, int64_t row, std::string* json);

// Appends a text in double quotes with what JSON wants escaped. Invalid UTF-8 is replaced
// by U+FFFD.
void AppendJsonString(std::string_view text, std::string* json);

}  // namespace pinion::data
