#include "cli/text_width.h"

#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

TEST(TextWidth, CountsColumnsNotBytes) {
  EXPECT_EQ(TextWidth(""), 0);
  EXPECT_EQ(TextWidth("abc"), 3);
  EXPECT_EQ(TextWidth("Zürich"), 6);
  EXPECT_EQ(TextWidth("東京"), 4);
  EXPECT_EQ(TextWidth("🪶"), 2);
  EXPECT_EQ(TextWidth("e\u0301"), 1);
}

TEST(CutToWidth, LeavesWhatFits) {
  EXPECT_EQ(CutToWidth("abc", 3), "abc");
  EXPECT_EQ(CutToWidth("東京", 4), "東京");
}

TEST(CutToWidth, EndsWithAnEllipsisInsideTheWidth) {
  EXPECT_EQ(CutToWidth("abcd", 3), "ab…");
  EXPECT_EQ(CutToWidth("東京都", 4), "東…");
  EXPECT_EQ(CutToWidth("abcd", 1), "…");
  EXPECT_EQ(CutToWidth("abcd", 0), "");
}

TEST(CutToWidth, NeverCutsInsideACharacter) {
  EXPECT_EQ(CutToWidth("aéü", 2), "a…");
  EXPECT_EQ(CutToWidth("aéüx", 3), "aé…");
}

TEST(PrintableText, KeepsPrintableText) {
  EXPECT_EQ(PrintableText("a\\b \"ü\" 東"), "a\\b \"ü\" 東");
}

TEST(PrintableText, NoControlCharacterReachesTheTerminal) {
  EXPECT_EQ(PrintableText("a\nb\tc\rd"), "a\\nb\\tc\\rd");
  EXPECT_EQ(PrintableText("\x1b[31mred\x7f"), "\\x1b[31mred\\x7f");
  EXPECT_EQ(PrintableText("\xc2\x9b"), "\\xc2\\x9b");
  EXPECT_EQ(PrintableText("\u202eabc"), "\\xe2\\x80\\xaeabc");
}

TEST(PrintableText, ShowsBytesThatAreNoUtf8) {
  EXPECT_EQ(PrintableText("a\xff"), "a\\xff");
  EXPECT_EQ(PrintableText("\xc0\xaf"), "\\xc0\\xaf");           // overlong
  EXPECT_EQ(PrintableText("\xed\xa0\x80"), "\\xed\\xa0\\x80");  // surrogate
  EXPECT_EQ(PrintableText("\xe6\x9d"), "\\xe6\\x9d");           // cut
}

}  // namespace
}  // namespace pinion::cli
