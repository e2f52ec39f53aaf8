#include "base/recycling_pool.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace pinion::base {

RecyclingPool::~RecyclingPool() { ReleaseUnused(); }

bool RecyclingPool::IsKept(int64_t size, int64_t alignment) {
  return size >= kMinBytes && size <= kMaxBytes &&
         alignment <= arrow::kDefaultBufferAlignment;
}

size_t RecyclingPool::ClassOf(int64_t size) {
  // The power of two below, and which quarter of the way to the next.
  const int power = std::bit_width(static_cast<uint64_t>(size - 1)) - 1;
  const int64_t quarter = int64_t{1} << (power - 2);
  const int64_t above = (size - (int64_t{1} << power) + quarter - 1) / quarter;
  return static_cast<size_t>(4 * (power - 14) + above);
}

int64_t RecyclingPool::BytesOf(size_t size_class) {
  const int64_t power = int64_t{1} << (14 + size_class / 4);
  return power + power / 4 * static_cast<int64_t>(size_class % 4);
}

arrow::Status RecyclingPool::Allocate(int64_t size, int64_t alignment, uint8_t** out) {
  if (!IsKept(size, alignment)) return base_->Allocate(size, alignment, out);
  const size_t size_class = ClassOf(size);
  {
    const base::MutexLock lock(mutex_);
    auto& blocks = kept_[size_class];
    if (!blocks.empty()) {
      *out = blocks.back();
      blocks.pop_back();
      kept_bytes_ -= BytesOf(size_class);
      return arrow::Status::OK();
    }
  }
  return base_->Allocate(BytesOf(size_class), arrow::kDefaultBufferAlignment, out);
}

arrow::Status RecyclingPool::Reallocate(int64_t old_size, int64_t new_size,
                                        int64_t alignment, uint8_t** ptr) {
  const bool was_kept = IsKept(old_size, alignment);
  const bool is_kept = IsKept(new_size, alignment);
  if (!was_kept && !is_kept) {
    return base_->Reallocate(old_size, new_size, alignment, ptr);
  }
  if (was_kept && is_kept && ClassOf(old_size) == ClassOf(new_size)) {
    return arrow::Status::OK();
  }
  uint8_t* moved = nullptr;
  ARROW_RETURN_NOT_OK(Allocate(new_size, alignment, &moved));
  std::memcpy(moved, *ptr, static_cast<size_t>(std::min(old_size, new_size)));
  Free(*ptr, old_size, alignment);
  *ptr = moved;
  return arrow::Status::OK();
}

void RecyclingPool::Free(uint8_t* buffer, int64_t size, int64_t alignment) {
  if (!IsKept(size, alignment)) {
    base_->Free(buffer, size, alignment);
    return;
  }
  const size_t size_class = ClassOf(size);
  const int64_t bytes = BytesOf(size_class);
  {
    const base::MutexLock lock(mutex_);
    if (kept_bytes_ + bytes <= max_kept_bytes_) {
      kept_[size_class].push_back(buffer);
      kept_bytes_ += bytes;
      return;
    }
  }
  base_->Free(buffer, bytes, arrow::kDefaultBufferAlignment);
}

void RecyclingPool::ReleaseUnused() {
  const base::MutexLock lock(mutex_);
  for (size_t size_class = 0; size_class < kClasses; ++size_class) {
    for (uint8_t* block : kept_[size_class]) {
      base_->Free(block, BytesOf(size_class), arrow::kDefaultBufferAlignment);
    }
    kept_[size_class].clear();
  }
  kept_bytes_ = 0;
}

int64_t RecyclingPool::kept_bytes() const {
  const base::MutexLock lock(mutex_);
  return kept_bytes_;
}

}  // namespace pinion::base
