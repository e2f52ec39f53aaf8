#pragma once

#include <cstdint>
#include <memory>

#include "base/mutex.h"

namespace pinion::engine::duck {

// How far the engine may run ahead of the readers of its results: shares out one limit
// among those that are open. DuckDB keeps rows in the order of the table, so a worker
// that is ahead of the others goes on only while the buffer has room; a result alone is
// given several row groups' worth.
//
// Thread-safe. Never waits: each result gets at least kLeast.
class ResultBuffers : public std::enable_shared_from_this<ResultBuffers> {
 public:
  static constexpr int64_t kLeast = int64_t{4} << 20;
  static constexpr int64_t kMost = int64_t{64} << 20;

  // One result's share, given back by destruction. Keeps the whole alive.
  class Share {
   public:
    Share(std::shared_ptr<ResultBuffers> whole, int64_t bytes);
    ~Share();
    Share(const Share&) = delete;
    Share& operator=(const Share&) = delete;

    int64_t bytes() const { return bytes_; }

   private:
    const std::shared_ptr<ResultBuffers> whole_;
    const int64_t bytes_;
  };

  explicit ResultBuffers(int64_t max_bytes) : free_(max_bytes) {}

  // A quarter of what is left, within the bounds above.
  std::unique_ptr<Share> Take() PINION_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  // Below zero when all have the least that they may have.
  int64_t free_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::engine::duck
