#include "cli/help_text.h"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

TEST(HelpText, ShowsArgumentsOptionsChoicesDefaultsAndExamples) {
  CLI::App app("Copy things.", "pinion copy");
  app.set_help_flag("-h,--help");
  std::string from;
  std::vector<std::string> more;
  std::string format = "a";
  int64_t rows = 5;
  bool fast = false;
  app.add_option("FROM", from, "Where they are")->required();
  app.add_option("MORE", more, "What else");
  app.add_option("-f,--format", format, "How to write them, which takes a few more words")
      ->check(CLI::IsMember(std::vector<std::string>{"a", "b"}))
      ->capture_default_str();
  app.add_option("--rows", rows, "How many")
      ->check(CLI::Range(0, 9))
      ->capture_default_str();
  app.add_option("--a-name-that-is-rather-long", from,
                 "Has its text on a line of its own")
      ->type_name("FILE");
  app.add_flag("--fast", fast, "Hurry");
  EXPECT_EQ(HelpText(app, "pinion copy a\npinion copy b\n"),
            R"(Copy things.

Usage: pinion copy [OPTIONS] FROM [MORE…]

Arguments:
  FROM                        Where they are
  MORE                        What else

Options:
  -f, --format TEXT           How to write them, which takes a few more words:
                              a, b (default: a)
  --rows N                    How many (default: 5)
  --a-name-that-is-rather-long FILE
                              Has its text on a line of its own
  --fast                      Hurry
  -h, --help                  Show this help

Examples:
  pinion copy a
  pinion copy b
)");
}

}  // namespace
}  // namespace pinion::cli
