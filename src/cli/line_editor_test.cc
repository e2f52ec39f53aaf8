#include "cli/line_editor.h"

#include <string>

#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

using Outcome = LineEditor::Outcome;

constexpr char kUp[] = "\x1b[A";
constexpr char kDown[] = "\x1b[B";
constexpr char kRight[] = "\x1b[C";
constexpr char kLeft[] = "\x1b[D";

// The line after these keys with a | at the cursor.
std::string After(LineEditor& editor, std::string_view keys) {
  EXPECT_EQ(editor.Feed(keys), Outcome::kEditing);
  std::string line = editor.line();
  return line.insert(editor.cursor(), "|");
}

std::string After(const std::string& keys) {
  LineEditor editor;
  editor.Start();
  return After(editor, keys);
}

TEST(LineEditor, InsertsAtTheCursor) {
  EXPECT_EQ(After("abc"), "abc|");
  EXPECT_EQ(After(std::string("ac") + kLeft + "b"), "ab|c");
  EXPECT_EQ(After("bc\x01"
                  "a"),
            "a|bc");
}

TEST(LineEditor, MovesByCharactersNotBytes) {
  EXPECT_EQ(After(std::string("東ü") + kLeft + kLeft + kLeft), "|東ü");
  EXPECT_EQ(After(std::string("東ü\x01") + kRight), "東|ü");
  EXPECT_EQ(After("東ü\x7f"), "東|");
}

TEST(LineEditor, ErasesLikeAShell) {
  EXPECT_EQ(After("abc\x7f"), "ab|");
  EXPECT_EQ(After("abc\x01\x7f"), "|abc");
  EXPECT_EQ(After("abc\x01\x04"), "|bc");
  EXPECT_EQ(After("abc\x01\x1b[3~"), "|bc");
  EXPECT_EQ(After("abc\x15"), "|");
  EXPECT_EQ(After("abc\x01\x06\x0b"), "a|");
  EXPECT_EQ(After("select a.b, c\x17\x17"), "select a.|");
}

TEST(LineEditor, MovesByWords) {
  EXPECT_EQ(After("one two\x1b[1;5D"), "one |two");
  EXPECT_EQ(After("one two\x01\x1b"
                  "f"),
            "one| two");
  EXPECT_EQ(After("one two\x1b[H"), "|one two");
  EXPECT_EQ(After("one\x1b[H\x1b[F"), "one|");
}

TEST(LineEditor, KeysMayComeInPieces) {
  LineEditor editor;
  editor.Start();
  EXPECT_EQ(After(editor, "ab\x1b"), "ab|");
  EXPECT_EQ(After(editor, "["), "ab|");
  EXPECT_EQ(After(editor, "D\xc3"), "a|b");
  EXPECT_EQ(After(editor, "\xbc"), "aü|b");
}

TEST(LineEditor, IgnoresKeysItDoesNotKnow) {
  EXPECT_EQ(After("a\x1b[15~b\x1b[200~\x07"), "ab|");
  EXPECT_EQ(After("a\xff\xff\xff\xff"
                  "b"),
            "ab|");
}

TEST(LineEditor, EndsALineAndKeepsWhatWasTypedAhead) {
  LineEditor editor;
  editor.Start();
  EXPECT_EQ(editor.Feed("one\rtwo\r"), Outcome::kDone);
  EXPECT_EQ(editor.line(), "one");
  editor.Start();
  EXPECT_EQ(editor.Feed(""), Outcome::kDone);
  EXPECT_EQ(editor.line(), "two");
}

TEST(LineEditor, EndsTheInputOnAnEmptyLineOnly) {
  LineEditor editor;
  editor.Start();
  EXPECT_EQ(editor.Feed("a\x04"), Outcome::kEditing);
  EXPECT_EQ(editor.Feed("\x15\x04"), Outcome::kEnd);
  EXPECT_EQ(editor.Feed("\x03"), Outcome::kInterrupt);
  EXPECT_EQ(editor.Feed("\x0c"), Outcome::kClear);
}

TEST(LineEditor, GoesBackInTheHistoryAndReturnsToTheDraft) {
  LineEditor editor;
  editor.Remember("one");
  editor.Remember("two");
  editor.Remember("two");
  editor.Remember("  ");
  editor.Start();
  EXPECT_EQ(After(editor, std::string("draft") + kUp), "two|");
  EXPECT_EQ(After(editor, kUp), "one|");
  EXPECT_EQ(After(editor, kUp), "one|");
  EXPECT_EQ(After(editor, std::string(kDown) + kDown), "draft|");
  EXPECT_EQ(After(editor, kDown), "draft|");
}

TEST(LineEditor, ForgetsTheOldestOfMany) {
  LineEditor editor;
  for (int i = 0; i < 1500; ++i) editor.Remember(std::to_string(i));
  editor.Start();
  std::string ups;
  for (int i = 0; i < 1500; ++i) ups += kUp;
  EXPECT_EQ(After(editor, ups), "500|");
}

TEST(ShowLine, PutsTheCursorInItsColumn) {
  EXPECT_EQ(ShowLine("> ", "abc", 1, 80), "\r> abc\x1b[K\r\x1b[3C");
  EXPECT_EQ(ShowLine("> ", "東京", 3, 80), "\r> 東京\x1b[K\r\x1b[4C");
}

TEST(ShowLine, ShowsThePartAroundTheCursor) {
  EXPECT_EQ(ShowLine("> ", "abcdefghij", 10, 8), "\r> fghij\x1b[K\r\x1b[7C");
  EXPECT_EQ(ShowLine("> ", "abcdefghij", 0, 8), "\r> abcde\x1b[K\r\x1b[2C");
}

}  // namespace
}  // namespace pinion::cli
