#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <arrow/result.h>
#include <arrow/status.h>

#include "pinion/server_options.h"

namespace pinion {

// Serves data files over Arrow Flight and Flight SQL.
//
//   ARROW_ASSIGN_OR_RAISE(auto server, pinion::Server::Create(options));
//   ARROW_RETURN_NOT_OK(server->Start());
//   ... server->locations() ...
//   ARROW_RETURN_NOT_OK(server->Shutdown(std::chrono::seconds(30)));
//
// Calls are served on threads of its own. Create, Start, Shutdown and destruction belong
// to one thread; the other functions to any.
class Server {
 public:
  // Opens the datasets and the database. Fails with one line that names what is wrong.
  static arrow::Result<std::unique_ptr<Server>> Create(const ServerOptions& options);

  // Without Shutdown: as Shutdown with no time for the calls in flight.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens. When it returns, clients can connect to every location. Once.
  arrow::Status Start();

  // Where it listens, in the order of ServerOptions::listen, with the ports that it got.
  const std::vector<std::string>& locations() const;

  // Stops accepting, gives the calls in flight `patience` to end, then cancels them.
  // Returns when all have ended. Idempotent.
  arrow::Status Shutdown(std::chrono::milliseconds patience);

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace pinion
