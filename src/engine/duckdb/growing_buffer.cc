#include "engine/duckdb/growing_buffer.h"

#include <algorithm>

#include "engine/duckdb/error_translation.h"

namespace pinion::engine::duck {

void GrowingBuffer::Grow(int64_t needed) {
  const int64_t room = std::max({needed, first_room_, 2 * room_});
  if (buffer_ == nullptr) {
    auto made = arrow::AllocateResizableBuffer(room, pool_.get());
    if (!made.ok()) Throw(made.status());
    buffer_ = made.MoveValueUnsafe();
  } else if (const auto grown = buffer_->Resize(room); !grown.ok()) {
    Throw(grown);
  }
  room_ = room;
}

std::shared_ptr<arrow::Buffer> GrowingBuffer::Finish() {
  if (buffer_ == nullptr) Grow(kSlack);
  const auto cut = buffer_->Resize(size_, /*shrink_to_fit=*/false);
  if (!cut.ok()) Throw(cut);
  first_room_ = std::max(size_ + size_ / 8 + kSlack, int64_t{4096});
  size_ = 0;
  room_ = 0;
  return {buffer_.release(), [pool = pool_](arrow::Buffer* buffer) { delete buffer; }};
}

}  // namespace pinion::engine::duck
