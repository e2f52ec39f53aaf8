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
  try {
    for (std::string line; std::getline(std::cin, line);) {
      const auto answer = client.Answer(conformance::Json::parse(line));
      std::cout << (answer.ok() ? *answer : conformance::ErrorAnswer(answer.status()))
                << '\n'
                << std::flush;
    }
  } catch (const conformance::Json::exception& error) {
    std::cerr << "conformance_cpp: a step that is none: " << error.what() << '\n';
    return 2;
  }
  return 0;
}
