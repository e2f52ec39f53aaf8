#include "flight/listen_address.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <arrow/util/uri.h>

#include "base/near_names.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::Location;

constexpr char kForms[] = "expected grpc://HOST:PORT or grpc+unix:///absolute/path";

class Socket {
 public:
  Socket(int family, int type, int protocol)
      : fd_(::socket(family, type | SOCK_CLOEXEC, protocol)) {}
  ~Socket() {
    if (fd_ >= 0) ::close(fd_);
  }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  int fd() const { return fd_; }

 private:
  const int fd_;
};

sockaddr_un UnixAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::copy(path.begin(), path.end(), address.sun_path);
  return address;
}

const sockaddr* AsGeneric(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

// 0, or the errno of binding a socket there as gRPC does.
int TryBind(const addrinfo& address) {
  const Socket socket(address.ai_family, address.ai_socktype, address.ai_protocol);
  if (socket.fd() < 0) return errno;
  const int on = 1;
  ::setsockopt(socket.fd(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (::bind(socket.fd(), address.ai_addr, address.ai_addrlen) != 0) return errno;
  // With SO_REUSEADDR only this tells that somebody listens already.
  return ::listen(socket.fd(), 1) == 0 ? 0 : errno;
}

// This machine lacks the kind of address that a name also stands for.
bool IsOtherFamily(int error) {
  return error == EAFNOSUPPORT || error == EADDRNOTAVAIL || error == EPROTONOSUPPORT;
}

std::string ReasonOf(int error) {
  if (error == EADDRINUSE) return "the address is in use by another program";
  if (error == EADDRNOTAVAIL) return "no interface of this machine has that address";
  if (error == EACCES) return "ports below 1024 need privileges";
  return std::strerror(error);
}

}  // namespace

Result<ListenAddress> ListenAddress::Parse(const std::string& uri) {
  const auto invalid = [&](const std::string& reason) {
    return Status::Invalid("cannot listen at ", base::QuoteForMessage(uri), ": ", reason,
                           "; ", kForms);
  };
  arrow::util::Uri parsed;
  if (!parsed.Parse(uri).ok()) return invalid("it is not a URI");
  ListenAddress address;
  address.uri_ = uri;
  address.scheme_ = parsed.scheme();
  if (parsed.scheme() == "grpc+unix") {
    address.path_ = parsed.path();
    if (!parsed.host().empty() || !address.path_.starts_with('/')) {
      return invalid("the socket's path is not absolute");
    }
    if (address.path_.size() >= sizeof(sockaddr_un{}.sun_path)) {
      return invalid("the socket's path is longer than " +
                     std::to_string(sizeof(sockaddr_un{}.sun_path) - 1) + " bytes");
    }
  } else if (parsed.scheme() == "grpc" || parsed.scheme() == "grpc+tcp") {
    address.host_ = parsed.host();
    address.port_ = parsed.port();
    if (address.host_.empty()) return invalid("it has no host");
    if (address.port_ < 0) return invalid("it has no port");
    if (address.port_ > 65535) return invalid("there is no such port");
    if (!parsed.path().empty() && parsed.path() != "/") return invalid("it has a path");
  } else {
    return invalid("its scheme is not one of gRPC's");
  }
  if (!Location::Parse(uri).Value(&address.location_).ok())
    return invalid("it is no URI");
  return address;
}

std::string ListenAddress::WithPort(int port) const {
  if (is_unix()) return uri_;
  return scheme_ + "://" + arrow::util::UriEncodeHost(host_) + ":" + std::to_string(port);
}

Status ListenAddress::CheckFree() const {
  return is_unix() ? CheckSocketFree() : CheckPortFree();
}

Status ListenAddress::CheckPortFree() const {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int unresolved =
      ::getaddrinfo(host_.c_str(), std::to_string(port_).c_str(), &hints, &found);
  if (unresolved != 0) {
    return Failure("the host " + base::QuoteForMessage(host_) +
                   " is unknown: " + gai_strerror(unresolved));
  }
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found,
                                                                       &::freeaddrinfo);
  int error = 0;
  bool any = false;
  for (const addrinfo* address = found; address != nullptr; address = address->ai_next) {
    const int refused = TryBind(*address);
    if (refused == 0) any = true;
    if (refused != 0 && !IsOtherFamily(refused)) return Failure(ReasonOf(refused));
    if (refused != 0) error = refused;
  }
  return any ? Status::OK() : Failure(ReasonOf(error));
}

Status ListenAddress::CheckSocketFree() const {
  struct stat file{};
  if (::lstat(path_.c_str(), &file) == 0) {
    if (!S_ISSOCK(file.st_mode)) return Failure("a file is there that is no socket");
    const Socket socket(AF_UNIX, SOCK_STREAM, 0);
    const sockaddr_un address = UnixAddress(path_);
    if (::connect(socket.fd(), AsGeneric(address), sizeof(address)) == 0) {
      return Failure(ReasonOf(EADDRINUSE));
    }
    if (errno != ECONNREFUSED) return Failure(std::strerror(errno));
    RemoveSocketFile();
  }
  const Socket socket(AF_UNIX, SOCK_STREAM, 0);
  const sockaddr_un address = UnixAddress(path_);
  if (::bind(socket.fd(), AsGeneric(address), sizeof(address)) != 0) {
    const int error = errno;
    const auto folder = std::filesystem::path(path_).parent_path().string();
    if (error == ENOENT)
      return Failure("there is no folder " + base::QuoteForMessage(folder));
    return Failure(std::strerror(error));
  }
  RemoveSocketFile();
  return Status::OK();
}

void ListenAddress::RemoveSocketFile() const {
  if (is_unix()) ::unlink(path_.c_str());
}

Status ListenAddress::Failure(const std::string& reason) const {
  return Status::IOError("cannot listen at ", uri_, ": ", reason);
}

}  // namespace pinion::flight
