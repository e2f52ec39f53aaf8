#include "base/like_pattern.h"

#include <string>

#include <gtest/gtest.h>

namespace pinion::base {
namespace {

TEST(LikePatternTest, MatchesAsLikeDoes) {
  EXPECT_TRUE(MatchesLike("", ""));
  EXPECT_FALSE(MatchesLike("a", ""));
  EXPECT_TRUE(MatchesLike("", "%"));
  EXPECT_TRUE(MatchesLike("anything", "%"));
  EXPECT_TRUE(MatchesLike("abc", "a%c"));
  EXPECT_TRUE(MatchesLike("ac", "a%c"));
  EXPECT_TRUE(MatchesLike("abcbc", "a%c"));
  EXPECT_FALSE(MatchesLike("abcb", "a%c"));
  EXPECT_TRUE(MatchesLike("abc", "%b%"));
  EXPECT_TRUE(MatchesLike("a", "%%a%%"));
  EXPECT_TRUE(MatchesLike("abc", "_b_"));
  EXPECT_FALSE(MatchesLike("", "_"));
  EXPECT_FALSE(MatchesLike("ab", "_"));
  EXPECT_TRUE(MatchesLike("ab", "%_"));
  EXPECT_FALSE(MatchesLike("a", "A"));
}

TEST(LikePatternTest, CountsCharactersNotBytes) {
  EXPECT_TRUE(MatchesLike("é", "_"));
  EXPECT_TRUE(MatchesLike("größe", "gr__e"));
  EXPECT_TRUE(MatchesLike("größe", "%ß%"));
  EXPECT_FALSE(MatchesLike("é", "__"));
}

TEST(LikePatternTest, TriesAgainBehindTheLastPercent) {
  EXPECT_TRUE(MatchesLike("orders", "%rd%r%"));
  EXPECT_TRUE(MatchesLike("aXbXc", "a%Xc"));
  EXPECT_TRUE(MatchesLike("abcabd", "%abd"));
  EXPECT_FALSE(MatchesLike("orders", "%x%"));
}

TEST(LikePatternTest, TakesEscapedCharactersAsTheyAre) {
  EXPECT_TRUE(MatchesLike("a_b", "a\\_b"));
  EXPECT_FALSE(MatchesLike("axb", "a\\_b"));
  EXPECT_TRUE(MatchesLike("100%", "100\\%"));
  EXPECT_FALSE(MatchesLike("1000", "100\\%"));
  EXPECT_TRUE(MatchesLike("a%b", "%\\%%"));
  EXPECT_TRUE(MatchesLike("\\", "\\\\"));
  EXPECT_TRUE(MatchesLike("a\\", "a\\"));
}

TEST(LikePatternTest, EndsSoonOnPatternsMadeToBeSlow) {
  const std::string text(5000, 'a');
  std::string pattern;
  for (int i = 0; i < 50; ++i) pattern += "%a";
  EXPECT_FALSE(MatchesLike(text, pattern + "b"));
  EXPECT_TRUE(MatchesLike(text, pattern));
}

}  // namespace
}  // namespace pinion::base
