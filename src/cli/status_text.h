#pragma once

#include <arrow/status.h>

#include <string>

namespace pinion::cli {

/// The message of a status for a person: one line, without the code's name, and without
/// what gRPC and Flight add to an error on its way from the server.
std::string StatusText(const arrow::Status& status);

}  // namespace pinion::cli
