#include "cli/commands.h"

namespace pinion::cli {

Command GenerateCommand();

std::vector<Command> AllCommands() {
  std::vector<Command> commands;
  commands.push_back(GenerateCommand());
  return commands;
}

}  // namespace pinion::cli
