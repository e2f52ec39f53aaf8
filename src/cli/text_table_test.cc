#include "cli/text_table.h"

#include <sstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/text_width.h"

namespace pinion::cli {
namespace {

using ::testing::HasSubstr;

TextTable People() {
  return {.columns = {{"id", true}, {"name"}, {"city"}},
          .rows = {{{"1"}, {"Ann"}, {"New York"}},
                   {{"22"}, {"東京太郎"}, {"NULL", /*faint=*/true}}}};
}

int WidestLine(const std::string& text) {
  int widest = 0;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    widest = std::max(widest, TextWidth(line));
  }
  return widest;
}

TEST(RenderTable, AlignsByWidthOfCharacters) {
  EXPECT_EQ(RenderTable(People(), {}, std::nullopt).text,
            " id │ name     │ city\n"
            "────┼──────────┼──────────\n"
            "  1 │ Ann      │ New York\n"
            " 22 │ 東京太郎 │ NULL\n");
}

TEST(RenderTable, CutsTheWidestColumnsFirst) {
  TextTable table = People();
  table.rows[0][1].text = std::string(100, 'x');
  EXPECT_EQ(RenderTable(table, {}, 40).text,
            " id │ name                   │ city\n"
            "────┼────────────────────────┼──────────\n"
            "  1 │ xxxxxxxxxxxxxxxxxxxxx… │ New York\n"
            " 22 │ 東京太郎               │ NULL\n");
}

TEST(RenderTable, LeavesOutColumnsInTheMiddleAndSaysSo) {
  TextTable table;
  std::vector<TextTable::Cell> row;
  for (int i = 0; i < 30; ++i) {
    table.columns.push_back({"column" + std::to_string(i)});
    row.push_back({"value" + std::to_string(i)});
  }
  table.rows.push_back(row);
  const RenderedTable rendered = RenderTable(table, {}, 40);
  EXPECT_EQ(rendered.text,
            " column0 │ column1 │ … │ column29\n"
            "─────────┼─────────┼───┼──────────\n"
            " value0  │ value1  │ … │ value29\n");
  EXPECT_EQ(rendered.columns_shown, 3);
}

TEST(RenderTable, StaysInsideAnyWidthThatHoldsOneCharacter) {
  for (int width = 7; width < 60; ++width) {
    const RenderedTable rendered = RenderTable(People(), {}, width);
    EXPECT_LE(WidestLine(rendered.text), width) << rendered.text;
  }
}

TEST(RenderTable, ATableWithoutColumnsIsEmpty) {
  EXPECT_EQ(RenderTable({}, {}, 80).text, "");
}

TEST(RenderTable, ColoursOnlyWhereTheTerminalHasThem) {
  Terminal terminal;
  terminal.color = true;
  EXPECT_THAT(RenderTable(People(), terminal, 80).text, HasSubstr("\x1b[2mNULL\x1b[0m"));
}

}  // namespace
}  // namespace pinion::cli
