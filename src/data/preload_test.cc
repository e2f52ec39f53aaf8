#include "data/preload.h"

#include <filesystem>
#include <memory>
#include <string>

#include <arrow/array.h>
#include <arrow/table.h>
#include <arrow/util/compression.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/file_writer.h"
#include "data/row_window.h"
#include "data/sample_table.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/table_files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/typed_batches.h"

namespace pinion::data {
namespace {

using testing::HasSubstr;

constexpr int64_t kPlenty = int64_t{1} << 30;
constexpr MessageLimits kAnyClient = {.max_message_bytes = 4 << 20,
                                      .accepts_compression = false};

arrow::ipc::IpcWriteOptions Lz4() {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.codec = *arrow::util::Codec::Create(arrow::Compression::LZ4_FRAME);
  return options;
}

bool Same(const arrow::Table& a, const arrow::Table& b) {
  return a.schema()->Equals(*b.schema(), /*check_metadata=*/true) &&
         a.Equals(b, arrow::EqualOptions::Defaults().nans_equal(true));
}

class PreloadTest : public testing::TestWithParam<Format> {
 protected:
  std::string Path() const {
    return folder_ / ("t." + std::string(FormatName(GetParam())));
  }

  tests::TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Formats, PreloadTest,
                         testing::Values(Format::kFeather, Format::kIpcStream,
                                         Format::kParquet, Format::kCsv),
                         [](const auto& info) {
                           return std::string(FormatName(info.param));
                         });

TEST_P(PreloadTest, HoldsTheSameRowsInMessagesForAnyClient) {
  constexpr int64_t kRows = 300'000;
  const auto sample = SampleTable({.rows = kRows, .batch_rows = 100'000});
  ASSERT_OK_AND_ASSIGN(auto writer,
                       FileWriter::Create(Path(), GetParam(), sample->schema()));
  std::shared_ptr<arrow::RecordBatch> batch;
  for (;;) {
    ASSERT_OK(sample->ReadNext(&batch));
    if (batch == nullptr) break;
    ASSERT_OK(writer->Write(*batch));
  }
  ASSERT_OK(writer->Finish());
  ASSERT_OK_AND_ASSIGN(const auto dataset, OpenDataset(Path()));
  ASSERT_OK_AND_ASSIGN(const auto table, tests::ReadTable(*dataset));
  ASSERT_OK_AND_ASSIGN(const auto loaded, Preload(*dataset, kPlenty));
  std::filesystem::remove(Path());
  EXPECT_EQ(loaded->path(), Path());
  EXPECT_EQ(loaded->num_rows(), kRows);
  EXPECT_GT(loaded->num_batches(), 3);
  EXPECT_GT(loaded->num_bytes(), kRows * 16);
  EXPECT_OK(loaded->CheckUnchanged());
  ASSERT_OK_AND_ASSIGN(const auto read, tests::ReadTable(*loaded));
  EXPECT_TRUE(Same(*read, *table));
  ASSERT_OK_AND_ASSIGN(const auto messages, loaded->OpenMessages({}, kAnyClient));
  ASSERT_NE(messages, nullptr);
  ASSERT_OK_AND_ASSIGN(const auto sent, tests::DecodeMessages(*messages));
  EXPECT_TRUE(Same(*sent, *table));
  ASSERT_OK_AND_ASSIGN(const auto rows, OpenRows(*loaded, {.columns = {{2, 0}}},
                                                 {.first = 1'000, .count = 99'999}));
  ASSERT_OK_AND_ASSIGN(const auto part, rows->ToTable());
  ASSERT_OK_AND_ASSIGN(const auto columns, table->SelectColumns({2, 0}));
  EXPECT_TRUE(part->Equals(*columns->Slice(1'000, 99'999)));
}

TEST(Preload, HoldsEveryLayout) {
  tests::TemporaryFolder folder;
  for (const auto& layout : tests::AllLayouts()) {
    for (const Format format : {Format::kFeather, Format::kIpcStream}) {
      const std::string path = folder / "t";
      if (!tests::WriteIpc(path, format, layout.schema, layout.batches, Lz4()).ok()) {
        continue;  // Arrow's writer has no such file
      }
      ASSERT_OK_AND_ASSIGN(const auto dataset, OpenDataset(path));
      ASSERT_OK_AND_ASSIGN(const auto loaded, Preload(*dataset, kPlenty));
      ASSERT_OK_AND_ASSIGN(const auto expected, tests::ReadTable(*dataset));
      ASSERT_OK_AND_ASSIGN(const auto read, tests::ReadTable(*loaded));
      EXPECT_TRUE(Same(*read, *expected)) << layout.name;
      ASSERT_OK_AND_ASSIGN(const auto sent, tests::ReadMessages(*loaded));
      EXPECT_TRUE(Same(*sent, *expected)) << layout.name;
    }
  }
}

TEST(Preload, DecodesWithoutACopy) {
  tests::TemporaryFolder folder;
  const std::string path = folder / "t.feather";
  const auto sample = SampleTable({.rows = 1'000, .batch_rows = 1'000});
  ASSERT_OK_AND_ASSIGN(const auto batches, sample->ToRecordBatches());
  ASSERT_OK(tests::WriteIpc(path, Format::kFeather, sample->schema(), batches, Lz4()));
  ASSERT_OK_AND_ASSIGN(const auto dataset, OpenDataset(path));
  ASSERT_OK_AND_ASSIGN(const auto loaded, Preload(*dataset, kPlenty));
  const auto first_column = [&]() -> const void* {
    auto reader = loaded->OpenReader({}).ValueOrDie();
    std::shared_ptr<arrow::RecordBatch> batch;
    EXPECT_OK(reader->ReadNext(&batch));
    return batch->column_data(0)->buffers[1]->data();
  };
  EXPECT_EQ(first_column(), first_column());
}

TEST(Preload, RefusesWhatIsLargerThanItsLimit) {
  tests::TemporaryFolder folder;
  const std::string path = folder / "large.feather";
  const auto sample = SampleTable({.rows = 100'000});
  ASSERT_OK_AND_ASSIGN(const auto batches, sample->ToRecordBatches());
  ASSERT_OK(tests::WriteIpc(path, Format::kFeather, sample->schema(), batches, Lz4()));
  ASSERT_OK_AND_ASSIGN(const auto dataset, OpenDataset(path));
  const arrow::Status status = Preload(*dataset, 1 << 20).status();
  EXPECT_TRUE(status.IsCapacityError()) << status;
  EXPECT_THAT(status.message(), HasSubstr("large.feather' takes more than 1 MB"));
  ASSERT_OK_AND_ASSIGN(const auto loaded, Preload(*dataset, kPlenty));
  EXPECT_OK(Preload(*dataset, loaded->num_bytes()));
  EXPECT_TRUE(Preload(*dataset, loaded->num_bytes() - 1).status().IsCapacityError());
}

TEST(Preload, SaysWhatIsWrongWithAFile) {
  tests::TemporaryFolder folder;
  const std::string path = folder / "t.feather";
  const auto sample = SampleTable({.rows = 10'000, .batch_rows = 1'000});
  ASSERT_OK_AND_ASSIGN(const auto batches, sample->ToRecordBatches());
  ASSERT_OK(tests::WriteIpc(path, Format::kFeather, sample->schema(), batches));
  ASSERT_OK_AND_ASSIGN(const auto dataset, OpenDataset(path));
  std::filesystem::resize_file(path, 1'000);
  const arrow::Status status = Preload(*dataset, kPlenty).status();
  EXPECT_TRUE(status.IsIOError()) << status;
  EXPECT_THAT(status.message(), HasSubstr("was cut"));
}

TEST(Preload, KnowsHowMuchMemoryThereIs) { EXPECT_GT(MemoryBytes(), 1 << 20); }

}  // namespace
}  // namespace pinion::data
