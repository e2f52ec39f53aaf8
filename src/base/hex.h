#pragma once

#include <string>
#include <string_view>

namespace pinion::base {

// Appends two lower-case digits for each byte.
void AppendHex(std::string_view bytes, std::string* text);

}  // namespace pinion::base
