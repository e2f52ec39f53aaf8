#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <arrow/memory_pool.h>
#include <arrow/status.h>

#include "base/mutex.h"

namespace pinion::base {

// A memory pool for batches that come and go: large blocks that are freed are kept for
// the next batch, up to so many bytes. A fresh block costs a page fault for each of its
// pages, and a general allocator either pays that again for every batch or keeps without
// bound.
//
// Thread-safe. Must outlive what was allocated from it.
class RecyclingPool : public arrow::MemoryPool {
 public:
  explicit RecyclingPool(int64_t max_kept_bytes) : max_kept_bytes_(max_kept_bytes) {}
  ~RecyclingPool() override;

  using MemoryPool::Allocate;
  using MemoryPool::Free;
  using MemoryPool::Reallocate;
  arrow::Status Allocate(int64_t size, int64_t alignment, uint8_t** out) override;
  arrow::Status Reallocate(int64_t old_size, int64_t new_size, int64_t alignment,
                           uint8_t** ptr) override;
  void Free(uint8_t* buffer, int64_t size, int64_t alignment) override;
  void ReleaseUnused() override PINION_EXCLUDES(mutex_);

  int64_t bytes_allocated() const override { return base_->bytes_allocated(); }
  int64_t max_memory() const override { return base_->max_memory(); }
  int64_t total_bytes_allocated() const override {
    return base_->total_bytes_allocated();
  }
  int64_t num_allocations() const override { return base_->num_allocations(); }
  std::string backend_name() const override { return base_->backend_name(); }

  // What is kept for the next batch.
  int64_t kept_bytes() const PINION_EXCLUDES(mutex_);

 private:
  // Sizes are rounded up to one of four classes between a power of two and the next.
  static constexpr int64_t kMinBytes = int64_t{1} << 14;
  static constexpr int64_t kMaxBytes = int64_t{1} << 26;
  static constexpr size_t kClasses = 4 * (26 - 14) + 1;

  static bool IsKept(int64_t size, int64_t alignment);
  static size_t ClassOf(int64_t size);
  static int64_t BytesOf(size_t size_class);

  arrow::MemoryPool* const base_ = arrow::system_memory_pool();
  const int64_t max_kept_bytes_;
  mutable base::Mutex mutex_;
  std::array<std::vector<uint8_t*>, kClasses> kept_ PINION_GUARDED_BY(mutex_);
  int64_t kept_bytes_ PINION_GUARDED_BY(mutex_) = 0;
};

}  // namespace pinion::base
