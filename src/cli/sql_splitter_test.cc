#include "cli/sql_splitter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> Split(std::string_view script) {
  std::vector<std::string> texts;
  for (const SqlStatement& statement : SplitSql(script).statements) {
    texts.push_back(statement.text);
  }
  return texts;
}

TEST(SplitSql, CutsAtSemicolons) {
  EXPECT_THAT(Split("select 1; select 2 ;\n"), ElementsAre("select 1", "select 2"));
  EXPECT_THAT(Split("select 1"), ElementsAre("select 1"));
}

TEST(SplitSql, BlanksAndCommentsAreNoStatement) {
  EXPECT_THAT(Split(""), IsEmpty());
  EXPECT_THAT(Split(" ;;\n; -- a\n ; /* b; */ "), IsEmpty());
}

TEST(SplitSql, QuotesHideSemicolons) {
  EXPECT_THAT(Split("select ';', 'it''s;'; select 2"),
              ElementsAre("select ';', 'it''s;'", "select 2"));
  EXPECT_THAT(Split(R"(select "a;""b"; select 2)"),
              ElementsAre(R"(select "a;""b")", "select 2"));
}

TEST(SplitSql, ABackslashCountsInEStringsOnly) {
  EXPECT_THAT(Split(R"(select E'a\';b'; select 2)"),
              ElementsAre(R"(select E'a\';b')", "select 2"));
  EXPECT_THAT(Split(R"(select 'a\'; select 2)"),
              ElementsAre(R"(select 'a\')", "select 2"));
  EXPECT_THAT(Split(R"(select date'\'; select 2)"),
              ElementsAre(R"(select date'\')", "select 2"));
}

TEST(SplitSql, DollarQuotesHideEverythingUpToTheirTag) {
  EXPECT_THAT(Split("select $$a;'$$; select 2"),
              ElementsAre("select $$a;'$$", "select 2"));
  EXPECT_THAT(Split("select $q$a;$$;$q$; select 2"),
              ElementsAre("select $q$a;$$;$q$", "select 2"));
}

TEST(SplitSql, ADollarInANameOrBeforeANumberStartsNoQuote) {
  EXPECT_THAT(Split("select a$b$c; select 2"), ElementsAre("select a$b$c", "select 2"));
  EXPECT_THAT(Split("select $1; select $2"), ElementsAre("select $1", "select $2"));
}

TEST(SplitSql, CommentsHideSemicolonsAndNest) {
  EXPECT_THAT(Split("select 1 -- a;b\n, 2; select 3"),
              ElementsAre("select 1 -- a;b\n, 2", "select 3"));
  EXPECT_THAT(Split("select /* ; /* ; */ ; */ 1; select 2"),
              ElementsAre("select /* ; /* ; */ ; */ 1", "select 2"));
  EXPECT_THAT(Split("-- it's\nselect 1; select 2"), ElementsAre("select 1", "select 2"));
}

TEST(SplitSql, MinusAndSlashAloneStartNoComment) {
  EXPECT_THAT(Split("select 1 - 2; select 4 / 2"),
              ElementsAre("select 1 - 2", "select 4 / 2"));
}

TEST(SplitSql, WhatIsNeverClosedReachesToTheEnd) {
  EXPECT_THAT(Split("select 'a; select 2"), ElementsAre("select 'a; select 2"));
  EXPECT_THAT(Split("select E'a\\"), ElementsAre("select E'a\\"));
  EXPECT_THAT(Split("select $$ a; b"), ElementsAre("select $$ a; b"));
  EXPECT_THAT(Split("select 1 /* a; b"), ElementsAre("select 1 /* a; b"));
}

TEST(SplitSql, KnowsThePlaceOfEachStatement) {
  const SqlScript script = SplitSql("-- first\nselect 'ü';\n\nselect\n'ü'; select 3");
  ASSERT_EQ(script.statements.size(), 3);
  EXPECT_EQ(script.statements[0].line, 2);
  EXPECT_EQ(script.statements[1].line, 4);
  EXPECT_EQ(script.statements[2].line, 5);
  EXPECT_EQ(script.statements[1].column, 1);
  EXPECT_EQ(script.statements[2].column, 6);
}

TEST(SplitSql, KnowsWhetherMoreIsToCome) {
  EXPECT_TRUE(SplitSql("select 1;").complete);
  EXPECT_TRUE(SplitSql("select 1; -- done\n").complete);
  EXPECT_FALSE(SplitSql("").complete);
  EXPECT_FALSE(SplitSql("select 1").complete);
  EXPECT_FALSE(SplitSql("select 1; select").complete);
  EXPECT_FALSE(SplitSql("select ';").complete);
  EXPECT_FALSE(SplitSql("select 1; /* ").complete);
}

}  // namespace
}  // namespace pinion::cli
