#include "data/sample_table.h"

#include <map>
#include <set>

#include <arrow/array.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/writer.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"

namespace pinion::data {
namespace {

std::shared_ptr<arrow::Table> Sample(const SampleOptions& options) {
  auto table = SampleTable(options)->ToTable().ValueOrDie();
  EXPECT_OK(table->ValidateFull());
  return table->CombineChunks().ValueOrDie();
}

template <typename ArrayType>
const ArrayType& Column(const arrow::Table& table, const char* name) {
  return static_cast<const ArrayType&>(*table.GetColumnByName(name)->chunk(0));
}

TEST(SampleTable, HasTheSchemaOfTheContract) {
  EXPECT_EQ(SampleSchema()->ToString(),
            "id: int64\nage: int64\ncity: string\nis_active: bool\nname: string\n"
            "metadata: struct<dept: string>");
}

TEST(SampleTable, ValuesAreThoseOfTheContractAndAllOccur) {
  constexpr int64_t kRows = 20'000;
  const auto table = Sample({.rows = kRows, .batch_rows = 7'000});
  const auto& ids = Column<arrow::Int64Array>(*table, "id");
  const auto& ages = Column<arrow::Int64Array>(*table, "age");
  const auto& cities = Column<arrow::StringArray>(*table, "city");
  const auto& active = Column<arrow::BooleanArray>(*table, "is_active");
  const auto& names = Column<arrow::StringArray>(*table, "name");
  const auto& metadata = Column<arrow::StructArray>(*table, "metadata");
  const auto& departments = static_cast<const arrow::StringArray&>(*metadata.field(0));
  std::set<int64_t> ages_seen;
  std::set<std::string> cities_seen, departments_seen;
  std::map<std::string, int> active_seen;
  std::set<size_t> lengths_seen;
  for (int64_t i = 0; i < kRows; ++i) {
    EXPECT_EQ(ids.Value(i), i + 1);
    ages_seen.insert(ages.Value(i));
    cities_seen.insert(cities.GetString(i));
    ++active_seen[active.IsNull(i) ? "null" : active.Value(i) ? "true" : "false"];
    lengths_seen.insert(names.GetString(i).size());
    EXPECT_EQ(names.GetString(i).find_first_not_of(
                  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"),
              std::string::npos);
    if (metadata.IsValid(i)) departments_seen.insert(departments.GetString(i));
  }
  for (const auto* column :
       {&static_cast<const arrow::Array&>(ids), static_cast<const arrow::Array*>(&ages),
        static_cast<const arrow::Array*>(&cities),
        static_cast<const arrow::Array*>(&names)}) {
    EXPECT_EQ(column->null_count(), 0);
  }
  EXPECT_EQ(ages_seen.size(), 48u);
  EXPECT_EQ(*ages_seen.begin(), 18);
  EXPECT_EQ(*ages_seen.rbegin(), 65);
  EXPECT_THAT(cities_seen,
              testing::UnorderedElementsAre(
                  "New York", "Los Angeles", "Chicago", "Houston", "Phoenix",
                  "Philadelphia", "San Antonio", "San Diego", "Dallas", "San Jose"));
  EXPECT_THAT(departments_seen,
              testing::UnorderedElementsAre("IT", "HR", "Sales", "Marketing", "Finance",
                                            "Legal", "Operations", "Engineering"));
  EXPECT_EQ(lengths_seen, (std::set<size_t>{4, 5, 6, 7, 8, 9, 10}));
  EXPECT_EQ(active_seen.size(), 3u);
  for (const auto& [value, count] : active_seen) EXPECT_NEAR(count, kRows / 3.0, 500);
  EXPECT_GT(metadata.null_count(), kRows / 20);
  EXPECT_LT(metadata.null_count(), kRows / 4);
}

TEST(SampleTable, DependsOnTheSeedAndTheRowAlone) {
  const auto table = Sample({.rows = 10'000, .seed = 5, .batch_rows = 10'000});
  EXPECT_TRUE(table->Equals(*Sample({.rows = 10'000, .seed = 5, .batch_rows = 333})));
  EXPECT_TRUE(table->Slice(0, 100)->Equals(*Sample({.rows = 100, .seed = 5})));
  EXPECT_FALSE(table->Equals(*Sample({.rows = 10'000, .seed = 6})));
}

TEST(SampleTable, TheFirstRowsAreTheSameOnEveryPlatformAndForever) {
  const auto table = Sample({.rows = 3, .seed = 1});
  const auto& ages = Column<arrow::Int64Array>(*table, "age");
  const auto& cities = Column<arrow::StringArray>(*table, "city");
  const auto& names = Column<arrow::StringArray>(*table, "name");
  EXPECT_EQ(ages.Value(0), 38);
  EXPECT_EQ(cities.GetString(0), "San Jose");
  EXPECT_EQ(names.GetString(0), "Zbvkkmpq");
  EXPECT_EQ(ages.Value(2), 60);
  EXPECT_EQ(cities.GetString(2), "Houston");
  EXPECT_EQ(names.GetString(2), "Fkis");
}

TEST(SampleTable, MayHaveNoRowsOrOne) {
  EXPECT_EQ(SampleTable({.rows = 0})->Next().ValueOrDie(), nullptr);
  EXPECT_EQ(Sample({.rows = 1})->num_rows(), 1);
}

TEST(SampleTable, BatchesHaveTheRowsAskedFor) {
  const auto reader = SampleTable({.rows = 250, .batch_rows = 100});
  for (const int64_t rows : {100, 100, 50}) {
    EXPECT_EQ(reader->Next().ValueOrDie()->num_rows(), rows);
  }
  EXPECT_EQ(reader->Next().ValueOrDie(), nullptr);
}

}  // namespace
}  // namespace pinion::data
