#include "flight/client_traits.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>

#include <arrow/status.h>

#include "base/near_names.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::CallHeaders;

constexpr int64_t kMiB = 1024 * 1024;

// A FlightData message can hold no more than 2 GiB.
constexpr int64_t kLargestMessage = 1024 * kMiB;
constexpr int64_t kSmallestMessage = 64 * 1024;

struct Library {
  std::string_view user_agent;
  ClientTraits traits;
};

// Arrow C++ (and so pyarrow, R, Ruby) takes messages of any size and decompresses. The Go
// library decompresses but stops at grpc-go's 4 MiB unless told otherwise. Java and Rust
// decompress only if the application adds what it takes, JavaScript not at all. The JDBC
// driver, in Java, binds times as java.sql has them.
constexpr Library kLibraries[] = {
    {"grpc-c++/", {.accepts_compression = true, .max_message_bytes = 64 * kMiB}},
    {"grpc-go/", {.accepts_compression = true}},
    {"grpc-java-", {.binds_milliseconds = true}},
};

std::string_view HeaderOf(const CallHeaders& headers, std::string_view name) {
  const auto header = headers.find(name);
  return header == headers.end() ? std::string_view() : header->second;
}

Status SetCompression(std::string_view value, ClientTraits& traits) {
  traits.accepts_compression = value != "none";
  if (value == "none" || value == "any") return Status::OK();
  if (value == "lz4") {
    traits.codec = arrow::Compression::LZ4_FRAME;
  } else if (value == "zstd") {
    traits.codec = arrow::Compression::ZSTD;
  } else {
    return Status::Invalid("the header ", kCompressionHeader, " is ",
                           base::QuoteForMessage(value),
                           "; it can be none, any, lz4 or zstd");
  }
  return Status::OK();
}

Status SetMaxMessage(std::string_view value, ClientTraits& traits) {
  int64_t bytes = 0;
  const char* const begin = value.data();
  const char* const end = begin + value.size();
  const auto [rest, error] = std::from_chars(begin, end, bytes);
  if (error != std::errc() || rest != end || bytes < kSmallestMessage) {
    return Status::Invalid("the header ", kMaxMessageHeader, " is ",
                           base::QuoteForMessage(value),
                           "; it is a number of bytes from ", kSmallestMessage);
  }
  traits.max_message_bytes = std::min(bytes, kLargestMessage);
  return Status::OK();
}

}  // namespace

Result<ClientTraits> ClientTraits::Of(const CallHeaders& headers,
                                      arrow::Compression::type codec) {
  ClientTraits traits;
  // A wrapper may put its own name before that of the library.
  const std::string_view user_agent = HeaderOf(headers, "user-agent");
  for (const Library& library : kLibraries) {
    if (user_agent.find(library.user_agent) != std::string_view::npos) {
      traits = library.traits;
      break;
    }
  }
  if (const auto value = HeaderOf(headers, kCompressionHeader); !value.empty()) {
    ARROW_RETURN_NOT_OK(SetCompression(value, traits));
  }
  if (const auto value = HeaderOf(headers, kMaxMessageHeader); !value.empty()) {
    ARROW_RETURN_NOT_OK(SetMaxMessage(value, traits));
  }
  const bool chosen = traits.codec != arrow::Compression::UNCOMPRESSED;
  if (traits.accepts_compression && !chosen) traits.codec = codec;
  return traits;
}

}  // namespace pinion::flight
