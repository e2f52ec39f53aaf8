#include "pipeline/rate_limit.h"

#include <algorithm>

#include "pipeline/interruptible.h"

namespace pinion::internal {

bool RateLimit::Spend(int64_t bytes, const std::stop_token& stop) {
  if (rate_ <= 0) return !stop.stop_requested();
  const auto cost =
      std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(
          static_cast<double>(bytes) / static_cast<double>(rate_)));
  Clock::time_point paid;
  {
    base::MutexLock lock(mutex_);
    paid_ = std::max(paid_, Clock::now()) + cost;
    paid = paid_;
  }
  return SleepUnlessStopped(stop, paid - Clock::now());
}

}  // namespace pinion::internal
