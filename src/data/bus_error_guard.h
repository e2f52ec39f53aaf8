#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace pinion::data {

// Keeps the process alive when a mapped file can no longer be read: memory beyond the end
// of a file that was cut, or on a disk that fails, raises SIGBUS where it is touched.
// While a guard covers the mapping, such memory turns into zeros instead and the guard is
// broken from then on; whoever reads the mapping must look at broken() afterwards.
//
// The signal handler is installed with the first guard; faults elsewhere go on to the
// handler that was there before. Thread-safe.
class BusErrorGuard {
 public:
  // Covers memory that is mapped until after the destructor.
  BusErrorGuard(const void* begin, size_t bytes);
  ~BusErrorGuard();
  BusErrorGuard(const BusErrorGuard&) = delete;
  BusErrorGuard& operator=(const BusErrorGuard&) = delete;

  bool broken() const;

  // What the signal handler sees of a guard. Never freed, so that the handler can walk
  // the list without a lock, but used again.
  struct Region {
    std::atomic<uintptr_t> begin = 0;  // 0: unused
    std::atomic<uintptr_t> end = 0;
    std::atomic<bool> broken = false;
    Region* next = nullptr;
  };

 private:
  Region* const region_;
};

}  // namespace pinion::data
