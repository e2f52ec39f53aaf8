#pragma once

#include <string>
#include <vector>

#include "cli/command.h"
#include "cli/context.h"

namespace pinion::cli {

// Exit codes that scripts may rely on; docs/cli.md lists them. A process stopped by a
// signal exits with 128 plus its number, as shells do.
inline constexpr int kExitDone = 0;
inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitSignalBase = 128;

// Reads `arguments` (without the program's name), runs the command they name and
// reports a failure as one line on standard error. Returns the exit code.
int RunProgram(std::vector<Command>& commands, const std::vector<std::string>& arguments,
               Context& context);

// The whole process: signals, standard streams, all commands.
int Main(int argc, char** argv);

}  // namespace pinion::cli
