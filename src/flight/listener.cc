#include "flight/listener.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <grpcpp/resource_quota.h>
#include <grpcpp/server_builder.h>

#include "flight/sql_handshake.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;

constexpr int kMinute = 60'000;
constexpr int kSecond = 1'000;

// Clients send tokens and cookies; gRPC's own limit is 8 KB.
constexpr int kMaxMetadataBytes = 32 * 1024;

// Threads of gRPC's own beside those that serve calls.
constexpr int kPollers = 16;

void Configure(const ListenerOptions& options, grpc::ServerBuilder& builder) {
  builder.SetMaxSendMessageSize(-1);
  builder.SetMaxReceiveMessageSize(static_cast<int>(
      std::min<int64_t>(options.max_receive_bytes, std::numeric_limits<int>::max())));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, kMaxMetadataBytes);
  // A client whose host is gone without a word is noticed, whether it has calls or not.
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, kMinute);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  // Clients may ask the same of us every ten seconds, and are not cut off for it.
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             10 * kSecond);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MAX_PING_STRIKES, 0);
  // Two servers on one port would take turns in answering.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  // The gate refuses calls before this, and says why.
  grpc::ResourceQuota quota;
  quota.SetMaxThreads(options.max_calls + kPollers);
  builder.SetResourceQuota(quota);
}

}  // namespace

Result<std::unique_ptr<Listener>> Listener::Start(const ListenAddress& address,
                                                  const ListenerOptions& options,
                                                  std::shared_ptr<CallGate> gate,
                                                  PlainService& plain, SqlService& sql) {
  ARROW_RETURN_NOT_OK(address.CheckFree());
  std::unique_ptr<Listener> listener(new Listener(address, plain, sql));
  arrow::flight::FlightServerOptions server(address.location());
  server.middleware.emplace_back(CallGate::kMiddlewareKey, std::move(gate));
  AnswerHandshake(server);
  server.builder_hook = [&](void* builder) {
    Configure(options, *static_cast<grpc::ServerBuilder*>(builder));
  };
  const Status started = listener->service_.Init(server);
  if (!started.ok()) {
    return Status::IOError("cannot listen at ", address.location().ToString(), ": ",
                           started.message());
  }
  return listener;
}

std::string Listener::location() const { return address_.WithPort(service_.port()); }

Status Listener::Shutdown(std::chrono::system_clock::time_point deadline) {
  const Status status = service_.Shutdown(&deadline);
  address_.RemoveSocketFile();
  return status;
}

}  // namespace pinion::flight
