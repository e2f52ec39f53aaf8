#pragma once

#include <string_view>

namespace pinion::flight {

// LIKE: % is any text, _ any one character, and \ before either makes it literal. The
// whole text must match, in the case it has.
bool MatchesLike(std::string_view text, std::string_view pattern);

}  // namespace pinion::flight
