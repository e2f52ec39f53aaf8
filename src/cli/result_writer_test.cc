#include "cli/result_writer.h"

#include <string>
#include <vector>

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::cli {
namespace {

using ::testing::HasSubstr;

std::shared_ptr<arrow::RecordBatch> Batch(const std::shared_ptr<arrow::Schema>& schema,
                                          const std::string& json) {
  const auto rows =
      arrow::json::ArrayFromJSONString(arrow::struct_(schema->fields()), json)
          .ValueOrDie();
  return arrow::RecordBatch::FromStructArray(rows).ValueOrDie();
}

std::shared_ptr<arrow::Schema> People() {
  return arrow::schema(
      {arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8())});
}

using Result = std::vector<std::shared_ptr<arrow::RecordBatch>>;

// Every result has the columns of People unless it brings a batch of others.
std::string Written(const ResultOptions& options, const std::vector<Result>& results,
                    const std::shared_ptr<arrow::Schema>& schema = People()) {
  auto out = *arrow::io::BufferOutputStream::Create();
  const auto writer = ResultWriter::Create(options, *out);
  for (const Result& result : results) {
    EXPECT_TRUE(writer->Begin(schema).ok());
    for (const auto& batch : result) EXPECT_TRUE(writer->Write(*batch).ok());
    EXPECT_TRUE(writer->End().ok());
  }
  return (*out->Finish())->ToString();
}

Result TwoBatches() {
  return {Batch(People(), R"([[1, "Ann"], [2, null]])"), Batch(People(), R"([[3, ""]])")};
}

TEST(ResultWriter, EveryNameIsAFormat) {
  for (const std::string& name : ResultFormatNames()) {
    EXPECT_TRUE(ParseResultFormat(name).ok()) << name;
  }
  EXPECT_FALSE(ParseResultFormat("xml").ok());
}

TEST(CsvWriter, TellsNullFromEmpty) {
  EXPECT_EQ(Written({.format = ResultFormat::kCsv}, {TwoBatches()}),
            "id,name\n1,Ann\n2,\n3,\"\"\n");
}

TEST(CsvWriter, QuotesWhatRfc4180Says) {
  const auto schema = arrow::schema({arrow::field("a,b", arrow::utf8())});
  const auto batch =
      Batch(schema, R"([["x,y"], ["say \"hi\""], ["two\nlines"], ["a b"]])");
  EXPECT_EQ(Written({.format = ResultFormat::kCsv}, {{batch}}, schema),
            "\"a,b\"\n\"x,y\"\n\"say \"\"hi\"\"\"\n\"two\nlines\"\na b\n");
}

TEST(CsvWriter, AnEmptyLineSeparatesResults) {
  EXPECT_EQ(Written({.format = ResultFormat::kCsv}, {{}, {}}), "id,name\n\nid,name\n");
}

TEST(JsonWriter, IsAnArrayForEachResult) {
  EXPECT_EQ(Written({.format = ResultFormat::kJson}, {TwoBatches(), {}}),
            "[\n{\"id\":1,\"name\":\"Ann\"},\n{\"id\":2,\"name\":null},\n"
            "{\"id\":3,\"name\":\"\"}\n]\n[]\n");
}

TEST(JsonLinesWriter, IsALineForEachRow) {
  EXPECT_EQ(Written({.format = ResultFormat::kJsonLines}, {TwoBatches()}),
            "{\"id\":1,\"name\":\"Ann\"}\n{\"id\":2,\"name\":null}\n"
            "{\"id\":3,\"name\":\"\"}\n");
}

TEST(JsonWriter, LosesNoColumnToAnotherOfItsName) {
  const auto field = arrow::field("a", arrow::int8());
  const auto schema =
      arrow::schema({field, field, arrow::field("a_2", arrow::int8()), field});
  auto column = *arrow::MakeArrayFromScalar(arrow::Int8Scalar(7), 1);
  const auto batch =
      arrow::RecordBatch::Make(schema, 1, {column, column, column, column});
  EXPECT_EQ(Written({.format = ResultFormat::kJsonLines}, {{batch}}, schema),
            "{\"a\":7,\"a_3\":7,\"a_2\":7,\"a_4\":7}\n");
}

TEST(MarkdownWriter, EscapesWhatWouldEndACell) {
  const auto batch = Batch(People(), R"([[1, "a|b\nc"], [null, "*x*"]])");
  EXPECT_EQ(Written({.format = ResultFormat::kMarkdown}, {{batch}}),
            "| id | name |\n|---:|---|\n| 1 | a\\|b<br>c |\n|  | \\*x\\* |\n");
}

TEST(ArrowWriter, IsAnIpcStream) {
  const std::string bytes = Written({.format = ResultFormat::kArrow}, {TwoBatches()});
  arrow::io::BufferReader input(arrow::Buffer::FromString(bytes));
  auto reader = *arrow::ipc::RecordBatchStreamReader::Open(&input);
  const auto table = *reader->ToTable();
  EXPECT_TRUE(table->Equals(**arrow::Table::FromRecordBatches(TwoBatches())));
}

TEST(TableWriter, ShowsTheFirstRowsAndCountsAll) {
  EXPECT_EQ(Written({.max_rows = 2}, {TwoBatches()}),
            " id │ name\n"
            "────┼──────\n"
            "  1 │ Ann\n"
            "  2 │ NULL\n"
            "(3 rows, the first 2 shown)\n");
}

TEST(TableWriter, ShowsTheColumnsOfAnEmptyResult) {
  EXPECT_EQ(Written({}, {{}}),
            " id │ name\n"
            "────┼──────\n"
            "(0 rows)\n");
}

TEST(TableWriter, LetsNoControlCharacterThrough) {
  const auto batch = Batch(People(), R"([[1, "\u001b[2Jx\ny"]])");
  const std::string text = Written({}, {{batch}});
  EXPECT_THAT(text, HasSubstr("\\x1b[2Jx\\ny"));
}

TEST(TableWriter, CutsAHugeValue) {
  arrow::StringBuilder builder;
  ASSERT_TRUE(builder.Append(std::string(1 << 22, 'x')).ok());
  const auto schema = arrow::schema({arrow::field("s", arrow::utf8())});
  const auto batch = arrow::RecordBatch::Make(schema, 1, {*builder.Finish()});
  EXPECT_LT(Written({}, {{batch}}, schema).size(), 10'000);
}

TEST(TableWriter, FitsTheTerminal) {
  ResultOptions options;
  options.terminal.is_tty = true;
  options.terminal.width = 20;
  const auto batch = Batch(People(), R"([[1, "a name that is too long"]])");
  EXPECT_THAT(Written(options, {{batch}}), HasSubstr("  1 │ a name that …\n"));
}

}  // namespace
}  // namespace pinion::cli
