#include "base/near_names.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::base {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST(NearNames, FindsSlipsOfTheKeyboard) {
  const std::vector<std::string> names = {"customer", "lineitem", "orders", "region"};
  EXPECT_THAT(NearNames("lineitm", names), ElementsAre("lineitem"));
  EXPECT_THAT(NearNames("lineiitem", names), ElementsAre("lineitem"));
  EXPECT_THAT(NearNames("lineimte", names), ElementsAre("lineitem"));
  EXPECT_THAT(NearNames("ORDERS", names), ElementsAre("orders"));
  EXPECT_THAT(NearNames("order", names), ElementsAre("orders"));
  EXPECT_THAT(NearNames("orders_ticket", names), ElementsAre("orders"));
}

TEST(NearNames, OffersNothingThatIsFarAway) {
  EXPECT_THAT(NearNames("nation", {"customer", "lineitem"}), IsEmpty());
  EXPECT_THAT(NearNames("", {"a", "b"}), IsEmpty());
  EXPECT_THAT(NearNames("x", {"y"}), IsEmpty());
  EXPECT_THAT(NearNames("ab", {"cd"}), IsEmpty());
}

TEST(NearNames, PutsTheNearestFirstAndStopsAtTheLimit) {
  EXPECT_THAT(NearNames("table_3", {"table_33", "table_2", "table_4", "Table_3"}, 2),
              ElementsAre("Table_3", "table_33"));
}

TEST(UnknownName, NamesTheNearestAndAll) {
  EXPECT_EQ(UnknownName("dataset", "lineitm", {"lineitem", "orders"}),
            "unknown dataset 'lineitm'; did you mean 'lineitem'? "
            "There are: 'lineitem', 'orders'");
  EXPECT_EQ(UnknownName("dataset", "x", {"orders"}),
            "unknown dataset 'x'; there is: 'orders'");
  EXPECT_EQ(UnknownName("column", "x", {}), "unknown column 'x'; there is none");
}

TEST(UnknownName, StaysShortForLongAndManyNames) {
  std::vector<std::string> names;
  for (int i = 0; i < 10'000; ++i) {
    names.push_back(std::string(5'000, 'n') + std::to_string(i));
  }
  const std::string line = UnknownName("dataset", std::string(100'000, 'n'), names);
  EXPECT_LT(line.size(), 1024u);
  EXPECT_THAT(line, HasSubstr(" more"));
}

TEST(QuoteForMessage, ReplacesWhatWouldGarbleALine) {
  EXPECT_EQ(QuoteForMessage("it's"), "'it's'");
  EXPECT_EQ(QuoteForMessage("a\nb\tc\x7f"), "'a?b?c?'");
  EXPECT_EQ(QuoteForMessage("\xff"
                            "abc\xc3"),
            "'?abc?'");
  EXPECT_EQ(QuoteForMessage("\xed\xa0\x80"), "'\?\?\?'");
  EXPECT_EQ(QuoteForMessage("\xc2\x9b"), "'\?\?'");
  EXPECT_EQ(QuoteForMessage("größe 数"), "'größe 数'");
}

TEST(QuoteForMessage, CutsBetweenCharacters) {
  EXPECT_EQ(QuoteForMessage("ääää", 5), "'ää…'");
  EXPECT_EQ(QuoteForMessage("ää", 4), "'ää'");
}

}  // namespace
}  // namespace pinion::base
