#include "cli/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "cli/utf8.h"

namespace pinion::cli {

namespace {

void AppendEscape(unsigned char c, std::string* out) {
  switch (c) {
    case '"':
      *out += "\\\"";
      return;
    case '\\':
      *out += "\\\\";
      return;
    case '\n':
      *out += "\\n";
      return;
    case '\r':
      *out += "\\r";
      return;
    case '\t':
      *out += "\\t";
      return;
    default:
      constexpr std::string_view kDigits = "0123456789abcdef";
      *out += "\\u00";
      *out += kDigits[c >> 4];
      *out += kDigits[c & 0xf];
  }
}

template <typename Float>
void AppendShortest(Float value, std::string* out) {
  if (std::isnan(value)) {
    *out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    *out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  std::array<char, 64> text;
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  const std::string_view digits(text.data(), static_cast<size_t>(end - text.data()));
  out->append(digits);
  if (digits.find_first_of(".e") == std::string_view::npos) *out += ".0";
}

}  // namespace

void AppendJsonString(std::string_view text, std::string* out) {
  *out += '"';
  while (!text.empty()) {
    // What needs no care goes in one piece.
    size_t plain = 0;
    while (plain < text.size()) {
      const auto c = static_cast<unsigned char>(text[plain]);
      if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\') break;
      ++plain;
    }
    out->append(text.substr(0, plain));
    text.remove_prefix(plain);
    if (text.empty()) break;
    const Utf8Character character = DecodeUtf8(text);
    if (!character.valid) {
      *out += "\xef\xbf\xbd";
    } else if (character.code < 0x80) {
      AppendEscape(static_cast<unsigned char>(text[0]), out);
    } else {
      out->append(text.substr(0, character.bytes));
    }
    text.remove_prefix(character.bytes);
  }
  *out += '"';
}

void AppendFloat(double value, std::string* out) { AppendShortest(value, out); }
void AppendFloat(float value, std::string* out) { AppendShortest(value, out); }

}  // namespace pinion::cli
