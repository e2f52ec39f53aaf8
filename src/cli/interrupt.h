#pragma once

#include <atomic>
#include <memory>
#include <stop_token>
#include <thread>

#include <arrow/result.h>

#include "base/mutex.h"

namespace pinion::cli {

// Turns SIGINT and SIGTERM into a stop request; a second such signal ends the process
// at once with 128 plus its number.
//
// Create it before any other thread: the signals are blocked for the thread that
// creates it and those started after, and read by a thread of its own, because what a
// stop request runs is more than a signal handler may do. One per process.
class Interrupt {
 public:
  static arrow::Result<std::unique_ptr<Interrupt>> Create();
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  std::stop_token token() const {
    const base::MutexLock lock(mutex_);
    return source_.get_token();
  }
  // The signal that asked to stop, 0 while none has. Any thread.
  int signal() const { return signal_.load(); }
  // After a SIGINT that something smaller than the process has ended for, makes the next
  // one a first one again, with a token of its own. False after a SIGTERM: that is for
  // the process.
  bool Rearm();
  // Whether there ever was a signal.
  bool was_used() const { return used_.load(); }

 private:
  Interrupt(int signals, int quit) : signals_(signals), quit_(quit) {}
  void Watch();

  // A signalfd with the signals, and an eventfd that ends the thread.
  int signals_;
  int quit_;
  std::atomic<int> signal_ = 0;
  std::atomic<bool> used_ = false;
  mutable base::Mutex mutex_;
  std::stop_source source_ PINION_GUARDED_BY(mutex_);
  // Started by watcher_, once for each source.
  std::thread stopper_ PINION_GUARDED_BY(mutex_);
  std::thread watcher_;
};

}  // namespace pinion::cli
