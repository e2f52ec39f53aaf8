#include "engine/duckdb/like_pattern.h"

#include <cstddef>

namespace pinion::engine::duck {
namespace {

// The bytes of the UTF-8 character that begins `text`.
size_t CharacterSize(std::string_view text) {
  size_t size = 1;
  while (size < text.size() && (static_cast<unsigned char>(text[size]) & 0xC0) == 0x80) {
    ++size;
  }
  return size;
}

}  // namespace

bool LikeMatches(std::string_view pattern, std::string_view text) {
  size_t p = 0;
  size_t t = 0;
  // Where to go on when the text after the last % turns out not to match.
  size_t retry_p = std::string_view::npos;
  size_t retry_t = 0;
  while (t < text.size() || p < pattern.size()) {
    if (p < pattern.size() && pattern[p] == '%') {
      retry_p = ++p;
      retry_t = t;
      continue;
    }
    if (p < pattern.size() && t < text.size()) {
      if (pattern[p] == '_') {
        ++p;
        t += CharacterSize(text.substr(t));
        continue;
      }
      const bool escaped = pattern[p] == '\\' && p + 1 < pattern.size();
      if (pattern[p + (escaped ? 1 : 0)] == text[t]) {
        p += escaped ? 2 : 1;
        ++t;
        continue;
      }
    }
    if (retry_p == std::string_view::npos || retry_t >= text.size()) return false;
    retry_t += CharacterSize(text.substr(retry_t));
    p = retry_p;
    t = retry_t;
  }
  return true;
}

}  // namespace pinion::engine::duck
