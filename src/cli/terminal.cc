#include "cli/terminal.h"

#include <charconv>
#include <cstdlib>
#include <optional>
#include <sys/ioctl.h>
#include <unistd.h>

namespace pinion::cli {

namespace {

std::optional<int> PositiveNumber(const char* text) {
  if (text == nullptr) return std::nullopt;
  std::string_view view(text);
  int value = 0;
  auto [end, error] = std::from_chars(view.data(), view.data() + view.size(), value);
  if (error != std::errc{} || end != view.data() + view.size() || value <= 0) {
    return std::nullopt;
  }
  return value;
}

bool IsSet(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && *value != '\0';
}

}  // namespace

Terminal Terminal::Of(int fd) {
  Terminal terminal;
  terminal.is_tty = ::isatty(fd) == 1;
  if (terminal.is_tty) {
    winsize size{};
    if (::ioctl(fd, TIOCGWINSZ, &size) == 0) {
      if (size.ws_col > 0) terminal.width = size.ws_col;
      if (size.ws_row > 0) terminal.height = size.ws_row;
    }
    const char* kind = std::getenv("TERM");
    const bool dumb = kind == nullptr || std::string_view(kind) == "dumb";
    terminal.color = !dumb && !IsSet("NO_COLOR");
  }
  if (auto columns = PositiveNumber(std::getenv("COLUMNS"))) terminal.width = *columns;
  return terminal;
}

std::string_view StyleStart(const Terminal& terminal, Style style) {
  if (!terminal.color) return "";
  switch (style) {
    case Style::kPlain:
      return "";
    case Style::kBold:
      return "\x1b[1m";
    case Style::kDim:
      return "\x1b[2m";
    case Style::kRed:
      return "\x1b[31m";
    case Style::kGreen:
      return "\x1b[32m";
    case Style::kYellow:
      return "\x1b[33m";
    case Style::kCyan:
      return "\x1b[36m";
  }
  return "";
}

std::string_view StyleEnd(const Terminal& terminal) {
  return terminal.color ? "\x1b[0m" : "";
}

}  // namespace pinion::cli
