#pragma once

#include <string_view>

namespace pinion::cli {

// What is known of the terminal behind a file descriptor. A value: the size is that of
// the moment it was looked at.
struct Terminal {
  // Used where no terminal is there to ask.
  static constexpr int kDefaultWidth = 80;
  static constexpr int kDefaultHeight = 24;

  bool is_tty = false;
  // A terminal that takes colours, and NO_COLOR is not set (https://no-color.org).
  bool color = false;
  // In columns and lines; COLUMNS overrides the width, terminal or not.
  int width = kDefaultWidth;
  int height = kDefaultHeight;

  static Terminal Of(int fd);
};

enum class Style { kPlain, kBold, kDim, kRed, kGreen, kYellow, kCyan };

// The escape sequence that starts `style`, empty where the terminal has no colour.
std::string_view StyleStart(const Terminal& terminal, Style style);
// The one that ends any style.
std::string_view StyleEnd(const Terminal& terminal);

}  // namespace pinion::cli
