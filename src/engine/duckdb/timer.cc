#include "engine/duckdb/timer.h"

#include <stop_token>

namespace pinion::engine::duck {

Timer::Alarm::~Alarm() { timer_->Remove(key_); }

Timer::~Timer() {
  std::thread thread;
  {
    base::MutexLock lock(mutex_);
    stopped_ = true;
    changed_.NotifyAll();
    thread.swap(thread_);
  }
  if (thread.joinable()) thread.join();
}

std::unique_ptr<Timer::Alarm> Timer::Set(Clock::time_point when,
                                         std::function<void()> ring) {
  base::MutexLock lock(mutex_);
  const Key key{when, next_id_++};
  alarms_.emplace(key, std::move(ring));
  if (!thread_.joinable()) thread_ = std::thread([this] { Run(); });
  if (alarms_.begin()->first == key) changed_.NotifyAll();
  return std::unique_ptr<Alarm>(new Alarm(this, key));
}

void Timer::Remove(const Key& key) {
  base::MutexLock lock(mutex_);
  if (alarms_.erase(key) > 0) return;
  if (std::this_thread::get_id() == thread_.get_id()) return;
  changed_.Wait(mutex_, [&]() PINION_REQUIRES(mutex_) { return ringing_ != key.second; });
}

void Timer::Run() {
  mutex_.Lock();
  while (!stopped_) {
    if (alarms_.empty()) {
      changed_.Wait(
          mutex_, [&]() PINION_REQUIRES(mutex_) { return stopped_ || !alarms_.empty(); });
      continue;
    }
    const Key next = alarms_.begin()->first;
    if (Clock::now() < next.first) {
      changed_.WaitUntil(
          mutex_, std::stop_token(), next.first, [&]() PINION_REQUIRES(mutex_) {
            return stopped_ || alarms_.empty() || alarms_.begin()->first != next;
          });
      continue;
    }
    auto ring = std::move(alarms_.begin()->second);
    alarms_.erase(alarms_.begin());
    ringing_ = next.second;
    mutex_.Unlock();
    ring();
    ring = nullptr;
    mutex_.Lock();
    ringing_ = 0;
    changed_.NotifyAll();
  }
  mutex_.Unlock();
}

}  // namespace pinion::engine::duck
