#pragma once

#include <string>

#include <CLI/CLI.hpp>

namespace pinion::cli {

// Adds --compression, of the commands that read from a server.
void AddCompressionOption(CLI::App& app, std::string& compression);

}  // namespace pinion::cli
