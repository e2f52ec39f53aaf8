#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <arrow/result.h>
#include <arrow/status.h>

#include "flight/call_gate.h"
#include "flight/listen_address.h"
#include "flight/service.h"

namespace pinion::flight {

struct ListenerOptions {
  int max_calls = 1024;
  int64_t max_receive_bytes = int64_t{256} << 20;
};

// One address at which a server's parts are served, with gRPC's settings for it.
//
// Shutdown may run on a thread of its own; otherwise used by one thread. Borrows the
// parts.
class Listener {
 public:
  // Accepts calls when it returns.
  static arrow::Result<std::unique_ptr<Listener>> Start(const ListenAddress& address,
                                                        const ListenerOptions& options,
                                                        std::shared_ptr<CallGate> gate,
                                                        PlainService& plain,
                                                        SqlService& sql);

  // The URI of the address, with the port that it got.
  std::string location() const;

  // Stops accepting, waits for calls until the deadline, cancels them, waits until their
  // handlers have returned. Once.
  arrow::Status Shutdown(std::chrono::system_clock::time_point deadline);

 private:
  Listener(ListenAddress address, PlainService& plain, SqlService& sql)
      : address_(std::move(address)), service_(plain, sql) {}

  const ListenAddress address_;
  Service service_;
};

}  // namespace pinion::flight
