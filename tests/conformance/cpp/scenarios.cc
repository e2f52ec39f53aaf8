// The scenarios' steps by Arrow's own Flight SQL client. See ../README.md.
#include <iostream>
#include <string>

#include "client.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: conformance_cpp grpc://HOST:PORT < steps > answers\n";
    return 2;
  }
  conformance::Client client(argv[1]);
  for (std::string line; std::getline(std::cin, line);) {
    const auto step = conformance::Json::parse(line);
    const auto answer = client.Answer(step);
    std::cout << (answer.ok() ? *answer : conformance::ErrorAnswer(answer.status()))
              << std::endl;
  }
  return 0;
}
