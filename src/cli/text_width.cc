#include "cli/text_width.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "cli/unicode_ranges.h"
#include "cli/utf8.h"

namespace pinion::cli {

namespace {

bool Contains(std::span<const CodeRange> ranges, char32_t code) {
  const auto after = std::upper_bound(
      ranges.begin(), ranges.end(), code,
      [](char32_t value, const CodeRange& range) { return value < range.first; });
  return after != ranges.begin() && code <= (after - 1)->last;
}

int CharacterWidth(char32_t code) {
  if (code < 0x300) return code == 0xad ? 0 : 1;
  if (Contains(kZeroWidth, code)) return 0;
  return Contains(kDoubleWidth, code) ? 2 : 1;
}

void AppendHexByte(unsigned char byte, std::string* out) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  *out += "\\x";
  *out += kDigits[byte >> 4];
  *out += kDigits[byte & 0xf];
}

bool IsControl(char32_t code) {
  // C1 controls too, and the marks that reverse the direction of what follows.
  return code < 0x20 || (code >= 0x7f && code < 0xa0) ||
         (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069);
}

}  // namespace

int TextWidth(std::string_view text) {
  int width = 0;
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    width += character.valid ? CharacterWidth(character.code) : 1;
    text.remove_prefix(character.bytes);
  }
  return width;
}

std::string CutToWidth(std::string_view text, int width) {
  if (width <= 0) return "";
  int used = 0;
  // The longest beginning that leaves a column for the "…".
  size_t cut = 0;
  for (size_t i = 0; i < text.size();) {
    const Utf8Character character = DecodeUtf8(text.substr(i));
    used += character.valid ? CharacterWidth(character.code) : 1;
    i += character.bytes;
    if (used <= width - 1) cut = i;
    if (used > width) return std::string(text.substr(0, cut)) + "…";
  }
  return std::string(text);
}

std::string PrintableText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const Utf8Character character = DecodeUtf8(text);
    const std::string_view bytes = text.substr(0, character.bytes);
    text.remove_prefix(character.bytes);
    if (character.valid && !IsControl(character.code)) {
      out.append(bytes);
    } else if (character.code == '\n') {
      out += "\\n";
    } else if (character.code == '\t') {
      out += "\\t";
    } else if (character.code == '\r') {
      out += "\\r";
    } else {
      for (const char byte : bytes) AppendHexByte(static_cast<unsigned char>(byte), &out);
    }
  }
  return out;
}

}  // namespace pinion::cli
