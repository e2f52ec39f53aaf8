#include "cli/program.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <unistd.h>

#include <arrow/config.h>

#include "base/near_names.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/interrupt.h"
#include "cli/output.h"
#include "cli/status_text.h"

namespace pinion::cli {

namespace {

constexpr size_t kOutputBufferBytes = size_t{64} << 10;

std::string HelpText(const std::vector<Command>& commands) {
  std::string text =
      "Serves and reads Arrow data over Flight and Flight SQL.\n\n"
      "Usage: pinion COMMAND [ARGUMENTS…]\n\n"
      "Commands:\n";
  size_t width = 0;
  for (const Command& command : commands) {
    width = std::max(width, command.name().size());
  }
  for (const Command& command : commands) {
    text += "  " + command.name() + std::string(width - command.name().size() + 3, ' ') +
            command.summary() + "\n";
  }
  text +=
      "\nOptions:\n"
      "  -h, --help      Show this help; pinion COMMAND --help shows a command's\n"
      "  --version       Show the version\n"
      "\nExit codes: 0 done, 1 failed, 2 wrong usage.\n";
  return text;
}

std::string VersionText() {
  return std::string("pinion ") + base::kVersion + " (Arrow " +
         arrow::GetBuildInfo().version_string + ")\n";
}

arrow::Status UnknownCommand(const std::vector<Command>& commands,
                             const std::string& name) {
  if (name.starts_with('-')) return UsageError("unknown option '" + name + "'");
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.name());
  return UsageError(base::UnknownName("command", name, names));
}

// Runs the command of the line; `help` is the command line that would help.
arrow::Status Dispatch(std::vector<Command>& commands,
                       const std::vector<std::string>& arguments, Context& context,
                       std::string* help) {
  if (arguments.empty()) return UsageError("which command?");
  const std::string& name = arguments.front();
  std::vector<std::string> rest(arguments.begin() + 1, arguments.end());
  if (name == "--version") return context.out.Write(VersionText());
  if (name == "-h" || name == "--help") return context.out.Write(HelpText(commands));
  if (name == "help") {
    if (rest.empty()) return context.out.Write(HelpText(commands));
    return Dispatch(commands, {rest.front(), "--help"}, context, help);
  }
  for (Command& command : commands) {
    if (command.name() != name) continue;
    *help = "pinion " + name + " --help";
    return command.Run(std::move(rest), context);
  }
  return UnknownCommand(commands, name);
}

}  // namespace

int RunProgram(std::vector<Command>& commands, const std::vector<std::string>& arguments,
               Context& context) {
  std::string help = "pinion --help";
  arrow::Status status = Dispatch(commands, arguments, context, &help);
  // What was written before a failure is still shown, and before it.
  const arrow::Status flushed = context.out.Flush();
  if (status.ok()) status = flushed;
  if (status.ok()) return kExitDone;
  if (IsBrokenPipe(status)) return kExitSignalBase + SIGPIPE;
  const bool usage = IsUsageError(status);
  std::string line(StyleStart(context.err_terminal, Style::kRed));
  line.append("pinion: ").append(StyleEnd(context.err_terminal));
  line.append(StatusText(status));
  if (usage) line.append(" (see ").append(help).append(")");
  WriteError(context.err, line + "\n");
  return usage ? kExitUsage : kExitFailed;
}

int Main(int argc, char** argv) {
  // gRPC writes to standard error on its own; what matters of it is in the statuses.
  ::setenv("GRPC_VERBOSITY", "NONE", /*overwrite=*/0);
  // A reader that has gone (`pinion … | head`) and a file that may not grow are errors of
  // the write, not the end of the process: files half written are still removed.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  // On a terminal each line is seen when it is written.
  const Terminal terminal = Terminal::Of(STDOUT_FILENO);
  Output out(STDOUT_FILENO, "standard output", terminal.is_tty ? 0 : kOutputBufferBytes);
  Output err(STDERR_FILENO, "standard error", 0);
  auto interrupt = Interrupt::Create();
  if (!interrupt.ok()) {
    WriteError(err, "pinion: " + StatusText(interrupt.status()) + "\n");
    return kExitFailed;
  }
  Input in(STDIN_FILENO);
  Context context{.out = out,
                  .err = err,
                  .in = in,
                  .out_terminal = terminal,
                  .err_terminal = Terminal::Of(STDERR_FILENO),
                  .stop = (*interrupt)->token(),
                  .interrupt = interrupt->get()};
  std::vector<Command> commands = AllCommands();
  const int code = RunProgram(commands, {argv + 1, argv + argc}, context);
  const int signal = (*interrupt)->signal();
  // Threads that Client has left behind may still run: no destructor of a global must
  // meet them. Everything else has been destroyed, and all output flushed.
  if (code == kExitFailed && signal != 0) std::_Exit(kExitSignalBase + signal);
  if ((*interrupt)->was_used()) std::_Exit(code);
  return code;
}

}  // namespace pinion::cli
