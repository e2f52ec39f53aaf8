#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace pinion::pipeline {

// A good 64-bit hash of a 64-bit value (the finaliser of MurmurHash3).
inline uint64_t HashOf(uint64_t value) {
  value ^= value >> 33;
  value *= 0xff51afd7ed558ccdULL;
  value ^= value >> 33;
  value *= 0xc4ceb9fe1a85ec53ULL;
  value ^= value >> 33;
  return value;
}

// The first eight bytes of a text, zeros behind its end. Bytes up to `end`, which is not
// before the end of the text, may be read, and are not taken: eight at once are quicker.
inline uint64_t FirstWord(const char* text, size_t size, const char* end) {
  uint64_t word = 0;
  if (end - text >= 8) {
    std::memcpy(&word, text, 8);
    return size >= 8 ? word : word & ((uint64_t{1} << (8 * size)) - 1);
  }
  std::memcpy(&word, text, size < 8 ? size : 8);
  return word;
}

// `end` as for FirstWord.
inline uint64_t HashOf(std::string_view text, const char* end) {
  uint64_t hash = text.size() * 0x9e3779b97f4a7c15ULL;
  const char* data = text.data();
  size_t left = text.size();
  for (; left >= 8; data += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, data, 8);
    hash = HashOf(hash ^ word);
  }
  return HashOf(hash ^ FirstWord(data, left, end) ^ (uint64_t{left} << 56));
}

inline uint64_t HashOf(std::string_view text) {
  return HashOf(text, text.data() + text.size());
}

// About how many different values there were, from their hashes: HyperLogLog with 4096
// registers, right within 1.6 % (one standard deviation), and nearly exact for few.
class DistinctSketch {
 public:
  void Add(uint64_t hash) {
    const size_t index = hash >> (64 - kIndexBits);
    // The highest bit below the index that is set, counted from the left from 1.
    const uint64_t rest = (hash << kIndexBits) | (uint64_t{1} << (kIndexBits - 1));
    const auto rank = static_cast<uint8_t>(std::countl_zero(rest) + 1);
    if (rank > registers_[index]) registers_[index] = rank;
  }

  void Merge(const DistinctSketch& other);
  int64_t Estimate() const;

 private:
  static constexpr int kIndexBits = 12;
  static constexpr size_t kRegisters = size_t{1} << kIndexBits;

  std::array<uint8_t, kRegisters> registers_{};
};

}  // namespace pinion::pipeline
