// Files that are not what they should be: each is refused, or read, and nothing breaks.
// The sanitizers of the test build watch.
#include <cstring>
#include <random>

#include <arrow/json/from_string.h>
#include <arrow/util/compression.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/dataset.h"
#include "data/row_parts.h"
#include "data/row_window.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/table_files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/typed_batches.h"

namespace pinion::data {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Lt;
using testing::Not;
using testing::SizeIs;

// Reads all there is, in all ways. Whether that succeeds is not said.
void ReadEverything(const std::string& path) {
  const auto opened = OpenDataset(path);
  if (!opened.ok()) {
    EXPECT_THAT(opened.status().message(),
                AllOf(HasSubstr(path), SizeIs(Lt(1024)), Not(HasSubstr("\n"))));
    return;
  }
  const Dataset& dataset = **opened;
  (void)dataset.num_rows();
  (void)tests::ReadTable(dataset);
  (void)tests::ReadMessages(dataset);
  if (dataset.schema()->num_fields() > 1) {
    const ReadOptions part{.columns = {{1, 0}}};
    (void)tests::ReadTable(dataset, part);
    (void)tests::ReadMessages(dataset, part);
  }
  for (const RowRange& rows : {RowRange{.first = 3}, RowRange{.first = 5, .count = 20}}) {
    (void)FindRows(dataset, {}, rows);
    const auto reader = OpenRows(dataset, {}, rows);
    if (reader.ok()) (void)(*reader)->ToTable();
  }
}

class Mutation {
 public:
  explicit Mutation(uint64_t seed) : random_(seed) {}

  std::string Of(std::string bytes) {
    const int changes = 1 + static_cast<int>(random_() % 3);
    for (int i = 0; i < changes; ++i) Change(&bytes);
    return bytes;
  }

 private:
  void Change(std::string* bytes) {
    const size_t place = random_() % bytes->size();
    switch (random_() % 4) {
      case 0:
        (*bytes)[place] ^= static_cast<char>(1 << (random_() % 8));
        break;
      case 1:
        (*bytes)[place] = static_cast<char>(random_());
        break;
      case 2: {
        constexpr int64_t kNumbers[] = {-1,        0,         1,         INT32_MAX,
                                        INT32_MIN, INT64_MAX, INT64_MIN, 1 << 20};
        const int64_t number = kNumbers[random_() % std::size(kNumbers)];
        const size_t aligned = place & ~size_t{3};
        std::memcpy(bytes->data() + aligned, &number,
                    std::min(sizeof(number), bytes->size() - aligned));
        break;
      }
      default:
        // Usually something must remain to look at.
        if (random_() % 16 == 0) bytes->resize(place + 1);
    }
  }

  std::mt19937_64 random_;
};

class IpcCorruptionTest : public testing::TestWithParam<Format> {
 protected:
  std::string path_;
  tests::TemporaryFolder folder_;

  void SetUp() override {
    path_ = folder_ / (GetParam() == Format::kFeather ? "t.feather" : "t.arrows");
  }
};

INSTANTIATE_TEST_SUITE_P(Formats, IpcCorruptionTest,
                         testing::Values(Format::kFeather, Format::kIpcStream),
                         [](const auto& info) {
                           return std::string(FormatName(info.param));
                         });

TEST_P(IpcCorruptionTest, ChangedBytesBreakNothing) {
  Mutation mutation(20'251'123);
  for (const auto codec :
       {arrow::Compression::UNCOMPRESSED, arrow::Compression::LZ4_FRAME}) {
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.codec = *arrow::util::Codec::Create(codec);
    for (const auto& layout : tests::AllLayouts()) {
      SCOPED_TRACE(layout.name);
      ASSERT_OK(
          tests::WriteIpc(path_, GetParam(), layout.schema, layout.batches, options));
      const std::string bytes = tests::ReadFile(path_);
      for (int i = 0; i < 60; ++i) {
        tests::WriteFile(path_, mutation.Of(bytes));
        ReadEverything(path_);
      }
    }
  }
}

TEST_P(IpcCorruptionTest, CutAnywhereBreaksNothing) {
  const auto layouts = tests::AllLayouts();
  const auto& layout = layouts.front();
  ASSERT_OK(tests::WriteIpc(path_, GetParam(), layout.schema, layout.batches));
  const std::string bytes = tests::ReadFile(path_);
  for (size_t size = 1; size < bytes.size(); ++size) {
    tests::WriteFile(path_, std::string_view(bytes).substr(0, size));
    if (GetParam() == Format::kFeather) {
      EXPECT_TRUE(OpenDataset(path_).status().IsIOError()) << size;
    } else {
      ReadEverything(path_);
    }
  }
}

TEST_P(IpcCorruptionTest, RandomBytesAfterTheMarkAreRefused) {
  std::mt19937_64 random(7);
  const std::string mark = GetParam() == Format::kFeather ? "ARROW1" : "\xff\xff\xff\xff";
  for (int i = 0; i < 300; ++i) {
    std::string bytes = mark;
    const size_t size = random() % 3000;
    for (size_t k = 0; k < size; ++k) bytes.push_back(static_cast<char>(random()));
    if (GetParam() == Format::kFeather) bytes += mark;
    tests::WriteFile(path_, bytes);
    EXPECT_FALSE(OpenDataset(path_).ok());
  }
}

TEST_P(IpcCorruptionTest, AWrongValueIsAnErrorToEveryStreamThatReadsIt) {
  // The offsets of the second text lead outside of the characters.
  const auto texts =
      *arrow::json::ArrayFromJSONString(arrow::utf8(), R"(["a", "bc", "def"])");
  const auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("text", arrow::utf8())}), 3, {texts});
  ASSERT_OK(tests::WriteIpc(path_, GetParam(), batch->schema(), {batch}));
  std::string bytes = tests::ReadFile(path_);
  const int32_t offsets[] = {0, 1, 3, 6};
  const size_t place = bytes.find(
      std::string_view(reinterpret_cast<const char*>(offsets), sizeof(offsets)));
  ASSERT_NE(place, std::string::npos);
  bytes[place + 6] = 1;
  tests::WriteFile(path_, bytes);
  ASSERT_OK_AND_ASSIGN(auto dataset, OpenDataset(path_));
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(auto reader, dataset->OpenReader({}));
    std::shared_ptr<arrow::RecordBatch> read;
    const arrow::Status status = reader->ReadNext(&read);
    EXPECT_TRUE(status.IsIOError()) << status;
    EXPECT_THAT(status.message(), HasSubstr("batch 0 of '" + path_ + "'"));
  }
}

TEST(FeatherCorruption, OneBadBatchSpoilsOnlyTheRangesThatHaveIt) {
  tests::TemporaryFolder folder;
  const std::string path = folder / "t.feather";
  const auto numbers =
      *arrow::json::ArrayFromJSONString(arrow::int64(), "[1, 2, 3, 4, 5, 6, 7, 8]");
  const auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("n", arrow::int64())}), 8, {numbers});
  ASSERT_OK(tests::WriteIpc(path, Format::kFeather, batch->schema(), {batch, batch}));
  std::string bytes = tests::ReadFile(path);
  // The second batch: the last message before the footer.
  const size_t message = bytes.rfind(std::string("\xff\xff\xff\xff\x88", 5));
  ASSERT_NE(message, std::string::npos);
  bytes[message + 8] ^= 0x7f;
  tests::WriteFile(path, bytes);
  ASSERT_OK_AND_ASSIGN(auto dataset, OpenDataset(path));
  EXPECT_EQ(dataset->num_batches(), 2);
  EXPECT_OK(tests::ReadTable(*dataset, {.num_batches = 1}));
  EXPECT_OK(tests::ReadMessages(*dataset, {.num_batches = 1}));
  for (const int64_t first : {0, 1}) {
    const ReadOptions options{.first_batch = first};
    EXPECT_TRUE(tests::ReadTable(*dataset, options).status().IsIOError());
    EXPECT_TRUE(tests::ReadMessages(*dataset, options).status().IsIOError());
  }
  EXPECT_EQ(dataset->num_rows(), std::nullopt);
}

}  // namespace
}  // namespace pinion::data
