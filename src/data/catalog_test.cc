#include "data/catalog.h"

#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"

namespace pinion::data {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class EmptyDataset : public Dataset {
 public:
  explicit EmptyDataset(std::string path) : path_(std::move(path)) {}
  const std::string& path() const override { return path_; }
  Format format() const override { return Format::kCsv; }
  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  std::optional<int64_t> num_rows() const override { return 0; }
  int64_t num_bytes() const override { return 0; }
  int64_t num_batches() const override { return 1; }
  arrow::Status CheckUnchanged() const override { return arrow::Status::OK(); }
  arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> OpenReader(
      const ReadOptions& /*options*/) const override {
    return arrow::RecordBatchReader::Make({}, schema_);
  }

 private:
  const std::string path_;
  const std::shared_ptr<arrow::Schema> schema_ = arrow::schema({});
};

std::shared_ptr<const Dataset> MakeDataset(std::string path) {
  return std::make_shared<EmptyDataset>(std::move(path));
}

TEST(Catalog, FindsWhatWasAddedAlsoUnderSeveralNames) {
  Catalog catalog;
  const auto orders = MakeDataset("orders.csv");
  ASSERT_OK(catalog.Add("orders", orders));
  ASSERT_OK(catalog.Add("b", orders));
  EXPECT_EQ(catalog.Find("orders").ValueOrDie(), orders);
  EXPECT_EQ(catalog.Find("b").ValueOrDie(), orders);
  EXPECT_EQ(catalog.FindOrNull("b"), orders);
  EXPECT_EQ(catalog.FindOrNull("B"), nullptr);
  const auto list = catalog.List();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[0].name, "b");
  EXPECT_EQ(list[1].name, "orders");
  EXPECT_EQ(list[1].dataset, orders);
}

TEST(Catalog, AnUnknownNameIsAnErrorThatOffersNearOnes) {
  Catalog catalog;
  ASSERT_OK(catalog.Add("lineitem", MakeDataset("l.csv")));
  ASSERT_OK(catalog.Add("orders", MakeDataset("o.csv")));
  for (const auto& status :
       {catalog.Find("lineitm").status(), catalog.Remove("lineitm")}) {
    EXPECT_TRUE(status.IsKeyError());
    EXPECT_EQ(status.message(),
              "unknown dataset 'lineitm'; did you mean 'lineitem'? "
              "There are: 'lineitem', 'orders'");
  }
}

TEST(Catalog, ANameThatIsTakenIsAnErrorThatNamesBothFiles) {
  Catalog catalog;
  ASSERT_OK(catalog.Add("t", MakeDataset("one/t.csv")));
  const arrow::Status status = catalog.Add("t", MakeDataset("two/t.csv"));
  EXPECT_TRUE(status.IsAlreadyExists());
  EXPECT_THAT(status.message(), AllOf(HasSubstr("'t'"), HasSubstr("'one/t.csv'"),
                                      HasSubstr("'two/t.csv'")));
  EXPECT_EQ(catalog.Find("t").ValueOrDie()->path(), "one/t.csv");
}

TEST(Catalog, ReplaceAddsOrTakesThePlace) {
  Catalog catalog;
  ASSERT_OK(catalog.Replace("t", MakeDataset("one")));
  ASSERT_OK(catalog.Replace("t", MakeDataset("two")));
  EXPECT_EQ(catalog.Find("t").ValueOrDie()->path(), "two");
  EXPECT_TRUE(catalog.Replace("", MakeDataset("three")).IsInvalid());
}

TEST(Catalog, TheGenerationTellsThatSomethingChanged) {
  Catalog catalog;
  uint64_t last = catalog.generation();
  const auto changed = [&] { return std::exchange(last, catalog.generation()) != last; };
  ASSERT_OK(catalog.Add("t", MakeDataset("one")));
  EXPECT_TRUE(changed());
  EXPECT_FALSE(catalog.Add("t", MakeDataset("two")).ok());
  EXPECT_FALSE(changed());
  ASSERT_OK(catalog.Replace("t", MakeDataset("two")));
  EXPECT_TRUE(changed());
  ASSERT_OK(catalog.Remove("t"));
  EXPECT_TRUE(changed());
}

TEST(Catalog, AllowsNamesThatNeedQuotesAndRefusesThoseThatCannotBe) {
  for (const char* name :
       {"a b", "it's", "\"q\"", "a/b", "größe", "数据", ";", "..", " "}) {
    EXPECT_OK(CheckDatasetName(name)) << name;
  }
  EXPECT_OK(CheckDatasetName(std::string(255, 'x')));
  for (const std::string& name :
       {std::string(), std::string("a\0b", 3), std::string("a\nb"), std::string("\x7f"),
        std::string("\xff"), std::string(256, 'x')}) {
    EXPECT_TRUE(CheckDatasetName(name).IsInvalid()) << name;
    Catalog catalog;
    EXPECT_TRUE(catalog.Add(name, MakeDataset("t")).IsInvalid());
  }
}

TEST(DatasetNameOf, IsTheFileNameWithoutFolderAndExtension) {
  EXPECT_EQ(DatasetNameOf("data/sql_data.feather"), "sql_data");
  EXPECT_EQ(DatasetNameOf("/a/five.six.feather"), "five.six");
  EXPECT_EQ(DatasetNameOf("plain"), "plain");
  EXPECT_EQ(DatasetNameOf(".feather"), ".feather");
  EXPECT_EQ(DatasetNameOf("a b/ä 'x'.csv"), "ä 'x'");
}

TEST(Catalog, ManyThreadsMayUseIt) {
  Catalog catalog;
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&catalog, t] {
      const std::string name = "t" + std::to_string(t);
      for (int i = 0; i < 500; ++i) {
        ASSERT_OK(catalog.Add(name, MakeDataset(name)));
        EXPECT_EQ(catalog.Find(name).ValueOrDie()->path(), name);
        for (const auto& entry : catalog.List()) {
          EXPECT_EQ(entry.name, entry.dataset->path());
        }
        ASSERT_OK(catalog.Remove(name));
      }
    });
  }
}

}  // namespace
}  // namespace pinion::data
