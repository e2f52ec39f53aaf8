#include <arrow/array.h>
#include <arrow/array/array_dict.h>
#include <arrow/json/from_string.h>
#include <arrow/table.h>
#include <arrow/util/byte_size.h>
#include <arrow/util/compression.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/dataset.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/table_files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/typed_batches.h"

namespace pinion::data {
namespace {

using testing::HasSubstr;
using tests::ReadMessages;
using tests::ReadTable;
using tests::WriteIpc;

void ExpectSame(const arrow::Table& actual, const arrow::Table& expected) {
  EXPECT_TRUE(actual.schema()->Equals(*expected.schema(), /*check_metadata=*/true))
      << actual.schema()->ToString() << "\ninstead of\n"
      << expected.schema()->ToString();
  ASSERT_TRUE(actual.Equals(expected, arrow::EqualOptions().nans_equal(true)))
      << actual.ToString() << "\ninstead of\n"
      << expected.ToString();
}

arrow::ipc::IpcWriteOptions Compressed(arrow::Compression::type codec) {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.codec = *arrow::util::Codec::Create(codec);
  return options;
}

std::shared_ptr<arrow::RecordBatch> Numbers(const std::string& json) {
  const auto array = *arrow::json::ArrayFromJSONString(arrow::int64(), json);
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("n", array->type())}),
                                  array->length(), {array});
}

std::shared_ptr<arrow::RecordBatch> Words(const std::string& codes,
                                          const std::string& words) {
  const auto type = arrow::dictionary(arrow::int8(), arrow::utf8());
  const auto array = *arrow::json::DictArrayFromJSONString(type, codes, words);
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("word", type)}),
                                  array->length(), {array});
}

class IpcDatasetTest : public testing::TestWithParam<Format> {
 protected:
  std::string Path() const {
    return folder_ / (GetParam() == Format::kFeather ? "t.feather" : "t.arrows");
  }

  arrow::Result<std::shared_ptr<Dataset>> Make(
      const std::shared_ptr<arrow::Schema>& schema,
      const arrow::RecordBatchVector& batches,
      const arrow::ipc::IpcWriteOptions& options =
          arrow::ipc::IpcWriteOptions::Defaults()) {
    ARROW_RETURN_NOT_OK(WriteIpc(Path(), GetParam(), schema, batches, options));
    return OpenDataset(Path());
  }

  tests::TemporaryFolder folder_;
};

INSTANTIATE_TEST_SUITE_P(Formats, IpcDatasetTest,
                         testing::Values(Format::kFeather, Format::kIpcStream),
                         [](const auto& info) {
                           return std::string(FormatName(info.param));
                         });

TEST_P(IpcDatasetTest, EveryLayoutArrivesAsItWasWritten) {
  for (const auto codec : {arrow::Compression::UNCOMPRESSED,
                           arrow::Compression::LZ4_FRAME, arrow::Compression::ZSTD}) {
    for (const auto& layout : tests::AllLayouts()) {
      SCOPED_TRACE(layout.name);
      ASSERT_OK_AND_ASSIGN(auto dataset,
                           Make(layout.schema, layout.batches, Compressed(codec)));
      ASSERT_OK_AND_ASSIGN(
          auto expected, arrow::Table::FromRecordBatches(layout.schema, layout.batches));
      ASSERT_OK_AND_ASSIGN(auto decoded, ReadTable(*dataset));
      ExpectSame(*decoded, *expected);
      ASSERT_OK_AND_ASSIGN(auto sent, ReadMessages(*dataset));
      ExpectSame(*sent, *expected);
      EXPECT_TRUE(dataset->schema()->Equals(*layout.schema, /*check_metadata=*/true));
      EXPECT_EQ(dataset->num_rows(), expected->num_rows());
      EXPECT_EQ(dataset->num_batches(), static_cast<int64_t>(layout.batches.size()));
    }
  }
}

TEST_P(IpcDatasetTest, AnyColumnsInAnyOrderArriveBothWays) {
  const auto wide = tests::WideTable();
  const int columns = wide.schema->num_fields();
  std::vector<std::vector<int>> selections = {{}};
  for (int i = 0; i < columns; ++i) {
    selections.push_back({i});
    selections.push_back({(i + 5) % columns, i, (i + 7) % columns});
  }
  for (const auto codec :
       {arrow::Compression::UNCOMPRESSED, arrow::Compression::LZ4_FRAME}) {
    ASSERT_OK_AND_ASSIGN(auto dataset,
                         Make(wide.schema, wide.batches, Compressed(codec)));
    ASSERT_OK_AND_ASSIGN(auto whole,
                         arrow::Table::FromRecordBatches(wide.schema, wide.batches));
    for (const auto& selection : selections) {
      SCOPED_TRACE(testing::PrintToString(selection));
      ASSERT_OK_AND_ASSIGN(auto expected, whole->SelectColumns(selection));
      ASSERT_OK_AND_ASSIGN(auto decoded, ReadTable(*dataset, {.columns = selection}));
      ExpectSame(*decoded, *expected);
      ASSERT_OK_AND_ASSIGN(auto sent, ReadMessages(*dataset, {.columns = selection}));
      ExpectSame(*sent, *expected);
      EXPECT_EQ(sent->num_rows(), whole->num_rows());
    }
  }
}

TEST_P(IpcDatasetTest, SendsOnlyTheBytesOfTheSelectedColumns) {
  const auto batch = Numbers("[1, 2, 3, 4, 5, 6, 7, 8]");
  const auto text = *arrow::json::ArrayFromJSONString(
      arrow::utf8(), R"(["a", "b", "c", "d", "e", "f", "g", "h"])");
  ASSERT_OK_AND_ASSIGN(auto both,
                       batch->AddColumn(1, arrow::field("text", arrow::utf8()), text));
  ASSERT_OK_AND_ASSIGN(auto dataset, Make(both->schema(), {both}));
  ASSERT_OK_AND_ASSIGN(auto messages, dataset->OpenMessages({.columns = {{0}}}, {}));
  ASSERT_OK_AND_ASSIGN(auto payload, messages->Next());
  EXPECT_EQ(payload->body_length, 64);
}

TEST_P(IpcDatasetTest, ARangeOfBatchesArrivesBothWays) {
  const auto wide = tests::WideTable();
  ASSERT_OK_AND_ASSIGN(auto dataset, Make(wide.schema, wide.batches));
  const auto batches = static_cast<int64_t>(wide.batches.size());
  for (int64_t first = 0; first <= batches; ++first) {
    for (int64_t count = 0; first + count <= batches; ++count) {
      const ReadOptions options{.first_batch = first, .num_batches = count};
      const arrow::RecordBatchVector part(wide.batches.begin() + first,
                                          wide.batches.begin() + first + count);
      ASSERT_OK_AND_ASSIGN(auto expected,
                           arrow::Table::FromRecordBatches(wide.schema, part));
      ASSERT_OK_AND_ASSIGN(auto decoded, ReadTable(*dataset, options));
      ExpectSame(*decoded, *expected);
      ASSERT_OK_AND_ASSIGN(auto sent, ReadMessages(*dataset, options));
      ExpectSame(*sent, *expected);
    }
  }
}

TEST_P(IpcDatasetTest, RefusesColumnsAndBatchesThatAreNotThere) {
  const auto batch = Numbers("[1]");
  ASSERT_OK_AND_ASSIGN(auto dataset, Make(batch->schema(), {batch, batch}));
  const std::vector<ReadOptions> wrong = {
      {.columns = {{1}}},        {.columns = {{-1}}},
      {.columns = {{0, 0}}},     {.first_batch = 3},
      {.first_batch = -1},       {.first_batch = 1, .num_batches = 2},
      {.num_batches = -1},       {.first_batch = 1, .num_batches = INT64_MAX},
      {.first_batch = INT64_MAX}};
  for (const auto& options : wrong) {
    EXPECT_TRUE(dataset->OpenReader(options).status().IsInvalid());
    EXPECT_TRUE(dataset->OpenMessages(options, {}).status().IsInvalid());
  }
}

TEST_P(IpcDatasetTest, BodiesOfMessagesLieInTheMappedFile) {
  const auto batch = Numbers("[1, 2, 3]");
  ASSERT_OK_AND_ASSIGN(auto dataset, Make(batch->schema(), {batch}));
  ASSERT_OK_AND_ASSIGN(auto first, dataset->OpenMessages({}, {}));
  ASSERT_OK_AND_ASSIGN(auto second, dataset->OpenMessages({}, {}));
  ASSERT_OK_AND_ASSIGN(auto one, first->Next());
  ASSERT_OK_AND_ASSIGN(auto other, second->Next());
  EXPECT_EQ(one->body_buffers[0]->data(), other->body_buffers[0]->data());
  // They keep the file mapped when all else is gone.
  first.reset();
  second.reset();
  dataset.reset();
  std::filesystem::remove(Path());
  EXPECT_EQ(one->body_buffers[0]->size(), one->body_length);
  EXPECT_TRUE(one->body_buffers[0]->Equals(*other->body_buffers[0]));
}

TEST_P(IpcDatasetTest, DictionariesThatGrowArriveBothWays) {
  const arrow::RecordBatchVector batches = {Words("[0, null]", R"(["a"])"),
                                            Words("[1, 0]", R"(["a", "b"])"),
                                            Words("[2]", R"(["a", "b", "c"])")};
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.emit_dictionary_deltas = true;
  ASSERT_OK_AND_ASSIGN(auto dataset, Make(batches[0]->schema(), batches, options));
  for (const auto& table : {ReadTable(*dataset), ReadMessages(*dataset)}) {
    ASSERT_OK(table);
    std::vector<std::string> words;
    for (const auto& chunk : (*table)->column(0)->chunks()) {
      const auto& array = static_cast<const arrow::DictionaryArray&>(*chunk);
      const auto& values = static_cast<const arrow::StringArray&>(*array.dictionary());
      for (int64_t i = 0; i < array.length(); ++i) {
        words.push_back(array.IsNull(i) ? "-" : values.GetString(array.GetValueIndex(i)));
      }
    }
    EXPECT_EQ(words, (std::vector<std::string>{"a", "-", "b", "a", "c"}));
  }
}

TEST_P(IpcDatasetTest, SendsOnlyTheDictionariesOfTheSelectedColumns) {
  const auto wide = tests::WideTable();
  ASSERT_OK_AND_ASSIGN(auto dataset, Make(wide.schema, wide.batches));
  const int dictionary = wide.schema->GetFieldIndex("dictionary");
  const int nested = wide.schema->GetFieldIndex("struct_of_dictionaries");
  for (const auto& [columns, expected] : std::vector<std::pair<std::vector<int>, int>>{
           {{0}, 0}, {{dictionary}, 1}, {{nested}, 2}, {{nested, 0, dictionary}, 3}}) {
    ASSERT_OK_AND_ASSIGN(auto messages, dataset->OpenMessages({.columns = columns}, {}));
    int dictionaries = 0;
    while (true) {
      ASSERT_OK_AND_ASSIGN(auto payload, messages->Next());
      if (!payload) break;
      dictionaries += payload->type == arrow::ipc::MessageType::DICTIONARY_BATCH ? 1 : 0;
    }
    EXPECT_EQ(dictionaries, expected);
  }
}

TEST_P(IpcDatasetTest, OldMetadataIsDecodedAndNotSentAsItIs) {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.metadata_version = arrow::ipc::MetadataVersion::V4;
  for (const auto& layout : tests::AllLayouts()) {
    SCOPED_TRACE(layout.name);
    ASSERT_OK_AND_ASSIGN(auto dataset, Make(layout.schema, layout.batches, options));
    ASSERT_OK_AND_ASSIGN(auto messages, dataset->OpenMessages({}, {}));
    if (!layout.batches.empty()) {
      EXPECT_EQ(messages, nullptr);
    }
    ASSERT_OK_AND_ASSIGN(auto expected,
                         arrow::Table::FromRecordBatches(layout.schema, layout.batches));
    ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset));
    ExpectSame(*table, *expected);
    EXPECT_EQ(dataset->num_rows(), expected->num_rows());
  }
}

TEST_P(IpcDatasetTest, TheFormatBefore015IsRead) {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.write_legacy_ipc_format = true;
  options.metadata_version = arrow::ipc::MetadataVersion::V4;
  const auto wide = tests::WideTable();
  ASSERT_OK_AND_ASSIGN(auto dataset, Make(wide.schema, wide.batches, options));
  ASSERT_OK_AND_ASSIGN(auto expected,
                       arrow::Table::FromRecordBatches(wide.schema, wide.batches));
  ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset));
  ExpectSame(*table, *expected);
}

TEST_P(IpcDatasetTest, TheOtherByteOrderIsDecodedAndNotSentAsItIs) {
  // Written as if by another machine: the bytes of 1 and 2 the other way round.
  const auto numbers = Numbers("[72057594037927936, 144115188075855872]");
  const auto big = numbers->schema()->WithEndianness(arrow::Endianness::Big);
  const auto batch = arrow::RecordBatch::Make(big, 2, numbers->columns());
  ASSERT_OK_AND_ASSIGN(auto dataset, Make(big, {batch}));
  EXPECT_TRUE(dataset->schema()->is_native_endian());
  ASSERT_OK_AND_ASSIGN(auto messages, dataset->OpenMessages({}, {}));
  EXPECT_EQ(messages, nullptr);
  ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset));
  ASSERT_OK_AND_ASSIGN(auto expected,
                       arrow::Table::FromRecordBatches({Numbers("[1, 2]")}));
  ExpectSame(*table, *expected);
}

TEST_P(IpcDatasetTest, NoMessagesForReceiversThatCannotTakeThem) {
  const auto batch = Numbers("[1, 2, 3, 4]");
  ASSERT_OK_AND_ASSIGN(auto plain, Make(batch->schema(), {batch}));
  const auto messages = [](const Dataset& dataset, const MessageLimits& limits) {
    return dataset.OpenMessages({}, limits).ValueOrDie() != nullptr;
  };
  EXPECT_TRUE(messages(*plain, {}));
  EXPECT_TRUE(messages(*plain, {.accepts_compression = false}));
  EXPECT_TRUE(messages(*plain, {.max_message_bytes = 4096}));
  EXPECT_FALSE(messages(*plain, {.max_message_bytes = 64}));
  ASSERT_OK_AND_ASSIGN(auto compressed, Make(batch->schema(), {batch},
                                             Compressed(arrow::Compression::LZ4_FRAME)));
  EXPECT_TRUE(messages(*compressed, {}));
  EXPECT_FALSE(messages(*compressed, {.accepts_compression = false}));
}

TEST_P(IpcDatasetTest, AStopRequestEndsBothKindsOfStream) {
  const auto batch = Numbers("[1]");
  ASSERT_OK_AND_ASSIGN(auto dataset, Make(batch->schema(), {batch, batch, batch}));
  std::stop_source stop;
  const ReadOptions options{.stop = stop.get_token()};
  ASSERT_OK_AND_ASSIGN(auto reader, dataset->OpenReader(options));
  ASSERT_OK_AND_ASSIGN(auto messages, dataset->OpenMessages(options, {}));
  std::shared_ptr<arrow::RecordBatch> read;
  ASSERT_OK(reader->ReadNext(&read));
  ASSERT_OK(messages->Next());
  stop.request_stop();
  EXPECT_TRUE(reader->ReadNext(&read).IsCancelled());
  EXPECT_TRUE(messages->Next().status().IsCancelled());
}

TEST(IpcStreamDataset, DictionariesThatAreReplacedArriveBothWaysButOnlyWhole) {
  tests::TemporaryFolder folder;
  const std::string path = folder / "t.arrows";
  const arrow::RecordBatchVector batches = {Words("[0, 1]", R"(["a", "b"])"),
                                            Words("[0, null]", R"(["c"])"),
                                            Words("[2, 0]", R"(["b", "a", "d"])")};
  ASSERT_OK(WriteIpc(path, Format::kIpcStream, batches[0]->schema(), batches));
  ASSERT_OK_AND_ASSIGN(auto dataset, OpenDataset(path));
  ASSERT_OK_AND_ASSIGN(auto expected, arrow::Table::FromRecordBatches(batches));
  ASSERT_OK_AND_ASSIGN(auto decoded, ReadTable(*dataset));
  ExpectSame(*decoded, *expected);
  ASSERT_OK_AND_ASSIGN(auto sent, ReadMessages(*dataset));
  ExpectSame(*sent, *expected);
  EXPECT_EQ(dataset->num_batches(), 1);
  EXPECT_EQ(dataset->num_rows(), 6);
  ASSERT_OK_AND_ASSIGN(auto nothing, ReadTable(*dataset, {.num_batches = 0}));
  EXPECT_EQ(nothing->num_rows(), 0);
}

TEST(IpcStreamDataset, AStreamWithoutAnEndMarkEndsWithTheFile) {
  tests::TemporaryFolder folder;
  const std::string path = folder / "t.arrows";
  const auto batch = Numbers("[1, 2]");
  ASSERT_OK(WriteIpc(path, Format::kIpcStream, batch->schema(), {batch, batch}));
  const std::string bytes = tests::ReadFile(path);
  tests::WriteFile(path, std::string_view(bytes).substr(0, bytes.size() - 8));
  ASSERT_OK_AND_ASSIGN(auto dataset, OpenDataset(path));
  ASSERT_OK_AND_ASSIGN(auto table, ReadTable(*dataset));
  EXPECT_EQ(table->num_rows(), 4);
}

}  // namespace
}  // namespace pinion::data
