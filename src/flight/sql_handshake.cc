#include "flight/sql_handshake.h"

#include <memory>
#include <string>

#include <arrow/flight/server_auth.h>
#include <arrow/flight/server_middleware.h>

namespace pinion::flight {
namespace {

using arrow::Status;
using arrow::flight::ServerCallContext;

constexpr char kAuthorization[] = "authorization";
// Says what it is worth.
constexpr char kToken[] = "no-authentication";

class AcceptAll final : public arrow::flight::ServerAuthHandler {
 public:
  Status Authenticate(const ServerCallContext& context,
                      arrow::flight::ServerAuthSender* outgoing,
                      arrow::flight::ServerAuthReader* incoming) override {
    // Credentials in a header: the answer is one too, and the client may wait for it
    // before it ends its side of the stream.
    if (context.incoming_headers().contains(kAuthorization)) return Status::OK();
    std::string credentials;
    ARROW_RETURN_NOT_OK(incoming->Read(&credentials));
    return outgoing->Write(kToken);
  }

  Status IsValid(const ServerCallContext&, const std::string&,
                 std::string* peer_identity) override {
    peer_identity->clear();
    return Status::OK();
  }
};

class SendBearer final : public arrow::flight::ServerMiddleware {
 public:
  std::string name() const override { return "pinion-handshake"; }
  void SendingHeaders(arrow::flight::AddCallHeaders* headers) override {
    headers->AddHeader(kAuthorization, std::string("Bearer ") + kToken);
  }
  void CallCompleted(const Status&) override {}
};

class SendBearerInHandshakes final : public arrow::flight::ServerMiddlewareFactory {
 public:
  Status StartCall(
      const arrow::flight::CallInfo& info, const ServerCallContext&,
      std::shared_ptr<arrow::flight::ServerMiddleware>* middleware) override {
    if (info.method == arrow::flight::FlightMethod::Handshake) {
      *middleware = std::make_shared<SendBearer>();
    }
    return Status::OK();
  }
};

}  // namespace

void AnswerHandshake(arrow::flight::FlightServerOptions& options) {
  options.auth_handler = std::make_shared<AcceptAll>();
  options.middleware.emplace_back("pinion-handshake",
                                  std::make_shared<SendBearerInHandshakes>());
}

}  // namespace pinion::flight
