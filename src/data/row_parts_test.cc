#include "data/row_parts.h"

#include <algorithm>
#include <random>
#include <string>
#include <utility>

#include <arrow/table.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/file_writer.h"
#include "data/row_window.h"
#include "data/sample_table.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/table_files.h"
#include "tests/support/temporary_folder.h"

namespace pinion::data {
namespace {

constexpr int64_t kRows = 1'000;
constexpr int64_t kBatchRows = 300;

// The sample table in a file of each format.
class RowsTest : public testing::TestWithParam<Format> {
 protected:
  void SetUp() override {
    const std::string path = folder_ / ("t." + std::string(FormatName(GetParam())));
    const auto sample = SampleTable({.rows = kRows, .batch_rows = kBatchRows});
    ASSERT_OK_AND_ASSIGN(auto writer,
                         FileWriter::Create(path, GetParam(), sample->schema()));
    std::shared_ptr<arrow::RecordBatch> batch;
    for (;;) {
      ASSERT_OK(sample->ReadNext(&batch));
      if (batch == nullptr) break;
      ASSERT_OK(writer->Write(*batch));
    }
    ASSERT_OK(writer->Finish());
    ASSERT_OK_AND_ASSIGN(dataset_, OpenDataset(path));
    ASSERT_OK_AND_ASSIGN(table_, tests::ReadTable(*dataset_));
  }

  tests::TemporaryFolder folder_;
  std::shared_ptr<Dataset> dataset_;
  std::shared_ptr<arrow::Table> table_;
};

INSTANTIATE_TEST_SUITE_P(Formats, RowsTest,
                         testing::Values(Format::kFeather, Format::kIpcStream,
                                         Format::kParquet, Format::kCsv),
                         [](const auto& info) {
                           return std::string(FormatName(info.param));
                         });

TEST_P(RowsTest, AnyRangeIsReadFromAnyFormat) {
  std::mt19937 random(3);
  for (int i = 0; i < 40; ++i) {
    RowRange rows{.first = static_cast<int64_t>(random() % (kRows + 100))};
    if (i % 4 != 0) rows.count = random() % (kRows + 100);
    if (i % 5 == 0) rows.first = 0;
    ASSERT_OK_AND_ASSIGN(auto reader, OpenRows(*dataset_, {.columns = {{1, 0}}}, rows));
    ASSERT_OK_AND_ASSIGN(const auto found, reader->ToTable());
    ASSERT_OK_AND_ASSIGN(const auto columns, table_->SelectColumns({1, 0}));
    const auto expected =
        columns->Slice(std::min(rows.first, kRows), rows.count.value_or(kRows));
    EXPECT_TRUE(found->Equals(*expected))
        << rows.first << " + " << rows.count.value_or(-1) << "\n"
        << found->ToString();
  }
}

// In few words: "0-2" for whole batches, "3[10+5]" for five rows of one.
std::string Shown(const arrow::Result<std::vector<RowPart>>& parts) {
  if (!parts.ok()) return parts.status().ToString();
  std::string text;
  for (const RowPart& part : *parts) {
    if (!text.empty()) text += ' ';
    text += std::to_string(part.first_batch);
    if (part.is_cut) {
      text += "[" + std::to_string(part.rows.first) + "+" +
              std::to_string(part.rows.count.value_or(-1)) + "]";
    } else {
      text += "-" + std::to_string(part.first_batch + part.num_batches - 1);
    }
  }
  return text;
}

TEST_P(RowsTest, PartsAreWholeBatchesBetweenThoseThatAreCut) {
  if (GetParam() != Format::kFeather && GetParam() != Format::kIpcStream) {
    GTEST_SKIP() << "its batches are others";
  }
  const auto parts = [&](RowRange rows, const ReadOptions& options = {}) {
    return Shown(FindRows(*dataset_, options, rows));
  };
  EXPECT_EQ(parts({}), "0-3");
  EXPECT_EQ(parts({.count = kRows}), "0-3");
  EXPECT_EQ(parts({.count = kRows + 1}), "0-3");
  EXPECT_EQ(parts({.count = 0}), "");
  EXPECT_EQ(parts({.count = 1}), "0[0+1]");
  EXPECT_EQ(parts({.count = 300}), "0-0");
  EXPECT_EQ(parts({.count = 700}), "0-1 2[0+100]");
  EXPECT_EQ(parts({.first = 300}), "1-3");
  EXPECT_EQ(parts({.first = 310}), "1[10+290] 2-3");
  EXPECT_EQ(parts({.first = 310, .count = 290}), "1[10+290]");
  EXPECT_EQ(parts({.first = 310, .count = 600}), "1[10+290] 2-2 3[0+10]");
  EXPECT_EQ(parts({.first = 950}), "3[50+50]");
  EXPECT_EQ(parts({.first = kRows}), "");
  EXPECT_EQ(parts({.first = INT64_MAX, .count = INT64_MAX}), "");
  EXPECT_EQ(parts({.first = 10, .count = 300}, {.first_batch = 1, .num_batches = 1}),
            "1[10+290]");
}

TEST(Rows, EmptyBatchesHoldNone) {
  tests::TemporaryFolder folder;
  const std::string path = folder / "t.feather";
  const auto sample = SampleTable({.rows = 10, .batch_rows = 10});
  ASSERT_OK_AND_ASSIGN(const auto batches, sample->ToRecordBatches());
  arrow::RecordBatchVector parts;
  int64_t next = 0;
  for (const int64_t rows : {0, 3, 0, 0, 4, 0, 3, 0}) {
    parts.push_back(batches.front()->Slice(next, rows));
    next += rows;
  }
  ASSERT_OK(tests::WriteIpc(path, Format::kFeather, sample->schema(), parts));
  ASSERT_OK_AND_ASSIGN(const auto dataset, OpenDataset(path));
  ASSERT_OK_AND_ASSIGN(const auto table, tests::ReadTable(*dataset));
  for (int64_t first = 0; first <= 10; ++first) {
    for (int64_t count = 0; count <= 11 - first; ++count) {
      ASSERT_OK_AND_ASSIGN(auto reader,
                           OpenRows(*dataset, {}, {.first = first, .count = count}));
      ASSERT_OK_AND_ASSIGN(const auto found, reader->ToTable());
      EXPECT_TRUE(found->Equals(*table->Slice(first, count))) << first << " + " << count;
    }
  }
}

TEST_P(RowsTest, BatchesThatAreNotThereAreInvalid) {
  EXPECT_TRUE(FindRows(*dataset_, {.first_batch = 100}, {}).status().IsInvalid());
}

}  // namespace
}  // namespace pinion::data
