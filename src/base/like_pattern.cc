#include "base/like_pattern.h"

#include <cstddef>

namespace pinion::base {
namespace {

// The bytes of the UTF-8 character at the front of a text that is not empty.
size_t CharacterLength(std::string_view text) {
  size_t length = 1;
  while (length < text.size() &&
         (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80) {
    ++length;
  }
  return length;
}

// Takes the literal or _ at the front of the pattern off both; false if they differ.
bool TakeOne(std::string_view& text, std::string_view& pattern) {
  if (text.empty()) return false;
  if (pattern.front() == '_') {
    pattern.remove_prefix(1);
    text.remove_prefix(CharacterLength(text));
    return true;
  }
  if (pattern.front() == '\\' && pattern.size() > 1) pattern.remove_prefix(1);
  if (pattern.front() != text.front()) return false;
  pattern.remove_prefix(1);
  text.remove_prefix(1);
  return true;
}

}  // namespace

bool MatchesLike(std::string_view text, std::string_view pattern) {
  // The latest % is the only one worth trying again with more text: an earlier one could
  // only leave less for what follows.
  std::string_view text_after_percent;
  std::string_view pattern_after_percent;
  bool percent = false;
  while (true) {
    if (!pattern.empty() && pattern.front() == '%') {
      pattern.remove_prefix(1);
      percent = true;
      text_after_percent = text;
      pattern_after_percent = pattern;
      continue;
    }
    if (pattern.empty() ? text.empty() : TakeOne(text, pattern)) {
      if (pattern.empty() && text.empty()) return true;
      continue;
    }
    if (!percent || text_after_percent.empty()) return false;
    text_after_percent.remove_prefix(CharacterLength(text_after_percent));
    text = text_after_percent;
    pattern = pattern_after_percent;
  }
}

}  // namespace pinion::base
