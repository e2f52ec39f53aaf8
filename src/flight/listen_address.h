#pragma once

#include <string>

#include <arrow/flight/types.h>
#include <arrow/result.h>
#include <arrow/status.h>

namespace pinion::flight {

// A place to listen at: a host and port, or the path of a Unix socket.
class ListenAddress {
 public:
  // Of "grpc://HOST:PORT", "grpc+tcp://HOST:PORT" or "grpc+unix:///PATH". Invalid, saying
  // what is wrong and what would be right.
  static arrow::Result<ListenAddress> Parse(const std::string& uri);

  const arrow::flight::Location& location() const { return location_; }
  bool is_unix() const { return !path_.empty(); }

  // The URI as it was given, with this port.
  std::string WithPort(int port) const;

  // Whether one can listen there now. An error says why not, which gRPC would not: the
  // port is in use, the host is not this machine's, the folder is not there. Removes a
  // socket file that nobody listens at any more.
  arrow::Status CheckFree() const;

  // Removes the socket file, once nobody listens.
  void RemoveSocketFile() const;

 private:
  ListenAddress() = default;

  arrow::Status CheckPortFree() const;
  arrow::Status CheckSocketFree() const;
  // "cannot listen at URI: " and the reason.
  arrow::Status Failure(const std::string& reason) const;

  std::string uri_;
  std::string scheme_;
  arrow::flight::Location location_;
  std::string host_;
  int port_ = 0;
  std::string path_;
};

}  // namespace pinion::flight
