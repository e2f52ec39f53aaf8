// Embeds a server, and leaves it again.
#include <chrono>
#include <iostream>

#include <pinion/server.h>

arrow::Status Main() {
  pinion::ServerOptions options{.listen = {"grpc://127.0.0.1:0"}};
  ARROW_ASSIGN_OR_RAISE(auto server, pinion::Server::Create(options));
  ARROW_RETURN_NOT_OK(server->Start());
  for (const auto& location : server->locations()) {
    std::cout << "listening on " << location << '\n';
  }
  return server->Shutdown(std::chrono::seconds(10));
}

int main() {
  const arrow::Status status = Main();
  if (!status.ok()) std::cerr << status.ToString() << '\n';
  return status.ok() ? 0 : 1;
}
