#include "cli/query_error.h"

#include <arrow/buffer.h>
#include <arrow/io/memory.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/text_width.h"

namespace pinion::cli {
namespace {

TEST(PlaceOf, ReadsTheEndOfAMessage) {
  const auto place = PlaceOf("Parser Error: no 'x' at line 12, column 8");
  ASSERT_TRUE(place.has_value());
  EXPECT_EQ(place->line, 12);
  EXPECT_EQ(place->column, 8);
}

TEST(PlaceOf, FindsNoneInOtherMessages) {
  EXPECT_FALSE(PlaceOf("no table 't'").has_value());
  EXPECT_FALSE(PlaceOf("at line 1, column 2 of the file x").has_value());
  EXPECT_FALSE(PlaceOf("x at line 0, column 2").has_value());
  EXPECT_FALSE(PlaceOf("x at line 1, column ").has_value());
  EXPECT_FALSE(PlaceOf("x at line 99999999999999, column 1").has_value());
}

TEST(MarkPlace, PointsAtTheCharacter) {
  EXPECT_EQ(MarkPlace("select *\nform t", {2, 1}, 80), "form t\n^\n");
  EXPECT_EQ(MarkPlace("select '東', x", {1, 13}, 80), "select '東', x\n             ^\n");
  EXPECT_EQ(MarkPlace("\tselect", {1, 2}, 80), " select\n ^\n");
}

TEST(MarkPlace, PointsBehindTheEnd) {
  EXPECT_EQ(MarkPlace("select", {1, 7}, 80), "select\n      ^\n");
}

TEST(MarkPlace, ShowsThePartOfALongLineAroundThePlace) {
  const std::string sql = std::string(200, 'a') + "!" + std::string(200, 'b');
  const std::string marked = MarkPlace(sql, {1, 201}, 30);
  EXPECT_EQ(marked, "…aaaaaaaaaa!bbbbbbbbbbbbbbbbb…\n           ^\n");
}

TEST(MarkPlace, IsEmptyForAPlaceThatIsNotThere) {
  EXPECT_EQ(MarkPlace("select", {2, 1}, 80), "");
  EXPECT_EQ(MarkPlace("select", {1, 20}, 80), "");
}

class DescribeQueryErrorTest : public ::testing::Test {
 protected:
  std::string Describe(const arrow::Status& status, const SqlStatement& statement,
                       size_t number, bool is_tty) {
    Terminal terminal;
    terminal.is_tty = is_tty;
    Input in(-1);
    Context context{.out = *err_,
                    .err = *err_,
                    .in = in,
                    .out_terminal = {},
                    .err_terminal = terminal,
                    .stop = {}};
    return DescribeQueryError(status, statement, number, context).message();
  }

  std::shared_ptr<arrow::io::BufferOutputStream> err_ =
      *arrow::io::BufferOutputStream::Create();
};

TEST_F(DescribeQueryErrorTest, NamesThePlaceInTheScript) {
  const SqlStatement statement{.text = "select\nfrm t", .line = 5, .column = 11};
  EXPECT_EQ(Describe(arrow::Status::Invalid("bad at line 1, column 3"), statement, 2,
                     /*is_tty=*/false),
            "statement 2: bad at line 5, column 13");
  EXPECT_EQ(Describe(arrow::Status::Invalid("bad at line 2, column 3"), statement, 0,
                     /*is_tty=*/false),
            "bad at line 6, column 3");
  EXPECT_EQ((*err_->Finish())->ToString(), "");
}

TEST_F(DescribeQueryErrorTest, ShowsThePlaceOnATerminal) {
  Describe(arrow::Status::Invalid("bad at line 2, column 1"),
           {.text = "select\nfrm t", .line = 5, .column = 11}, 0, /*is_tty=*/true);
  EXPECT_EQ((*err_->Finish())->ToString(), "frm t\n^\n");
}

TEST_F(DescribeQueryErrorTest, LeavesAnInterruptAsItIs) {
  EXPECT_EQ(Describe(arrow::Status::Cancelled("interrupted"), {}, 3, /*is_tty=*/true),
            "interrupted");
}

}  // namespace
}  // namespace pinion::cli
