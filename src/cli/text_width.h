#pragma once

#include <string>
#include <string_view>

namespace pinion::cli {

// How many columns of a terminal UTF-8 text takes: two for wide characters (Chinese,
// emoji), none for combining ones. The text must be printable (see PrintableText).
int TextWidth(std::string_view text);

// `text` if it fits `width` columns, else its beginning and "…".
std::string CutToWidth(std::string_view text, int width);

// `text` such that it can be put in a cell of a table on a terminal: line ends, tabs
// and other control characters as `\n`, `\t`, `\x1b`; bytes that are no UTF-8 as
// `\xff`. A backslash stays as it is: this is for eyes, not for reading back.
std::string PrintableText(std::string_view text);

}  // namespace pinion::cli
