#include "cli/interrupt.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <arrow/util/io_util.h>

#include "cli/program.h"

namespace pinion::cli {

arrow::Result<std::unique_ptr<Interrupt>> Interrupt::Create() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  if (const int error = ::pthread_sigmask(SIG_BLOCK, &set, nullptr); error != 0) {
    return arrow::internal::IOErrorFromErrno(error, "cannot block signals");
  }
  const int signals = ::signalfd(-1, &set, SFD_CLOEXEC);
  if (signals < 0) {
    return arrow::internal::IOErrorFromErrno(errno, "cannot listen for signals");
  }
  const int quit = ::eventfd(0, EFD_CLOEXEC);
  if (quit < 0) {
    const int error = errno;
    ::close(signals);
    return arrow::internal::IOErrorFromErrno(error, "cannot listen for signals");
  }
  std::unique_ptr<Interrupt> interrupt(new Interrupt(signals, quit));
  interrupt->watcher_ = std::thread([raw = interrupt.get()] { raw->Watch(); });
  return interrupt;
}

Interrupt::~Interrupt() {
  ::eventfd_write(quit_, 1);
  if (watcher_.joinable()) watcher_.join();
  (void)Rearm();
  ::close(signals_);
  ::close(quit_);
}

bool Interrupt::Rearm() {
  const base::MutexLock lock(mutex_);
  if (stopper_.joinable()) stopper_.join();
  if (signal_ == SIGTERM) return false;
  source_ = std::stop_source();
  signal_ = 0;
  return true;
}

void Interrupt::Watch() {
  std::array<pollfd, 2> waits{{{signals_, POLLIN, 0}, {quit_, POLLIN, 0}}};
  while (true) {
    if (::poll(waits.data(), waits.size(), -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if ((waits[1].revents & POLLIN) != 0) return;
    signalfd_siginfo info{};
    if (::read(signals_, &info, sizeof(info)) != sizeof(info)) continue;
    const int number = static_cast<int>(info.ssi_signo);
    // Before the lock: Rearm holds it while the callbacks of the first one run.
    int none = 0;
    if (!signal_.compare_exchange_strong(none, number)) {
      ::_exit(kExitSignalBase + number);
    }
    used_ = true;
    const base::MutexLock lock(mutex_);
    // A stop request runs callbacks, which may take their time; a second signal must
    // end the process all the same, so they get a thread to themselves.
    stopper_ = std::thread([source = source_]() mutable { source.request_stop(); });
  }
}

}  // namespace pinion::cli
