#include "base/random_id.h"

#include <array>
#include <cstdint>
#include <cstdlib>
#include <sys/random.h>

namespace pinion::base {

std::string RandomId() {
  std::array<uint8_t, 16> bytes;
  // Small requests are never interrupted; without randomness handles could be guessed.
  if (getentropy(bytes.data(), bytes.size()) != 0) std::abort();
  constexpr char kDigits[] = "0123456789abcdef";
  std::string id;
  id.reserve(2 * bytes.size());
  for (uint8_t byte : bytes) {
    id.push_back(kDigits[byte >> 4]);
    id.push_back(kDigits[byte & 15]);
  }
  return id;
}

}  // namespace pinion::base
