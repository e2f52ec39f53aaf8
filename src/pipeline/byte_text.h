#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pinion::internal {

// "5.2 MiB", "900 B"
std::string ByteText(int64_t bytes);
// "1.25 s", "3.4 ms"
std::string DurationText(std::chrono::nanoseconds time);

}  // namespace pinion::internal
