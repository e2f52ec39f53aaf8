#pragma once

#include <cstddef>
#include <string_view>

namespace pinion::cli {

struct Utf8Character {
  char32_t code;
  size_t bytes;
  bool valid;
};

// The first character of `text`, which is not empty. A byte that starts no valid
// character is an invalid one of its own, with the byte as its code.
Utf8Character DecodeUtf8(std::string_view text);

}  // namespace pinion::cli
