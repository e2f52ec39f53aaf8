#pragma once

#include <string>
#include <string_view>

namespace pinion::cli {

// Appends `text` as a JSON string with its quotes. Bytes that are no UTF-8 become
// U+FFFD: JSON has no way to carry them.
void AppendJsonString(std::string_view text, std::string* out);

// Appends the shortest decimal that reads back as the same number, with a point or an
// exponent so that it is seen not to be an integer: 1.0, 0.1, 1e+300. Not finite: NaN,
// Infinity, -Infinity.
void AppendFloat(double value, std::string* out);
void AppendFloat(float value, std::string* out);

}  // namespace pinion::cli
