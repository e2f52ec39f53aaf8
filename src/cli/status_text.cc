#include "cli/status_text.h"

#include <array>
#include <string_view>
#include <system_error>

#include <arrow/util/io_util.h>

namespace pinion::cli {

namespace {

// Flight's client puts these before the message of the server,
constexpr std::array<std::string_view, 2> kLeaders = {
    "Flight RPC failed with message: ", "Flight cancelled call, with message: "};
// or one of these, the kind of the error and the words after it,
constexpr std::array<std::string_view, 2> kKindLeaders = {"Flight returned ",
                                                          "gRPC returned "};
constexpr std::string_view kAfterKind = " error, with message: ";
constexpr size_t kMaxKindBytes = 40;
// and these after it, with what gRPC knows of the connection. A server in Python adds
// its stack.
constexpr std::array<std::string_view, 4> kTrailers = {
    ". gRPC client debug context: ", ". Client context: ", ". Additional context: ",
    ". Detail: Python exception: "};

// The last of all may be Flight's name of the error.
constexpr std::string_view kDetail = ". Detail: ";
constexpr std::array<std::string_view, 7> kCodes = {
    "Internal",     "TimedOut",    "Cancelled", "Unauthenticated",
    "Unauthorized", "Unavailable", "Failed"};

bool Remove(std::string_view prefix, std::string_view* text) {
  if (!text->starts_with(prefix)) return false;
  text->remove_prefix(prefix.size());
  return true;
}

std::string_view WithoutLeader(std::string_view text) {
  for (const std::string_view leader : kLeaders) {
    if (Remove(leader, &text)) return text;
  }
  for (const std::string_view leader : kKindLeaders) {
    const size_t end = text.find(kAfterKind);
    if (text.starts_with(leader) && end < leader.size() + kMaxKindBytes) {
      return text.substr(end + kAfterKind.size());
    }
  }
  return text;
}

std::string_view WithoutTrailers(std::string_view text) {
  for (const std::string_view trailer : kTrailers) {
    text = text.substr(0, text.find(trailer));
  }
  for (const std::string_view code : kCodes) {
    const size_t detail = text.rfind(kDetail);
    if (detail != std::string_view::npos &&
        text.substr(detail + kDetail.size()) == code) {
      return text.substr(0, detail);
    }
  }
  return text;
}

std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool blank = static_cast<unsigned char>(c) <= 0x20 || c == 0x7f;
    if (!blank) {
      line += c;
    } else if (!line.empty() && line.back() != ' ') {
      line += ' ';
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

std::string StatusText(const arrow::Status& status) {
  std::string text = OneLine(WithoutLeader(WithoutTrailers(status.message())));
  // Arrow keeps the reason of an input or output error apart from the message.
  if (const int number = arrow::internal::ErrnoFromStatus(status); number != 0) {
    const std::string reason = std::generic_category().message(number);
    if (text.find(reason) == std::string::npos) text += ": " + reason;
  }
  return text.empty() ? status.CodeAsString() + " (the server gave no message)" : text;
}

std::string ConnectionProblem(const arrow::Status& status) {
  const std::string whole = StatusText(status);
  std::string_view text = whole;
  constexpr std::string_view kLast = "last error: ";
  if (const size_t at = text.rfind(kLast); at != std::string_view::npos) {
    text.remove_prefix(at + kLast.size());
  }
  Remove("UNKNOWN: ", &text);
  for (const std::string_view family : {"ipv4:", "ipv6:", "unix:"}) {
    if (text.starts_with(family)) {
      if (const size_t end = text.find(": "); end != std::string_view::npos) {
        text.remove_prefix(end + 2);
      }
    }
  }
  Remove("Failed to connect to remote host: ", &text);
  if (text.starts_with("DNS resolution failed")) return "no such host";
  if (text.starts_with("Ssl handshake failed")) {
    return "the TLS handshake failed: " + std::string(text.substr(text.rfind(':') + 1)) +
           " (does the server use TLS?)";
  }
  std::string problem(text);
  if (problem.size() > 1 && problem[0] >= 'A' && problem[0] <= 'Z' && problem[1] >= 'a' &&
      problem[1] <= 'z') {
    problem[0] = static_cast<char>(problem[0] - 'A' + 'a');
  }
  return problem;
}

}  // namespace pinion::cli
