#include "data/bus_error_guard.h"

#include <cerrno>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/mutex.h"

namespace pinion::data {
namespace {

// The state is global because a signal handler has no other.
std::atomic<BusErrorGuard::Region*> first_region = nullptr;
struct sigaction former_action;
uintptr_t page_bytes = 0;

static_assert(std::atomic<uintptr_t>::is_always_lock_free &&
              std::atomic<BusErrorGuard::Region*>::is_always_lock_free);

// Puts zeros in place of what cannot be read, from the failing page to the end of its
// region. Makes only system calls that are safe in a handler.
bool Contain(void* fault) {
  const auto address = reinterpret_cast<uintptr_t>(fault);
  for (auto* region = first_region.load(); region != nullptr; region = region->next) {
    const uintptr_t begin = region->begin.load();
    const uintptr_t end = region->end.load();
    if (begin == 0 || address < begin || address >= end) continue;
    const uintptr_t into_page = address & (page_bytes - 1);
    void* zeros =
        mmap(static_cast<char*>(fault) - into_page, end - (address - into_page),
             PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (zeros == MAP_FAILED) return false;
    region->broken.store(true);
    return true;
  }
  return false;
}

void OnBusError(int signal, siginfo_t* info, void* context) {
  const int saved_errno = errno;
  const bool is_fault = info->si_code > 0;  // and not sent by kill
  if (is_fault && Contain(info->si_addr)) {
    errno = saved_errno;
    return;
  }
  if ((former_action.sa_flags & SA_SIGINFO) != 0) {
    former_action.sa_sigaction(signal, info, context);
  } else if (former_action.sa_handler == SIG_DFL) {
    // Delivered again when this handler returns, to end the process as it would have.
    sigaction(signal, &former_action, nullptr);
    raise(signal);
  } else if (former_action.sa_handler != SIG_IGN) {
    former_action.sa_handler(signal);
  }
  errno = saved_errno;
}

void InstallHandler() {
  page_bytes = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  struct sigaction action = {};
  action.sa_sigaction = OnBusError;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, nullptr, &former_action);
  sigaction(SIGBUS, &action, nullptr);
}

BusErrorGuard::Region* TakeRegion(uintptr_t begin, uintptr_t end) {
  static base::Mutex mutex;
  static const bool installed = (InstallHandler(), true);
  (void)installed;
  base::MutexLock lock(mutex);
  auto* region = first_region.load();
  while (region != nullptr && region->begin.load() != 0) region = region->next;
  const bool is_new = region == nullptr;
  if (is_new) region = new BusErrorGuard::Region;
  region->broken.store(false);
  region->end.store(end);
  region->begin.store(begin);
  if (is_new) {
    region->next = first_region.load();
    first_region.store(region);
  }
  return region;
}

}  // namespace

BusErrorGuard::BusErrorGuard(const void* begin, size_t bytes)
    : region_(TakeRegion(reinterpret_cast<uintptr_t>(begin),
                         reinterpret_cast<uintptr_t>(begin) + bytes)) {}

BusErrorGuard::~BusErrorGuard() { region_->begin.store(0); }

bool BusErrorGuard::broken() const { return region_->broken.load(); }

}  // namespace pinion::data
