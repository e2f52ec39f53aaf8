#include "cli/location.h"

#include <array>

#include <arrow/util/uri.h>

#include "base/near_names.h"
#include "cli/command.h"

namespace pinion::cli {

namespace {

constexpr std::array<std::string_view, 4> kSchemes = {"grpc", "grpc+tcp", "grpc+tls",
                                                      "grpc+unix"};
// What sockaddr_un holds, less the zero at the end.
constexpr size_t kMaxSocketPathBytes = 107;

arrow::Status Malformed(std::string_view text, std::string_view problem) {
  return UsageError(base::QuoteForMessage(text) +
                    " is no address of a server: " + std::string(problem) +
                    "; one looks like grpc://127.0.0.1:8815 or grpc+unix:///run/x.sock");
}

bool IsKnownScheme(std::string_view scheme) {
  for (const std::string_view known : kSchemes) {
    if (scheme == known) return true;
  }
  return false;
}

}  // namespace

arrow::Result<arrow::flight::Location> ParseLocation(std::string_view text) {
  if (text.empty()) return Malformed(text, "it is empty");
  const bool has_scheme = text.find("://") != std::string_view::npos;
  const std::string full = has_scheme ? std::string(text) : "grpc://" + std::string(text);
  const std::string scheme = full.substr(0, full.find("://"));
  if (!IsKnownScheme(scheme)) {
    return Malformed(text, "the scheme is none of grpc, grpc+tcp, grpc+tls, grpc+unix");
  }
  arrow::util::Uri uri;
  if (const arrow::Status parsed = uri.Parse(full); !parsed.ok()) {
    const bool port = parsed.message().find("port number") != std::string::npos;
    return Malformed(text, port ? "a port is a number up to 65535" : "it does not parse");
  }
  if (!uri.query_string().empty()) return Malformed(text, "it has a query ('?...')");
  if (scheme == "grpc+unix") {
    if (!uri.host().empty()) return Malformed(text, "a path starts with a third '/'");
    if (uri.path().size() < 2)
      return Malformed(text, "the path of the socket is missing");
    if (uri.path().size() > kMaxSocketPathBytes) {
      return Malformed(text, "the path of a socket has at most 107 bytes");
    }
    return arrow::flight::Location::Parse(full);
  }
  if (uri.host().empty()) return Malformed(text, "the host is missing");
  if (uri.port() < 0) return Malformed(text, "the port is missing");
  if (!uri.username().empty()) return Malformed(text, "it has a user name in it");
  if (!uri.path().empty() && uri.path() != "/") {
    return Malformed(text, "it has a path after the port");
  }
  return arrow::flight::Location::Parse(
      scheme + "://" + arrow::util::UriEncodeHost(uri.host()) + ":" + uri.port_text());
}

}  // namespace pinion::cli
