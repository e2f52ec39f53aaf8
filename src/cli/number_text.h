#pragma once

#include <cstdint>
#include <string>

namespace pinion::cli {

// 1234567 as "1,234,567".
std::string GroupedNumber(int64_t number);

// Bytes with three digits and a unit: "999 B", "1.50 KB", "23.4 MB" (powers of 1000).
std::string HumanBytes(int64_t bytes);

// Seconds as "15 ms", "0.8 s", "42 s", "3 min 20 s" or "2 h 5 min".
std::string HumanSeconds(double seconds);

}  // namespace pinion::cli
