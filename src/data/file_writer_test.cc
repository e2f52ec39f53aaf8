#include "data/file_writer.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>

#include <arrow/array.h>
#include <arrow/array/array_dict.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/json/from_string.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>

#include "data/sample_table.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/typed_batches.h"

namespace pinion::data {
namespace {

using arrow::Compression;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> NamesIn(const std::string& folder) {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    names.push_back(entry.path().filename());
  }
  return names;
}

arrow::Status WriteAll(const std::string& path, Format format,
                       const std::shared_ptr<arrow::Schema>& schema,
                       const arrow::RecordBatchVector& batches,
                       const WriteOptions& options = {}) {
  ARROW_ASSIGN_OR_RAISE(auto writer, FileWriter::Create(path, format, schema, options));
  for (const auto& batch : batches) ARROW_RETURN_NOT_OK(writer->Write(*batch));
  return writer->Finish();
}

// By Arrow's own readers.
arrow::Result<std::shared_ptr<arrow::Table>> ReadBack(const std::string& path,
                                                      Format format) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::ReadableFile::Open(path));
  if (format == Format::kParquet) {
    parquet::arrow::FileReaderBuilder builder;
    ARROW_RETURN_NOT_OK(builder.Open(file));
    ARROW_ASSIGN_OR_RAISE(auto reader, builder.Build());
    return reader->ReadTable();
  }
  if (format == Format::kIpcStream) {
    ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchStreamReader::Open(file));
    return reader->ToTable();
  }
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchFileReader::Open(file));
  return reader->ToTable();
}

class FileWriterTest : public testing::Test {
 protected:
  tests::TemporaryFolder folder_;
  const std::string path_ = folder_ / "t";
  const std::shared_ptr<arrow::Schema> schema_ = SampleSchema();
  const std::shared_ptr<arrow::RecordBatch> batch_ =
      SampleTable({.rows = 1000})->Next().ValueOrDie();
};

TEST_F(FileWriterTest, WritesEveryLayoutAsIpc) {
  for (const Format format : {Format::kFeather, Format::kIpcStream}) {
    for (const auto codec :
         {Compression::UNCOMPRESSED, Compression::LZ4_FRAME, Compression::ZSTD}) {
      for (const auto& layout : tests::AllLayouts()) {
        SCOPED_TRACE(layout.name);
        ASSERT_OK(WriteAll(path_, format, layout.schema, layout.batches,
                           {.compression = codec}));
        ASSERT_OK_AND_ASSIGN(auto table, ReadBack(path_, format));
        ASSERT_OK_AND_ASSIGN(auto expected, arrow::Table::FromRecordBatches(
                                                layout.schema, layout.batches));
        EXPECT_TRUE(table->Equals(*expected, /*check_metadata=*/true));
      }
    }
  }
}

TEST_F(FileWriterTest, WritesParquetWithTheCodecAskedFor) {
  for (const auto& [codec, expected] :
       std::vector<std::pair<std::optional<Compression::type>, Compression::type>>{
           {std::nullopt, Compression::SNAPPY},
           {Compression::UNCOMPRESSED, Compression::UNCOMPRESSED},
           {Compression::LZ4_FRAME, Compression::LZ4},
           {Compression::ZSTD, Compression::ZSTD}}) {
    ASSERT_OK(WriteAll(path_, Format::kParquet, schema_, {batch_, batch_},
                       {.compression = codec}));
    ASSERT_OK_AND_ASSIGN(auto table, ReadBack(path_, Format::kParquet));
    ASSERT_OK_AND_ASSIGN(auto written, arrow::Table::FromRecordBatches({batch_, batch_}));
    EXPECT_TRUE(table->Equals(*written));
    const auto metadata = parquet::ParquetFileReader::OpenFile(path_)->metadata();
    EXPECT_EQ(metadata->num_row_groups(), 1);
    EXPECT_EQ(metadata->RowGroup(0)->ColumnChunk(0)->compression(), expected);
  }
}

TEST_F(FileWriterTest, AParquetRowGroupEndsWhenItIsLargeInBytes) {
  const auto megabyte = std::make_shared<arrow::StringScalar>(std::string(1 << 20, 'x'));
  ASSERT_OK_AND_ASSIGN(auto column, arrow::MakeArrayFromScalar(*megabyte, 50));
  const auto schema = arrow::schema({arrow::field("text", arrow::utf8())});
  const auto batch = arrow::RecordBatch::Make(schema, 50, {column});
  ASSERT_OK(WriteAll(path_, Format::kParquet, schema, {batch, batch, batch, batch}));
  EXPECT_EQ(parquet::ParquetFileReader::OpenFile(path_)->metadata()->num_row_groups(), 2);
}

TEST_F(FileWriterTest, WritesCsvWithNestedValuesAsJson) {
  const auto nested = arrow::struct_(
      {arrow::field("n", arrow::int32()), arrow::field("l", arrow::list(arrow::utf8()))});
  const auto column = *arrow::json::ArrayFromJSONString(
      nested, R"([{"n": 1, "l": ["a", null, "\"q\""]}, null, {"n": null, "l": []}])");
  const auto texts =
      *arrow::json::ArrayFromJSONString(arrow::utf8(), R"(["x,y", null, ""])");
  const auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("s", nested), arrow::field("text", arrow::utf8())}), 3,
      {column, texts});
  ASSERT_OK(WriteAll(path_, Format::kCsv, batch->schema(), {batch}));
  EXPECT_EQ(
      tests::ReadFile(path_),
      "\"s\",\"text\"\n"
      "\"{\"\"n\"\": 1, \"\"l\"\": [\"\"a\"\", null, \"\"\\\"\"q\\\"\"\"\"]}\",\"x,y\"\n"
      ",\n"
      "\"{\"\"n\"\": null, \"\"l\"\": []}\",\"\"\n");
}

TEST_F(FileWriterTest, WritesBinaryOfEveryLayoutToCsvAsHex) {
  const auto fixed = arrow::fixed_size_binary(2);
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (const auto& type : {arrow::binary(), arrow::large_binary(), arrow::binary_view(),
                           fixed, arrow::dictionary(arrow::int8(), arrow::binary()),
                           arrow::list(arrow::binary())}) {
    const bool nested = type->id() == arrow::Type::LIST;
    fields.push_back(arrow::field("c", type));
    columns.push_back(*arrow::json::ArrayFromJSONString(
        type, nested ? R"([["az"], null])" : R"(["az", null])"));
  }
  const auto schema = arrow::schema(std::move(fields));
  ASSERT_OK(WriteAll(path_, Format::kCsv, schema,
                     {arrow::RecordBatch::Make(schema, 2, std::move(columns))}));
  const auto csv = tests::ReadFile(path_);
  EXPECT_EQ(csv.substr(csv.find('\n') + 1),
            "\"617a\",\"617a\",\"617a\",\"617a\",\"617a\",\"[\"\"617a\"\"]\"\n"
            ",,,,,\n");
}

TEST_F(FileWriterTest, WritesTextOfEveryLayoutToCsvAsItIs) {
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (const auto& type : {arrow::utf8(), arrow::large_utf8(), arrow::utf8_view(),
                           arrow::dictionary(arrow::int8(), arrow::utf8())}) {
    fields.push_back(arrow::field("c", type));
    columns.push_back(*arrow::json::ArrayFromJSONString(type, R"(["a\"b", "", null])"));
  }
  const auto schema = arrow::schema(std::move(fields));
  ASSERT_OK(WriteAll(path_, Format::kCsv, schema,
                     {arrow::RecordBatch::Make(schema, 3, std::move(columns))}));
  const auto csv = tests::ReadFile(path_);
  EXPECT_EQ(csv.substr(csv.find('\n') + 1),
            "\"a\"\"b\",\"a\"\"b\",\"a\"\"b\",\"a\"\"b\"\n"
            "\"\",\"\",\"\",\"\"\n"
            ",,,\n");
}

TEST_F(FileWriterTest, SeparatesByTabsWhereTheExtensionSaysSo) {
  const auto numbers = *arrow::json::ArrayFromJSONString(arrow::int64(), "[1]");
  const auto batch =
      arrow::RecordBatch::Make(arrow::schema({arrow::field("a", arrow::int64()),
                                              arrow::field("b", arrow::int64())}),
                               1, {numbers, numbers});
  ASSERT_OK(WriteAll(folder_ / "t.tsv", Format::kCsv, batch->schema(), {batch}));
  EXPECT_EQ(tests::ReadFile(folder_ / "t.tsv"), "\"a\"\t\"b\"\n1\t1\n");
}

TEST_F(FileWriterTest, DictionariesThatDifferBetweenBatchesAreUnified) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  const auto schema = arrow::schema({arrow::field("word", type)});
  arrow::RecordBatchVector batches;
  const std::vector<std::pair<const char*, const char*>> parts = {
      {"[0, 1]", R"(["a", "b"])"},
      {"[0, null]", R"(["c"])"},
      {"[2, 0]", R"(["b", "a", "d"])"},
      {"[0]", R"(["c"])"}};
  for (const auto& [codes, words] : parts) {
    const auto array = *arrow::json::DictArrayFromJSONString(type, codes, words);
    batches.push_back(arrow::RecordBatch::Make(schema, array->length(), {array}));
  }
  for (const Format format : {Format::kFeather, Format::kIpcStream}) {
    ASSERT_OK(WriteAll(path_, format, schema, batches));
    ASSERT_OK_AND_ASSIGN(auto table, ReadBack(path_, format));
    std::string words;
    for (const auto& chunk : table->column(0)->chunks()) {
      const auto& array = static_cast<const arrow::DictionaryArray&>(*chunk);
      const auto& values = static_cast<const arrow::StringArray&>(*array.dictionary());
      for (int64_t i = 0; i < array.length(); ++i) {
        words += array.IsNull(i) ? "-" : values.GetString(array.GetValueIndex(i));
      }
    }
    EXPECT_EQ(words, "abc-dbc");
  }
}

TEST_F(FileWriterTest, ADictionaryThatOutgrowsItsCodesIsAnError) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::int64());
  const auto schema = arrow::schema({arrow::field("n", type)});
  ASSERT_OK_AND_ASSIGN(auto writer, FileWriter::Create(path_, Format::kFeather, schema));
  arrow::Status status;
  for (int first = 0; first < 300 && status.ok(); first += 100) {
    arrow::Int64Builder values;
    for (int i = 0; i < 100; ++i) ASSERT_OK(values.Append(first + i));
    const auto codes = *arrow::json::ArrayFromJSONString(arrow::int8(), "[0, 99]");
    ASSERT_OK_AND_ASSIGN(auto dictionary, values.Finish());
    const auto array = std::make_shared<arrow::DictionaryArray>(type, codes, dictionary);
    status = writer->Write(*arrow::RecordBatch::Make(schema, 2, {array}));
  }
  EXPECT_THAT(status.message(), HasSubstr("cannot write '" + path_ + "'"));
}

TEST_F(FileWriterTest, TheNameAppearsOnlyWhenTheFileIsWhole) {
  {
    ASSERT_OK_AND_ASSIGN(auto writer,
                         FileWriter::Create(path_, Format::kFeather, schema_));
    ASSERT_OK(writer->Write(*batch_));
    EXPECT_FALSE(std::filesystem::exists(path_));
    ASSERT_OK(writer->Finish());
    EXPECT_EQ(writer->rows_written(), 1000);
    EXPECT_EQ(writer->bytes_written(),
              static_cast<int64_t>(std::filesystem::file_size(path_)));
  }
  EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("t"));
}

TEST_F(FileWriterTest, AnUnfinishedFileLeavesTheOldOneAndNothingElse) {
  tests::WriteFile(path_, "old");
  for (const Format format :
       {Format::kFeather, Format::kIpcStream, Format::kParquet, Format::kCsv}) {
    ASSERT_OK_AND_ASSIGN(auto writer, FileWriter::Create(path_, format, schema_));
    ASSERT_OK(writer->Write(*batch_));
    writer.reset();
    EXPECT_EQ(tests::ReadFile(path_), "old");
    EXPECT_THAT(NamesIn(folder_.path()), ElementsAre("t"));
  }
}

TEST_F(FileWriterTest, KeepsThePermissionsOfTheFileItReplacesAndFollowsLinks) {
  tests::WriteFile(path_, "old");
  ASSERT_EQ(chmod(path_.c_str(), 0640), 0);
  std::filesystem::create_symlink("t", folder_ / "link");
  ASSERT_OK(WriteAll(folder_ / "link", Format::kCsv, schema_, {batch_}));
  EXPECT_TRUE(std::filesystem::is_symlink(folder_ / "link"));
  struct stat state;
  ASSERT_EQ(stat(path_.c_str(), &state), 0);
  EXPECT_EQ(state.st_mode & 07777, 0640u);
  EXPECT_GT(state.st_size, 1000);
}

TEST_F(FileWriterTest, WritesToAPipeDirectly) {
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  std::string received;
  std::jthread reader([&] { received = tests::ReadFile(path_); });
  ASSERT_OK(WriteAll(path_, Format::kIpcStream, schema_, {batch_}));
  reader.join();
  ASSERT_OK(WriteAll(folder_ / "file", Format::kIpcStream, schema_, {batch_}));
  EXPECT_EQ(received, tests::ReadFile(folder_ / "file"));
  EXPECT_TRUE(std::filesystem::is_fifo(path_));
}

TEST_F(FileWriterTest, SaysWhatCannotBeWritten) {
  const auto error = [&](const std::string& path) {
    const auto writer = FileWriter::Create(path, Format::kFeather, schema_);
    EXPECT_THAT(writer.status().message(), HasSubstr("cannot write '" + path + "'"));
    return writer.status().message();
  };
  EXPECT_THAT(error(folder_.path()), HasSubstr("is a directory"));
  EXPECT_THAT(error(folder_ / "new/"), HasSubstr("is a directory"));
  EXPECT_THAT(error(folder_ / "none/t"), HasSubstr("No such file or directory"));
  EXPECT_THAT(error(""), HasSubstr("the file name is empty"));
  tests::WriteFile(path_, "");
  EXPECT_THAT(error(path_ + "/t"), HasSubstr("Not a directory"));
  EXPECT_TRUE(
      FileWriter::Create(path_, Format::kCsv, schema_, {.compression = Compression::ZSTD})
          .status()
          .IsInvalid());
}

TEST_F(FileWriterTest, RefusesABatchOfOtherColumns) {
  ASSERT_OK_AND_ASSIGN(auto writer, FileWriter::Create(path_, Format::kCsv, schema_));
  ASSERT_OK_AND_ASSIGN(auto other, batch_->RemoveColumn(0));
  EXPECT_TRUE(writer->Write(*other).IsInvalid());
}

TEST_F(FileWriterTest, NoSpaceLeftIsAnErrorThatLeavesNothing) {
  // A limit on the size of files stands in for a full disk.
  signal(SIGXFSZ, SIG_IGN);
  struct rlimit former;
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &former), 0);
  const struct rlimit small = {.rlim_cur = 100'000, .rlim_max = former.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const arrow::RecordBatchVector batches(200, batch_);
  for (const Format format :
       {Format::kFeather, Format::kIpcStream, Format::kParquet, Format::kCsv}) {
    const arrow::Status status = WriteAll(path_, format, schema_, batches);
    EXPECT_TRUE(status.IsIOError()) << status;
    EXPECT_THAT(status.message(),
                AllOf(HasSubstr("cannot write '" + path_ + "'"), HasSubstr("File too")));
    EXPECT_THAT(NamesIn(folder_.path()), IsEmpty());
  }
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &former), 0);
  const arrow::Status full = WriteAll("/dev/full", Format::kFeather, schema_, batches);
  EXPECT_THAT(full.message(), HasSubstr("No space left on device"));
}

}  // namespace
}  // namespace pinion::data
