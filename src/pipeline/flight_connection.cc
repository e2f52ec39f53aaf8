#include "pipeline/flight_connection.h"

#include <thread>
#include <utility>

#include <arrow/util/uri.h>

#include "base/mutex.h"
#include "pipeline/flight_window.h"

namespace pinion::internal {

namespace flight = arrow::flight;

namespace {

// docs/wire_protocol.md.
constexpr char kCompressionHeader[] = "x-pinion-compression";

flight::FlightClientOptions ClientOptions(const FlightOptions& options) {
  flight::FlightClientOptions client = flight::FlightClientOptions::Defaults();
  // gRPC gives an attempt to connect as long as this; its default is 20 s.
  client.generic_options.emplace_back("grpc.min_reconnect_backoff_ms",
                                      static_cast<int>(options.connect_timeout.count()));
  LimitFlightWindow(&client);
  if (options.configure_client) options.configure_client(&client);
  return client;
}

arrow::Result<flight::FlightInfo> Plan(flight::FlightClient& client,
                                       const flight::FlightCallOptions& options,
                                       const flight::FlightDescriptor& descriptor) {
  ARROW_ASSIGN_OR_RAISE(auto info, client.GetFlightInfo(options, descriptor));
  return std::move(*info);
}

// The one answer of a call that runs on another thread.
class Answer {
 public:
  void Set(arrow::Result<flight::FlightInfo> info) {
    base::MutexLock lock(mutex_);
    info_ = std::move(info);
    answered_.NotifyAll();
  }

  arrow::Result<flight::FlightInfo> Wait(const std::stop_token& stop) {
    base::MutexLock lock(mutex_);
    const bool answered = answered_.Wait(
        mutex_, stop, [this]() PINION_REQUIRES(mutex_) { return info_.has_value(); });
    if (!answered) return arrow::Status::Cancelled("cancelled");
    return *info_;
  }

 private:
  base::Mutex mutex_;
  base::CondVar answered_;
  std::optional<arrow::Result<flight::FlightInfo>> info_ PINION_GUARDED_BY(mutex_);
};

}  // namespace

arrow::Result<std::unique_ptr<FlightConnection>> FlightConnection::Connect(
    const flight::Location& location, const FlightOptions& options) {
  const flight::FlightClientOptions client_options = ClientOptions(options);
  // Registers the transports too.
  ARROW_ASSIGN_OR_RAISE(auto client,
                        flight::FlightClient::Connect(location, client_options));
  ARROW_ASSIGN_OR_RAISE(
      auto transport,
      flight::internal::GetDefaultTransportRegistry()->MakeClient(location.scheme()));
  arrow::util::Uri uri;
  ARROW_RETURN_NOT_OK(uri.Parse(location.ToString()));
  ARROW_RETURN_NOT_OK(transport->Init(client_options, location, uri));
  flight::FlightCallOptions call_options;
  call_options.headers = options.headers;
  if (!options.compression.empty()) {
    call_options.headers.emplace_back(kCompressionHeader, options.compression);
  }
  // gRPC hands over bodies at any address.
  call_options.read_options.ensure_alignment =
      arrow::ipc::Alignment::kDataTypeSpecificAlignment;
  // Arrow decodes the columns of a batch side by side: not on one thread.
  call_options.read_options.use_threads = options.decoders != 0;
  if (options.memory_pool != nullptr) {
    call_options.read_options.memory_pool = options.memory_pool;
  }
  return std::unique_ptr<FlightConnection>(new FlightConnection(
      std::move(client), std::move(transport), std::move(call_options)));
}

FlightConnection::FlightConnection(
    std::shared_ptr<flight::FlightClient> client,
    std::unique_ptr<flight::internal::ClientTransport> transport,
    flight::FlightCallOptions call_options)
    : client_(std::move(client)),
      transport_(std::move(transport)),
      call_options_(std::move(call_options)) {}

FlightConnection::~FlightConnection() {
  // No stream is open: what closing a channel could report is of no use.
  (void)transport_->Close();
}

arrow::Result<flight::FlightInfo> FlightConnection::GetInfo(
    const flight::FlightDescriptor& descriptor, const std::stop_token& stop) {
  if (!stop.stop_possible()) return Plan(*client_, call_options_, descriptor);
  auto answer = std::make_shared<Answer>();
  std::thread([answer, client = client_, options = call_options_, descriptor] {
    answer->Set(Plan(*client, options, descriptor));
  }).detach();
  return answer->Wait(stop);
}

arrow::Result<std::unique_ptr<flight::internal::ClientDataStream>> FlightConnection::Get(
    const flight::Ticket& ticket) {
  std::unique_ptr<flight::internal::ClientDataStream> stream;
  ARROW_RETURN_NOT_OK(transport_->DoGet(call_options_, ticket, &stream));
  return stream;
}

arrow::Result<std::unique_ptr<flight::internal::ClientDataStream>>
FlightConnection::Put() {
  std::unique_ptr<flight::internal::ClientDataStream> stream;
  ARROW_RETURN_NOT_OK(transport_->DoPut(call_options_, &stream));
  return stream;
}

bool IsConnectionLoss(const arrow::Status& status) {
  const auto detail = flight::FlightStatusDetail::UnwrapStatus(status);
  return detail != nullptr && detail->code() == flight::FlightStatusCode::Unavailable;
}

}  // namespace pinion::internal
