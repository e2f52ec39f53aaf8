#include "cli/client.h"

#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

#include <arrow/flight/client_cookie_middleware.h>
#include <arrow/flight/sql/client.h>

#include "base/mutex.h"
#include "cli/status_text.h"

namespace pinion::cli {

namespace {

namespace flight = arrow::flight;

// What a call leaves for the one who waits for it.
template <typename T>
class CallResult {
 public:
  void Set(T value) {
    const base::MutexLock lock(mutex_);
    value_.emplace(std::move(value));
    set_.NotifyOne();
  }

  // Nothing if a stop is requested first.
  std::optional<T> Wait(const std::stop_token& stop) {
    const base::MutexLock lock(mutex_);
    set_.Wait(mutex_, stop,
              [this]() PINION_REQUIRES(mutex_) { return value_.has_value(); });
    return std::exchange(value_, std::nullopt);
  }

 private:
  base::Mutex mutex_;
  base::CondVar set_;
  std::optional<T> value_ PINION_GUARDED_BY(mutex_);
};

// Runs `call`, which returns a Result or a Status, on a thread of its own and waits for
// it. After a stop request the thread is left behind: `call` must own what it uses.
template <typename Call>
auto RunUnlessStopped(const std::stop_token& stop, Call call)
    -> std::invoke_result_t<Call> {
  using T = std::invoke_result_t<Call>;
  auto result = std::make_shared<CallResult<T>>();
  std::thread([result, call = std::move(call)] { result->Set(call()); }).detach();
  std::optional<T> value = result->Wait(stop);
  if (!value) return Interrupted();
  return *std::move(value);
}

// Whether an answer came at all, be it a refusal.
arrow::Status CheckAnswered(const arrow::Status& status, const std::string& uri) {
  // gRPC gives up waiting for the server's first words at about the same time.
  const bool silent =
      HasFlightCode(status, flight::FlightStatusCode::TimedOut) ||
      status.message().find("before receiving SETTINGS frame") != std::string::npos;
  if (silent) {
    return status.WithMessage("no answer from ", uri, " within ",
                              Client::kConnectTimeout.count(),
                              " seconds; is it an Arrow Flight server?");
  }
  if (HasFlightCode(status, flight::FlightStatusCode::Unavailable)) {
    return status.WithMessage("cannot reach ", uri, ": ", ConnectionProblem(status));
  }
  // The answer of a web server.
  if (status.message().find("Received http2 header with status") != std::string::npos) {
    return status.WithMessage("what answers at ", uri, " is no Arrow Flight server");
  }
  return arrow::Status::OK();
}

}  // namespace

arrow::Status Interrupted() { return arrow::Status::Cancelled("interrupted"); }

bool HasFlightCode(const arrow::Status& status, flight::FlightStatusCode code) {
  const auto detail = flight::FlightStatusDetail::UnwrapStatus(status);
  return detail != nullptr && detail->code() == code;
}

Client::Client(const flight::Location& location,
               std::shared_ptr<internal::FlightConnection> connection,
               std::stop_token stop)
    : location_(location),
      connection_(std::move(connection)),
      client_(connection_->client()),
      stop_(std::move(stop)) {}

arrow::Result<std::unique_ptr<Client>> Client::Connect(const flight::Location& location,
                                                       std::stop_token stop,
                                                       const std::string& compression) {
  FlightOptions settings;
  settings.connect_timeout = kConnectTimeout;
  settings.compression = compression;
  settings.configure_client = [](flight::FlightClientOptions* of_client) {
    of_client->middleware.push_back(flight::GetCookieFactory());
  };
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<internal::FlightConnection> connection,
                        internal::FlightConnection::Connect(location, settings));
  // Nothing is sent until the first call. Which actions there are is the cheapest
  // question: it touches no data, and any answer will do.
  flight::FlightCallOptions options;
  options.timeout = kConnectTimeout;
  const arrow::Status answer =
      RunUnlessStopped(stop, [client = connection->client(), options] {
        return client->ListActions(options).status();
      });
  if (stop.stop_requested()) return Interrupted();
  ARROW_RETURN_NOT_OK(CheckAnswered(answer, location.ToString()));
  return std::unique_ptr<Client>(
      new Client(location, std::move(connection), std::move(stop)));
}

arrow::Result<std::vector<flight::FlightInfo>> Client::List() {
  return RunUnlessStopped(
      stop_, [client = client_]() -> arrow::Result<std::vector<flight::FlightInfo>> {
        ARROW_ASSIGN_OR_RAISE(auto listing, client->ListFlights());
        std::vector<flight::FlightInfo> infos;
        while (true) {
          ARROW_ASSIGN_OR_RAISE(auto info, listing->Next());
          if (info == nullptr) return infos;
          infos.push_back(std::move(*info));
        }
      });
}

arrow::Result<flight::FlightInfo> Client::GetInfo(
    const flight::FlightDescriptor& descriptor) {
  ARROW_ASSIGN_OR_RAISE(auto info,
                        RunUnlessStopped(stop_, [client = client_, descriptor] {
                          return client->GetFlightInfo(descriptor);
                        }));
  return std::move(*info);
}

arrow::Status Client::OpenSession() {
  const arrow::Status status = RunUnlessStopped(
      stop_, [client = client_] { return client->SetSessionOptions({}, {}).status(); });
  has_session_ = status.ok();
  return status.IsNotImplemented() ? arrow::Status::OK() : status;
}

arrow::Status Client::CloseSession() {
  if (!std::exchange(has_session_, false)) return arrow::Status::OK();
  return RunUnlessStopped(
      stop_, [client = client_] { return client->CloseSession({}, {}).status(); });
}

arrow::Result<flight::FlightInfo> Client::Execute(const std::string& sql) {
  ARROW_ASSIGN_OR_RAISE(auto info, RunUnlessStopped(stop_, [client = client_, sql] {
                          return flight::sql::FlightSqlClient(client).Execute({}, sql);
                        }));
  return std::move(*info);
}

arrow::Result<std::unique_ptr<internal::FlightDownload>> Client::Open(
    const flight::Ticket& ticket) {
  return internal::FlightDownload::Open(connection_, ticket, internal::DefaultDecoders(),
                                        stop_);
}

}  // namespace pinion::cli
