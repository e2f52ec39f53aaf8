#include "pipeline/byte_text.h"

#include <array>
#include <cmath>
#include <cstdio>

namespace pinion::internal {

namespace {

std::string ThreeDigits(double value, const char* unit) {
  const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
  std::array<char, 64> text;
  std::snprintf(text.data(), text.size(), "%.*f %s", decimals, value, unit);
  return text.data();
}

}  // namespace

std::string ByteText(int64_t bytes) {
  if (bytes < 1000) return std::to_string(bytes) + " B";
  constexpr std::array kUnits{"KB", "MB", "GB", "TB", "PB", "EB"};
  double value = static_cast<double>(bytes) / 1000;
  size_t unit = 0;
  for (; value >= 999.5 && unit + 1 < kUnits.size(); ++unit) value /= 1000;
  return ThreeDigits(value, kUnits[unit]);
}

std::string DurationText(std::chrono::nanoseconds time) {
  const auto count = static_cast<double>(time.count());
  if (count < 1e6) return ThreeDigits(count / 1e3, "us");
  if (count < 1e9) return ThreeDigits(count / 1e6, "ms");
  return ThreeDigits(count / 1e9, "s");
}

}  // namespace pinion::internal
