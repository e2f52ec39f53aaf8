#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pinion::base {

// The names that `wanted` may be a slip of, nearest first: few edits away (without regard
// to ASCII case), or one beginning with the other. At most `limit`.
std::vector<std::string> NearNames(std::string_view wanted,
                                   const std::vector<std::string>& names,
                                   size_t limit = 3);

// A line for an error, such as
//   unknown dataset 'lineitm'; did you mean 'lineitem'? There are: 'lineitem', 'orders'
// `kind` is the noun. Always below 1 KB, since it travels in a header: long names are cut
// and of many names the first are shown, with a count of the others.
std::string UnknownName(std::string_view kind, std::string_view wanted,
                        const std::vector<std::string>& names);

// The name in single quotes for a message: at most `max_bytes` of it, cut at a character,
// control characters and invalid UTF-8 replaced by '?'.
std::string QuoteForMessage(std::string_view name, size_t max_bytes = 80);

}  // namespace pinion::base
