#include "cli/commands.h"

namespace pinion::cli {

Command GenerateCommand();
Command ServeCommand();
Command GetCommand();
Command ListCommand();
Command PipeCommand();
Command SqlCommand();

std::vector<Command> AllCommands() {
  std::vector<Command> commands;
  commands.push_back(GenerateCommand());
  commands.push_back(ServeCommand());
  commands.push_back(ListCommand());
  commands.push_back(GetCommand());
  commands.push_back(SqlCommand());
  commands.push_back(PipeCommand());
  return commands;
}

}  // namespace pinion::cli
