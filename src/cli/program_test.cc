#include "cli/program.h"

#include <algorithm>
#include <cerrno>

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <arrow/util/io_util.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct Outcome {
  int code;
  std::string out;
  std::string err;
};

// A program of two commands, of which `copy` takes options and does `action`.
Outcome RunLine(
    const std::vector<std::string>& arguments,
    const Action& action = [](Context& context) { return context.out.Write("done\n"); }) {
  auto out = *arrow::io::BufferOutputStream::Create();
  auto err = *arrow::io::BufferOutputStream::Create();
  Input in(-1);
  Context context{.out = *out,
                  .err = *err,
                  .in = in,
                  .out_terminal = {},
                  .err_terminal = {},
                  .stop = {}};
  std::vector<Command> commands;
  commands.emplace_back("list", "List things", "pinion list\n");
  Command& copy = commands.emplace_back("copy", "Copy a thing", "pinion copy A\n");
  auto rows = std::make_shared<int64_t>();
  copy.app().add_option("--rows", *rows, "How many");
  auto what = std::make_shared<std::string>();
  copy.app().add_option("WHAT", *what, "The thing")->required();
  copy.set_action([rows, what, action](Context& context) { return action(context); });
  const int code = RunProgram(commands, arguments, context);
  return {code, (*out->Finish())->ToString(), (*err->Finish())->ToString()};
}

TEST(Program, RunsTheNamedCommand) {
  const Outcome outcome = RunLine({"copy", "a", "--rows", "3"});
  EXPECT_EQ(outcome.code, kExitDone);
  EXPECT_EQ(outcome.out, "done\n");
  EXPECT_EQ(outcome.err, "");
}

TEST(Program, SuggestsNearCommands) {
  const Outcome outcome = RunLine({"lits"});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_EQ(outcome.err,
            "pinion: unknown command 'lits'; did you mean 'list'? There are: 'list', "
            "'copy' (see pinion --help)\n");
}

TEST(Program, SuggestsNearOptions) {
  const Outcome outcome = RunLine({"copy", "a", "--row", "3"});
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_EQ(outcome.err,
            "pinion: unknown option '--row'; did you mean --rows? "
            "(see pinion copy --help)\n");
}

TEST(Program, EveryWrongLineIsOneLineOnStandardErrorAndExitsWith2) {
  for (const std::vector<std::string>& arguments :
       std::vector<std::vector<std::string>>{{},
                                             {"--nonsense"},
                                             {"copy"},
                                             {"copy", "a", "b"},
                                             {"copy", "a", "--rows"},
                                             {"copy", "a", "--rows", "many"},
                                             {"copy", "a", "--rows=99999999999999999999"},
                                             {""}}) {
    const Outcome outcome = RunLine(arguments);
    EXPECT_EQ(outcome.code, kExitUsage);
    EXPECT_EQ(outcome.out, "");
    EXPECT_THAT(outcome.err, AllOf(StartsWith("pinion: "), HasSubstr("--help)\n")));
    EXPECT_EQ(std::count(outcome.err.begin(), outcome.err.end(), '\n'), 1) << outcome.err;
  }
}

TEST(Program, NamesTheMissingArgument) {
  EXPECT_THAT(RunLine({"copy"}).err, HasSubstr("WHAT is required"));
}

TEST(Program, HelpGoesToStandardOutput) {
  for (const char* flag : {"--help", "-h", "help"}) {
    const Outcome outcome = RunLine({flag});
    EXPECT_EQ(outcome.code, kExitDone);
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("list"), HasSubstr("Copy a thing")));
  }
  for (const auto& line :
       {std::vector<std::string>{"copy", "--help"}, {"help", "copy"}}) {
    const Outcome outcome = RunLine(line);
    EXPECT_EQ(outcome.code, kExitDone);
    EXPECT_THAT(outcome.out, AllOf(HasSubstr("--rows"), HasSubstr("pinion copy A")));
  }
}

TEST(Program, AFailureIsOneLineWithoutTheStatusCode) {
  const Outcome outcome = RunLine({"copy", "a"}, [](Context&) {
    return arrow::Status::IOError("no such\nfile: 'x'");
  });
  EXPECT_EQ(outcome.code, kExitFailed);
  EXPECT_EQ(outcome.err, "pinion: no such file: 'x'\n");
}

TEST(Program, AUsageErrorOfAnActionPointsToTheHelp) {
  const Outcome outcome =
      RunLine({"copy", "a"}, [](Context&) { return UsageError("'a' is no thing"); });
  EXPECT_EQ(outcome.code, kExitUsage);
  EXPECT_EQ(outcome.err, "pinion: 'a' is no thing (see pinion copy --help)\n");
}

TEST(Program, AReaderThatHasGoneIsNotReported) {
  const Outcome outcome = RunLine({"copy", "a"}, [](Context&) {
    return arrow::internal::IOErrorFromErrno(EPIPE, "cannot write");
  });
  EXPECT_EQ(outcome.code, 141);
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace pinion::cli
