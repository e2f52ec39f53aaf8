#include "engine/duckdb/result_buffers.h"

#include <algorithm>
#include <utility>

namespace pinion::engine::duck {

ResultBuffers::Share::Share(std::shared_ptr<ResultBuffers> whole, int64_t bytes)
    : whole_(std::move(whole)), bytes_(bytes) {}

ResultBuffers::Share::~Share() {
  const base::MutexLock lock(whole_->mutex_);
  whole_->free_ += bytes_;
}

std::unique_ptr<ResultBuffers::Share> ResultBuffers::Take() {
  const base::MutexLock lock(mutex_);
  const int64_t bytes = std::clamp(free_ / 4, kLeast, kMost);
  free_ -= bytes;
  return std::make_unique<Share>(shared_from_this(), bytes);
}

}  // namespace pinion::engine::duck
