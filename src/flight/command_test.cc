#include "flight/command.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::flight {
namespace {

using testing::HasSubstr;

Command Parsed(std::string_view text) {
  const auto command = ParseCommand(text);
  EXPECT_TRUE(command.ok()) << command.status();
  return command.ValueOr(QueryCommand{});
}

std::string ErrorOf(std::string_view text) {
  const auto command = ParseCommand(text);
  EXPECT_TRUE(command.status().IsInvalid()) << text;
  return command.status().message();
}

TEST(ParseCommand, TakesTextAsSql) {
  EXPECT_EQ(Parsed(" SELECT '{'"), Command(QueryCommand{" SELECT '{'"}));
}

TEST(ParseCommand, TakesAQueryInJson) {
  EXPECT_EQ(Parsed(" {\"query\": \"SELECT \\\"a\\\"\"}"),
            Command(QueryCommand{"SELECT \"a\""}));
}

TEST(ParseCommand, TakesADatasetInJson) {
  EXPECT_EQ(Parsed(R"({"dataset": "t"})"), Command(DatasetCommand{.dataset = "t"}));
  EXPECT_EQ(
      Parsed(R"({"dataset": "t", "columns": ["b", "a"], "limit": 0, "endpoints": 4})"),
      Command(DatasetCommand{.dataset = "t",
                             .columns = std::vector<std::string>{"b", "a"},
                             .limit = 0,
                             .endpoints = 4}));
}

TEST(ParseCommand, SaysWhatIsWrongWithJson) {
  EXPECT_THAT(ErrorOf(""), HasSubstr("empty"));
  EXPECT_THAT(ErrorOf("{\"query\": "), HasSubstr("at byte"));
  EXPECT_THAT(ErrorOf("{\"query\": \" \"}"), HasSubstr("'query' is empty"));
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("neither 'query' nor 'dataset'"));
  EXPECT_THAT(ErrorOf(R"({"query": 1})"), HasSubstr("'query' must be a string"));
  EXPECT_THAT(ErrorOf(R"({"query": "SELECT 1", "limit": 1})"), HasSubstr("alone"));
  EXPECT_THAT(ErrorOf(R"({"dataset": "t", "colums": []})"),
              HasSubstr("did you mean 'columns'"));
  EXPECT_THAT(ErrorOf(R"({"dataset": "t", "columns": "a"})"), HasSubstr("list"));
  EXPECT_THAT(ErrorOf(R"({"dataset": "t", "limit": -1})"), HasSubstr("from 0"));
  EXPECT_THAT(ErrorOf(R"({"dataset": "t", "limit": 1.5})"), HasSubstr("whole number"));
  EXPECT_THAT(ErrorOf(R"({"dataset": "t", "endpoints": 0})"), HasSubstr("from 1"));
}

TEST(ParseCommand, RefusesBytesThatAreNoText) {
  EXPECT_THAT(ErrorOf("{\"query\": \"\xff\"}"), HasSubstr("UTF-8"));
  EXPECT_THAT(ErrorOf("SELECT '\xc3'"), HasSubstr("UTF-8"));
}

}  // namespace
}  // namespace pinion::flight
