#pragma once

#include <cstdint>
#include <memory>
#include <utility>

#include <arrow/buffer.h>

#include "base/recycling_pool.h"

namespace pinion::engine::duck {

// Bytes that are appended to and become Arrow buffers, one after the other. Not
// thread-safe. Throws when there is no memory.
class GrowingBuffer {
 public:
  // Bytes behind those reserved that may be written to, too.
  static constexpr int64_t kSlack = 16;

  explicit GrowingBuffer(std::shared_ptr<base::RecyclingPool> pool)
      : pool_(std::move(pool)) {}

  // The place of the next `bytes`, which are to be written.
  uint8_t* Append(int64_t bytes) {
    const int64_t end = size_ + bytes;
    if (end + kSlack > room_) Grow(end + kSlack);
    return buffer_->mutable_data() + std::exchange(size_, end);
  }

  int64_t size() const { return size_; }
  // Null before the first Append.
  uint8_t* data() { return buffer_ == nullptr ? nullptr : buffer_->mutable_data(); }

  // What was appended, which keeps the pool alive. The next buffer begins with as much
  // room.
  std::shared_ptr<arrow::Buffer> Finish();

 private:
  void Grow(int64_t needed);

  std::shared_ptr<base::RecyclingPool> pool_;
  std::unique_ptr<arrow::ResizableBuffer> buffer_;
  int64_t size_ = 0;
  int64_t room_ = 0;
  int64_t first_room_ = 4096;
};

}  // namespace pinion::engine::duck
