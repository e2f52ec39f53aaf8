#include "data/dataset.h"

#include <cstring>
#include <limits>
#include <string>
#include <unistd.h>

#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/file_writer.h"
#include "data/sample_table.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/table_files.h"
#include "tests/support/temporary_folder.h"

namespace pinion::data {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using tests::ReadMessages;
using tests::ReadTable;

class OpenDatasetTest : public testing::Test {
 protected:
  std::string ErrorOf(const std::string& name) {
    const auto dataset = OpenDataset(folder_ / name);
    EXPECT_TRUE(dataset.status().IsIOError()) << dataset.status();
    return dataset.status().message();
  }

  std::string ErrorOf(const std::string& name, std::string_view content) {
    tests::WriteFile(folder_ / name, content);
    const std::string message = ErrorOf(name);
    EXPECT_THAT(message, HasSubstr("'" + folder_ / name + "'"));
    return message;
  }

  tests::TemporaryFolder folder_;
};

TEST_F(OpenDatasetTest, SaysWhatIsWrongWithAFile) {
  EXPECT_THAT(ErrorOf("none.feather"), HasSubstr("there is no file"));
  EXPECT_THAT(ErrorOf("."), HasSubstr("is a directory"));
  EXPECT_THAT(ErrorOf("t.feather", ""), HasSubstr("is empty"));
  EXPECT_THAT(ErrorOf("t.csv", ""), HasSubstr("is empty"));
  EXPECT_THAT(ErrorOf("t.feather", "ARROW1"), HasSubstr("not a whole Arrow file"));
  EXPECT_THAT(ErrorOf("t.feather", "ARROW1" + std::string(100, '\0')),
              HasSubstr("was cut or is still being written"));
  EXPECT_THAT(ErrorOf("t.feather", "ARROW1" + std::string(100, '\0') + "ARROW1"),
              HasSubstr("its footer cannot have 0 bytes"));
  EXPECT_THAT(ErrorOf("t.feather", "FEA1 and so on FEA1"),
              AllOf(HasSubstr("Feather V1"), HasSubstr("Feather V2")));
  EXPECT_THAT(ErrorOf("t.feather", "random bytes"), HasSubstr("is none of the files"));
  EXPECT_THAT(ErrorOf("t", "a,b\n1,2\n"), HasSubstr("extension .csv"));
  EXPECT_THAT(ErrorOf("t.parquet", "PAR1"), HasSubstr("not a Parquet file"));
  EXPECT_THAT(ErrorOf("t.parquet", "PAR1" + std::string(100, 'x')),
              HasSubstr("not a Parquet file"));
  EXPECT_THAT(ErrorOf("t.parquet", "PARE" + std::string(100, 'x')),
              HasSubstr("encrypted"));
  EXPECT_THAT(ErrorOf("t.arrows", "\xff\xff\xff\xff"), HasSubstr("is cut"));
  EXPECT_THAT(ErrorOf("t.arrows", std::string("\xff\xff\xff\xff\0\0\0\0", 8)),
              HasSubstr("without a schema"));
  EXPECT_THAT(ErrorOf("t.arrows", "random bytes"), HasSubstr("t.arrows"));
}

TEST_F(OpenDatasetTest, RecognisesFormatsByContentWhateverTheName) {
  for (const Format format : {Format::kFeather, Format::kIpcStream, Format::kParquet}) {
    const std::string path = folder_ / "it's a \"file\" ä.csv";
    ASSERT_OK_AND_ASSIGN(auto writer, FileWriter::Create(path, format, SampleSchema()));
    ASSERT_OK(writer->Finish());
    ASSERT_OK_AND_ASSIGN(auto dataset, OpenDataset(path));
    EXPECT_EQ(dataset->format(), format);
    EXPECT_EQ(dataset->path(), path);
    EXPECT_EQ(dataset->num_rows(), 0);
    ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset));
    EXPECT_EQ(table->num_rows(), 0);
    EXPECT_TRUE(table->schema()->Equals(*SampleSchema()));
  }
}

TEST_F(OpenDatasetTest, AFooterThatPointsOutsideOfTheFileIsRefused) {
  const auto numbers = *arrow::json::ArrayFromJSONString(arrow::int64(), "[1, 2]");
  const auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("n", arrow::int64())}), 2, {numbers});
  const std::string path = folder_ / "t.feather";
  ASSERT_OK(tests::WriteIpc(path, Format::kFeather, batch->schema(), {batch}));
  const std::string bytes = tests::ReadFile(path);
  // A footer's block: its offset, the length of the metadata in four bytes, four bytes of
  // padding, the length of the body.
  const int64_t offset = static_cast<int64_t>(bytes.find("\xff\xff\xff\xff", 16));
  const size_t block = bytes.rfind(
      std::string_view(reinterpret_cast<const char*>(&offset), sizeof(offset)));
  ASSERT_NE(block, std::string::npos);
  ASSERT_GT(block, static_cast<size_t>(offset));
  const auto with = [&](size_t place, int64_t value, size_t size) {
    std::string changed = bytes;
    std::memcpy(changed.data() + block + place, &value, size);
    return changed;
  };
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  for (const int64_t wrong : {int64_t{0x10000000}, int64_t{-8}, int64_t{0}, kMost - 7}) {
    EXPECT_THAT(ErrorOf("t.feather", with(0, wrong, 8)), HasSubstr("footer")) << wrong;
  }
  for (const int64_t wrong : {int64_t{0x10000000}, int64_t{-8}, int64_t{0}}) {
    EXPECT_THAT(ErrorOf("t.feather", with(8, wrong, 4)), HasSubstr("footer")) << wrong;
  }
  for (const int64_t wrong : {int64_t{0x10000000}, int64_t{-8}, kMost - 7}) {
    EXPECT_THAT(ErrorOf("t.feather", with(16, wrong, 8)), HasSubstr("footer")) << wrong;
  }
}

// What holds for all formats.
class DatasetTest : public testing::TestWithParam<Format> {
 protected:
  static constexpr int64_t kRows = 150'000;

  std::string Path() const {
    return folder_ / ("t." + std::string(FormatName(GetParam())));
  }

  // The sample, in batches of a third; without the nested column, which CSV lacks.
  std::shared_ptr<Dataset> Sample() {
    const auto whole =
        SampleTable({.rows = kRows, .batch_rows = kRows / 3})->ToTable().ValueOrDie();
    expected_ = whole->RemoveColumn(5).ValueOrDie();
    auto writer =
        FileWriter::Create(Path(), GetParam(), expected_->schema()).ValueOrDie();
    arrow::TableBatchReader batches(*expected_);
    while (auto batch = batches.Next().ValueOrDie()) {
      EXPECT_OK(writer->Write(*batch));
    }
    EXPECT_OK(writer->Finish());
    return OpenDataset(Path()).ValueOrDie();
  }

  void SpoilAndExpectErrors(const std::function<void()>& spoil) {
    const auto dataset = Sample();
    ASSERT_OK_AND_ASSIGN(auto reader, dataset->OpenReader({}));
    ASSERT_OK_AND_ASSIGN(auto messages, dataset->OpenMessages({}, {}));
    std::shared_ptr<arrow::RecordBatch> batch;
    ASSERT_OK(reader->ReadNext(&batch));
    if (messages != nullptr) {
      ASSERT_OK(messages->Next());
    }
    spoil();
    arrow::Status status = dataset->CheckUnchanged();
    EXPECT_THAT(status.message(), HasSubstr("'" + Path() + "' was"));
    EXPECT_EQ(reader->ReadNext(&batch), status);
    if (messages != nullptr) {
      EXPECT_EQ(messages->Next().status(), status);
    }
    // New streams are no better, wherever it shows.
    EXPECT_TRUE(ReadTable(*dataset).status().IsIOError());
    EXPECT_TRUE(messages == nullptr || ReadMessages(*dataset).status().IsIOError());
  }

  std::shared_ptr<arrow::Table> expected_;
  tests::TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Formats, DatasetTest,
                         testing::Values(Format::kFeather, Format::kIpcStream,
                                         Format::kParquet, Format::kCsv),
                         [](const auto& info) {
                           return std::string(FormatName(info.param));
                         });

TEST_P(DatasetTest, ReadsWhatWasWritten) {
  const auto dataset = Sample();
  ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset));
  EXPECT_TRUE(table->Equals(*expected_));
  EXPECT_TRUE(dataset->schema()->Equals(*expected_->schema()));
  EXPECT_EQ(dataset->format(), GetParam());
  EXPECT_EQ(dataset->num_bytes(),
            static_cast<int64_t>(std::filesystem::file_size(Path())));
  if (GetParam() == Format::kCsv) {
    EXPECT_EQ(dataset->num_rows(), std::nullopt);
  } else {
    EXPECT_EQ(dataset->num_rows(), kRows);
  }
}

TEST_P(DatasetTest, SelectsColumnsInAnyOrder) {
  const auto dataset = Sample();
  for (const std::vector<int>& columns :
       std::vector<std::vector<int>>{{2}, {4, 0, 3}, {3, 4, 2, 1, 0}, {}}) {
    SCOPED_TRACE(testing::PrintToString(columns));
    ASSERT_OK_AND_ASSIGN(auto selected, expected_->SelectColumns(columns));
    ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset, {.columns = columns}));
    EXPECT_TRUE(table->Equals(*selected));
    EXPECT_EQ(table->num_rows(), kRows);
  }
}

TEST_P(DatasetTest, PartsOfTheBatchesAddUpToTheWhole) {
  const auto dataset = Sample();
  std::vector<std::shared_ptr<arrow::Table>> parts;
  for (int64_t i = 0; i < dataset->num_batches(); ++i) {
    ASSERT_OK_AND_ASSIGN(auto part,
                         ReadTable(*dataset, {.first_batch = i, .num_batches = 1}));
    parts.push_back(part);
  }
  ASSERT_OK_AND_ASSIGN(auto table, arrow::ConcatenateTables(parts));
  EXPECT_TRUE(table->Equals(*expected_));
  ASSERT_OK_AND_ASSIGN(auto nothing, ReadTable(*dataset, {.num_batches = 0}));
  EXPECT_EQ(nothing->num_rows(), 0);
}

TEST_P(DatasetTest, AStopRequestEndsAStream) {
  const auto dataset = Sample();
  std::stop_source stop;
  ASSERT_OK_AND_ASSIGN(auto reader, dataset->OpenReader({.stop = stop.get_token()}));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_OK(reader->ReadNext(&batch));
  stop.request_stop();
  EXPECT_TRUE(reader->ReadNext(&batch).IsCancelled());
}

TEST_P(DatasetTest, StreamsOutliveTheDatasetAndTheFile) {
  auto dataset = Sample();
  ASSERT_OK_AND_ASSIGN(auto reader, dataset->OpenReader({}));
  dataset.reset();
  std::filesystem::remove(Path());
  ASSERT_OK_AND_ASSIGN(auto table, reader->ToTable());
  EXPECT_TRUE(table->Equals(*expected_));
}

TEST_P(DatasetTest, AFileThatIsCutEndsItsStreamsWithAnError) {
  for (const int64_t size : {0, 100, 100'000}) {
    SpoilAndExpectErrors([&] { ASSERT_EQ(truncate(Path().c_str(), size), 0); });
  }
}

TEST_P(DatasetTest, AFileThatIsOverwrittenEndsItsStreamsWithAnError) {
  SpoilAndExpectErrors([&] {
    const auto size = std::filesystem::file_size(Path());
    std::fstream file(Path(), std::ios::in | std::ios::out | std::ios::binary);
    file << std::string(size, '\xa5');
    file.close();
    std::filesystem::last_write_time(Path(), std::filesystem::file_time_type::min());
  });
}

class CsvDatasetTest : public OpenDatasetTest {
 protected:
  std::shared_ptr<Dataset> Open(std::string_view content, const char* name = "t.csv") {
    tests::WriteFile(folder_ / name, content);
    return OpenDataset(folder_ / name).ValueOrDie();
  }
};

TEST_F(CsvDatasetTest, InfersTypesAndReadsTabsWhereTheExtensionSaysSo) {
  const auto dataset = Open("n\tx\ttext\n1\t0.5\t\"a\tb\"\n2\t1\t\"c\nd\"\n", "t.tsv");
  EXPECT_EQ(dataset->schema()->ToString(), "n: int64\nx: double\ntext: string");
  ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset));
  const auto& texts = static_cast<const arrow::StringArray&>(*table->column(2)->chunk(0));
  EXPECT_EQ(texts.GetString(0), "a\tb");
  EXPECT_EQ(texts.GetString(1), "c\nd");
}

TEST_F(CsvDatasetTest, AHeaderAloneIsATableWithoutRows) {
  for (const char* content : {"a,b\n", "a,b"}) {
    const auto dataset = Open(content);
    EXPECT_EQ(dataset->schema()->field_names(), (std::vector<std::string>{"a", "b"}));
    ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset));
    EXPECT_EQ(table->num_rows(), 0);
    ASSERT_OK_AND_ASSIGN(auto part, ReadTable(*dataset, {.columns = {{1}}}));
    EXPECT_EQ(part->num_columns(), 1);
  }
}

TEST_F(CsvDatasetTest, AValueThatDoesNotFitIsAnErrorThatNamesTheRow) {
  std::string content = "n,m\n";
  int row = 1;
  while (content.size() < (3 << 20)) content += std::to_string(++row) + ",1\n";
  content += "many,1\n";
  const auto dataset = Open(content);
  const arrow::Status status = ReadTable(*dataset).status();
  EXPECT_TRUE(status.IsIOError());
  EXPECT_THAT(status.message(),
              AllOf(HasSubstr("t.csv"), HasSubstr("Row #" + std::to_string(row + 1)),
                    HasSubstr("many")));
}

TEST_F(CsvDatasetTest, ARowWithTooManyFieldsIsAnErrorThatNamesTheRow) {
  EXPECT_THAT(ErrorOf("t.csv", "a,b\n1,2\n1,2,3\n"),
              AllOf(HasSubstr("Row #3"), HasSubstr("1,2,3")));
}

TEST_F(CsvDatasetTest, AColumnThatBeginsWithNullsTakesTextsLater) {
  std::string content = "n,late\n";
  int rows = 0;
  while (content.size() < (2 << 20)) content += std::to_string(++rows) + ",\n";
  content += "0,here\n";
  const auto dataset = Open(content);
  EXPECT_EQ(dataset->schema()->field(1)->type()->id(), arrow::Type::STRING);
  ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset, {.columns = {{1}}}));
  ASSERT_OK_AND_ASSIGN(auto last, table->column(0)->GetScalar(rows));
  EXPECT_EQ(last->ToString(), "here");
}

TEST_F(CsvDatasetTest, ColumnsOfTheSameNameAreToldApart) {
  const auto dataset = Open("x,x\n1,a\n");
  ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset, {.columns = {{1}}}));
  ASSERT_OK_AND_ASSIGN(auto value, table->column(0)->GetScalar(0));
  EXPECT_EQ(value->ToString(), "a");
}

}  // namespace
}  // namespace pinion::data
