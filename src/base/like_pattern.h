#pragma once

#include <string_view>

namespace pinion::base {

// LIKE: % is any text, _ any one character, and \ makes the character after it stand for
// itself. The whole text must match, in the case it has.
bool MatchesLike(std::string_view text, std::string_view pattern);

}  // namespace pinion::base
