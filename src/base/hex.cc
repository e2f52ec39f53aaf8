#include "base/hex.h"

namespace pinion::base {

void AppendHex(std::string_view bytes, std::string* text) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  for (const char byte : bytes) {
    *text += kDigits[static_cast<unsigned char>(byte) >> 4];
    *text += kDigits[static_cast<unsigned char>(byte) & 0xf];
  }
}

}  // namespace pinion::base
