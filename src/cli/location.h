#pragma once

#include <string>
#include <string_view>

#include <arrow/flight/types.h>
#include <arrow/result.h>

namespace pinion::cli {

// The address of a server as a person types it: grpc://HOST:PORT (also grpc+tcp://),
// grpc+tls://HOST:PORT, grpc+unix:///PATH, or HOST:PORT for the first. What is anything
// else, or lacks its port, is a UsageError that shows what an address looks like.
arrow::Result<arrow::flight::Location> ParseLocation(std::string_view text);

}  // namespace pinion::cli
