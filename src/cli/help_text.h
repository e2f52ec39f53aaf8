#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace pinion::cli {

// The help of a command: what it does, its usage, its arguments and options with their
// choices and defaults, and its examples (lines of shell, in `examples`).
std::string HelpText(const CLI::App& app, const std::string& examples);

}  // namespace pinion::cli
