#include "cli/commands.h"

namespace pinion::cli {

std::vector<Command> AllCommands() {
  std::vector<Command> commands;
  return commands;
}

}  // namespace pinion::cli
