#pragma once

#include <string_view>

namespace pinion::engine::duck {

// Whether `text` is like `pattern`: % is any text, _ any one character, and a backslash
// makes the character after it stand for itself.
bool LikeMatches(std::string_view pattern, std::string_view text);

}  // namespace pinion::engine::duck
