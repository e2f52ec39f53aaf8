#include "flight/like_pattern.h"

#include <string>

#include <gtest/gtest.h>

namespace pinion::flight {
namespace {

TEST(MatchesLike, MatchesTheWholeText) {
  EXPECT_TRUE(MatchesLike("", ""));
  EXPECT_TRUE(MatchesLike("orders", "orders"));
  EXPECT_FALSE(MatchesLike("orders", "order"));
  EXPECT_FALSE(MatchesLike("order", "orders"));
  EXPECT_FALSE(MatchesLike("Orders", "orders"));
  EXPECT_FALSE(MatchesLike("x", ""));
}

TEST(MatchesLike, TakesPercentForAnyText) {
  EXPECT_TRUE(MatchesLike("", "%"));
  EXPECT_TRUE(MatchesLike("orders", "%"));
  EXPECT_TRUE(MatchesLike("orders", "ord%"));
  EXPECT_TRUE(MatchesLike("orders", "%ers"));
  EXPECT_TRUE(MatchesLike("orders", "%rd%r%"));
  EXPECT_TRUE(MatchesLike("aXbXc", "a%Xc"));
  EXPECT_TRUE(MatchesLike("abcabd", "%abd"));
  EXPECT_FALSE(MatchesLike("orders", "%x%"));
  EXPECT_FALSE(MatchesLike("", "%x"));
}

TEST(MatchesLike, TakesUnderscoreForOneCharacter) {
  EXPECT_TRUE(MatchesLike("größe", "gr_ße"));
  EXPECT_FALSE(MatchesLike("grße", "gr_ße"));
  EXPECT_TRUE(MatchesLike("ab", "%_b"));
  EXPECT_FALSE(MatchesLike("b", "%_b"));
}

TEST(MatchesLike, TakesEscapedCharactersAsTheyAre) {
  EXPECT_TRUE(MatchesLike("a_b", "a\\_b"));
  EXPECT_FALSE(MatchesLike("axb", "a\\_b"));
  EXPECT_TRUE(MatchesLike("100%", "100\\%"));
  EXPECT_FALSE(MatchesLike("1000", "100\\%"));
  EXPECT_TRUE(MatchesLike("a\\b", "a\\\\b"));
  EXPECT_TRUE(MatchesLike("a\\", "a\\"));
}

TEST(MatchesLike, IsQuickWithManyPercents) {
  EXPECT_FALSE(MatchesLike(std::string(10'000, 'a'), "%a%a%a%a%a%a%a%a%a%a%a%a%b"));
}

}  // namespace
}  // namespace pinion::flight
