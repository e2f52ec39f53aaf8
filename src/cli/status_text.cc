#include "cli/status_text.h"

#include <array>
#include <string_view>

namespace pinion::cli {

namespace {

/// Flight's client puts this after the server's message, then what gRPC knows of the
/// connection.
constexpr std::array<std::string_view, 2> kTrailers = {
    ". gRPC client debug context: ",
    ". Client context: ",
};

std::string_view WithoutTrailers(std::string_view text) {
  for (const std::string_view trailer : kTrailers) {
    text = text.substr(0, text.find(trailer));
  }
  return text;
}

std::string OneLine(std::string_view text) {
  std::string line;
  for (const char c : text) {
    const bool space = c == '\n' || c == '\r' || c == '\t' || c == ' ';
    const bool control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (space || control) {
      if (!line.empty() && line.back() != ' ') line += ' ';
    } else {
      line += c;
    }
  }
  while (line.ends_with(' ')) line.pop_back();
  return line;
}

}  // namespace

std::string StatusText(const arrow::Status& status) {
  std::string text = OneLine(WithoutTrailers(status.message()));
  return text.empty() ? status.CodeAsString() : text;
}

}  // namespace pinion::cli
