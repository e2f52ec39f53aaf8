#pragma once

#include <vector>

#include "cli/command.h"

namespace pinion::cli {

// All subcommands, in the order of the help. A new one is declared and listed in
// commands.cc.
std::vector<Command> AllCommands();

}  // namespace pinion::cli
