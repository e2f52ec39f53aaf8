#include "engine/duckdb/timer.h"

#include <map>
#include <stop_token>
#include <thread>

#include "base/mutex.h"

namespace pinion::engine::duck {

class Timer::State {
 public:
  using Key = std::pair<Clock::time_point, uint64_t>;

  Key Add(const std::shared_ptr<State>& self, Clock::time_point when,
          std::function<void()> ring) PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    const Key key{when, next_id_++};
    alarms_.emplace(key, std::move(ring));
    if (!thread_.joinable()) thread_ = std::thread([self] { self->Run(); });
    if (alarms_.begin()->first == key) changed_.NotifyAll();
    return key;
  }

  void Remove(const Key& key) PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    if (alarms_.erase(key) > 0) return;
    if (std::this_thread::get_id() == thread_id_) return;
    changed_.Wait(mutex_,
                  [&]() PINION_REQUIRES(mutex_) { return ringing_ != key.second; });
  }

  void Stop() PINION_EXCLUDES(mutex_) {
    std::thread thread;
    {
      base::MutexLock lock(mutex_);
      stopped_ = true;
      changed_.NotifyAll();
      thread.swap(thread_);
    }
    if (!thread.joinable()) return;
    if (thread.get_id() == std::this_thread::get_id()) {
      thread.detach();
    } else {
      thread.join();
    }
  }

 private:
  void Run() PINION_EXCLUDES(mutex_) {
    base::MutexLock lock(mutex_);
    thread_id_ = std::this_thread::get_id();
    while (!stopped_) {
      if (alarms_.empty()) {
        changed_.Wait(mutex_, [&]() PINION_REQUIRES(mutex_) {
          return stopped_ || !alarms_.empty();
        });
        continue;
      }
      const Key next = alarms_.begin()->first;
      if (Clock::now() >= next.first) {
        RingFirst();
        continue;
      }
      changed_.WaitUntil(
          mutex_, std::stop_token(), next.first, [&]() PINION_REQUIRES(mutex_) {
            return stopped_ || alarms_.empty() || alarms_.begin()->first != next;
          });
    }
  }

  void RingFirst() PINION_REQUIRES(mutex_) {
    auto ring = std::move(alarms_.begin()->second);
    ringing_ = alarms_.begin()->first.second;
    alarms_.erase(alarms_.begin());
    mutex_.Unlock();
    ring();
    ring = nullptr;
    mutex_.Lock();
    ringing_ = 0;
    changed_.NotifyAll();
  }

  base::Mutex mutex_;
  base::CondVar changed_;
  std::map<Key, std::function<void()>> alarms_ PINION_GUARDED_BY(mutex_);
  uint64_t next_id_ PINION_GUARDED_BY(mutex_) = 1;
  uint64_t ringing_ PINION_GUARDED_BY(mutex_) = 0;
  bool stopped_ PINION_GUARDED_BY(mutex_) = false;
  std::thread thread_ PINION_GUARDED_BY(mutex_);
  std::thread::id thread_id_ PINION_GUARDED_BY(mutex_);
};

Timer::Alarm::~Alarm() { state_->Remove(key_); }

Timer::Timer() : state_(std::make_shared<State>()) {}

Timer::~Timer() { state_->Stop(); }

std::unique_ptr<Timer::Alarm> Timer::Set(Clock::time_point when,
                                         std::function<void()> ring) {
  return std::unique_ptr<Alarm>(
      new Alarm(state_, state_->Add(state_, when, std::move(ring))));
}

}  // namespace pinion::engine::duck
