#pragma once

#include <string>

#include <arrow/status.h>

namespace pinion::cli {

// The message of a status for a person: one line, without the code's name, and without
// what gRPC and Flight add to an error on its way from the server.
std::string StatusText(const arrow::Status& status);

// Why gRPC could not connect, from its long account of it: "connection refused".
std::string ConnectionProblem(const arrow::Status& status);

}  // namespace pinion::cli
