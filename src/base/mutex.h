// Locks that clang's thread-safety analysis (-Wthread-safety) understands.
//
// Mark what a lock guards with PINION_GUARDED_BY(mutex_) and functions that expect it
// held with PINION_REQUIRES(mutex_). A lambda that touches guarded members under the lock
// says so too: [this]() PINION_REQUIRES(mutex_) { return !items_.empty(); }
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <utility>

#if defined(__clang__)
#define PINION_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define PINION_THREAD_ATTRIBUTE(x)
#endif

#define PINION_CAPABILITY(x) PINION_THREAD_ATTRIBUTE(capability(x))
#define PINION_SCOPED_CAPABILITY PINION_THREAD_ATTRIBUTE(scoped_lockable)
#define PINION_GUARDED_BY(x) PINION_THREAD_ATTRIBUTE(guarded_by(x))
#define PINION_PT_GUARDED_BY(x) PINION_THREAD_ATTRIBUTE(pt_guarded_by(x))
#define PINION_REQUIRES(...) PINION_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define PINION_EXCLUDES(...) PINION_THREAD_ATTRIBUTE(locks_excluded(__VA_ARGS__))
#define PINION_ACQUIRE(...) PINION_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define PINION_RELEASE(...) PINION_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define PINION_NO_THREAD_SAFETY_ANALYSIS \
  PINION_THREAD_ATTRIBUTE(no_thread_safety_analysis)

namespace pinion::base {

class PINION_CAPABILITY("mutex") Mutex {
 public:
  Mutex() = default;
  Mutex(const Mutex&) = delete;
  Mutex& operator=(const Mutex&) = delete;

  void Lock() PINION_ACQUIRE() { mutex_.lock(); }
  void Unlock() PINION_RELEASE() { mutex_.unlock(); }

  // What std::condition_variable_any calls; use Lock and Unlock elsewhere.
  void lock() PINION_ACQUIRE() { mutex_.lock(); }
  void unlock() PINION_RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

// Holds a Mutex from construction to destruction.
class PINION_SCOPED_CAPABILITY MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) PINION_ACQUIRE(mutex) : mutex_(mutex) {
    mutex_.Lock();
  }
  ~MutexLock() PINION_RELEASE() { mutex_.Unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

// A condition to wait for while holding a Mutex, which is released during the wait. Every
// wait takes the predicate, so a spurious wake-up goes unnoticed.
class CondVar {
 public:
  template <typename Predicate>
  void Wait(Mutex& mutex, Predicate predicate)
      PINION_REQUIRES(mutex) PINION_NO_THREAD_SAFETY_ANALYSIS {
    condition_.wait(mutex, std::move(predicate));
  }

  // Gives up when `stop` is requested; returns what the predicate says then.
  template <typename Predicate>
  bool Wait(Mutex& mutex, std::stop_token stop, Predicate predicate)
      PINION_REQUIRES(mutex) PINION_NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait(mutex, std::move(stop), std::move(predicate));
  }

  // Gives up when `stop` is requested or at the deadline; returns what the predicate
  // says.
  template <typename Clock, typename Duration, typename Predicate>
  bool WaitUntil(Mutex& mutex, std::stop_token stop,
                 std::chrono::time_point<Clock, Duration> deadline, Predicate predicate)
      PINION_REQUIRES(mutex) PINION_NO_THREAD_SAFETY_ANALYSIS {
    return condition_.wait_until(mutex, std::move(stop), deadline, std::move(predicate));
  }

  void NotifyOne() { condition_.notify_one(); }
  void NotifyAll() { condition_.notify_all(); }

 private:
  std::condition_variable_any condition_;
};

}  // namespace pinion::base
