#include "engine/duckdb/like_pattern.h"

#include <string>

#include <gtest/gtest.h>

namespace pinion::engine::duck {
namespace {

TEST(LikePatternTest, MatchesAsLikeDoes) {
  EXPECT_TRUE(LikeMatches("", ""));
  EXPECT_FALSE(LikeMatches("", "a"));
  EXPECT_TRUE(LikeMatches("%", ""));
  EXPECT_TRUE(LikeMatches("%", "anything"));
  EXPECT_TRUE(LikeMatches("a%c", "abc"));
  EXPECT_TRUE(LikeMatches("a%c", "ac"));
  EXPECT_TRUE(LikeMatches("a%c", "abcbc"));
  EXPECT_FALSE(LikeMatches("a%c", "abcb"));
  EXPECT_TRUE(LikeMatches("%b%", "abc"));
  EXPECT_TRUE(LikeMatches("%%a%%", "a"));
  EXPECT_TRUE(LikeMatches("_b_", "abc"));
  EXPECT_FALSE(LikeMatches("_", ""));
  EXPECT_FALSE(LikeMatches("_", "ab"));
  EXPECT_TRUE(LikeMatches("%_", "ab"));
  EXPECT_FALSE(LikeMatches("A", "a"));
}

TEST(LikePatternTest, CountsCharactersNotBytes) {
  EXPECT_TRUE(LikeMatches("_", "é"));
  EXPECT_TRUE(LikeMatches("gr__e", "größe"));
  EXPECT_TRUE(LikeMatches("%ß%", "größe"));
  EXPECT_FALSE(LikeMatches("__", "é"));
}

TEST(LikePatternTest, TakesEscapedCharactersAsTheyAre) {
  EXPECT_TRUE(LikeMatches("a\\_b", "a_b"));
  EXPECT_FALSE(LikeMatches("a\\_b", "axb"));
  EXPECT_TRUE(LikeMatches("100\\%", "100%"));
  EXPECT_FALSE(LikeMatches("100\\%", "1000"));
  EXPECT_TRUE(LikeMatches("%\\%%", "a%b"));
  EXPECT_TRUE(LikeMatches("\\\\", "\\"));
  EXPECT_TRUE(LikeMatches("a\\", "a\\"));
}

TEST(LikePatternTest, EndsSoonOnPatternsMadeToBeSlow) {
  const std::string text(5000, 'a');
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "%a";
  EXPECT_FALSE(LikeMatches(pattern + "b", text));
  EXPECT_TRUE(LikeMatches(pattern, text));
}

}  // namespace
}  // namespace pinion::engine::duck
