#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <CLI/CLI.hpp>
#include <arrow/status.h>

#include "cli/context.h"

namespace pinion::cli {

// What a subcommand does once its whole command line has been read.
using Action = std::function<arrow::Status(Context&)>;

// One subcommand: its options, its help and its action.
//
// Each subcommand has a file `NAME.cc` with one function `Command NAMECommand()` that
// `commands.cc` lists. The pattern:
//
//     Command ListCommand() {
//       Command command("list", "List the datasets of a server",
//                       "pinion list grpc://127.0.0.1:8815\n");
//       auto options = std::make_shared<ListOptions>();
//       command.app().add_option("URI", options->uri, "The server")->required();
//       command.set_action([options](Context& context) {
//         return RunList(*options, context);
//       });
//       return command;
//     }
class Command {
 public:
  // `summary` is one line without a full stop; `examples` are lines of shell, shown
  // under the help.
  Command(std::string name, std::string summary, std::string examples);

  CLI::App& app() { return *app_; }
  const CLI::App& app() const { return *app_; }
  const std::string& name() const { return name_; }
  const std::string& summary() const { return summary_; }

  void set_action(Action action) { action_ = std::move(action); }

  // Reads `arguments` (without the program's and the command's name) and runs the
  // action. A wrong line is a UsageError; `--help` prints the help and is OK.
  arrow::Status Run(std::vector<std::string> arguments, Context& context);

 private:
  arrow::Status Parse(std::vector<std::string> arguments, bool* help);

  std::string name_;
  std::string summary_;
  std::string examples_;
  std::unique_ptr<CLI::App> app_;
  Action action_;
};

// A wrong command line: the program exits with 2 instead of 1 and points to the
// command's help. Actions return it for what only they can check.
arrow::Status UsageError(std::string message);
bool IsUsageError(const arrow::Status& status);

}  // namespace pinion::cli
