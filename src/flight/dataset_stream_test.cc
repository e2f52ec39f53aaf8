#include "flight/dataset_stream.h"

#include <algorithm>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/reader.h>
#include <arrow/table.h>
#include <arrow/util/compression.h>
#include <arrow/util/key_value_metadata.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/sample_table.h"
#include "flight/sent_messages.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/table_files.h"
#include "tests/support/temporary_folder.h"
#include "tests/support/typed_batches.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::FlightPayload;

constexpr int64_t kRows = 2'000;
constexpr int64_t kBatchRows = 300;

constexpr ClientTraits kTakesAll = {.accepts_compression = true,
                                    .max_message_bytes = 64 << 20};

Result<std::shared_ptr<arrow::Table>> ReadAll(arrow::flight::FlightDataStream& stream) {
  auto messages = std::make_unique<SentMessages>();
  ARROW_ASSIGN_OR_RAISE(FlightPayload payload, stream.GetSchemaPayload());
  while (payload.ipc_message.metadata != nullptr) {
    ARROW_RETURN_NOT_OK(messages->Add(payload));
    ARROW_ASSIGN_OR_RAISE(payload, stream.Next());
  }
  ARROW_ASSIGN_OR_RAISE(
      auto reader, arrow::ipc::RecordBatchStreamReader::Open(
                       std::unique_ptr<arrow::ipc::MessageReader>(std::move(messages))));
  ARROW_ASSIGN_OR_RAISE(auto table, reader->ToTable());
  ARROW_RETURN_NOT_OK(table->ValidateFull());
  return table;
}

arrow::ipc::IpcWriteOptions Lz4() {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  options.codec = *arrow::util::Codec::Create(arrow::Compression::LZ4_FRAME);
  return options;
}

class DatasetStreamTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto sample = data::SampleTable({.rows = kRows, .batch_rows = kBatchRows});
    ASSERT_OK_AND_ASSIGN(const auto batches, sample->ToRecordBatches());
    Open(sample->schema(), batches);
  }

  void Open(const std::shared_ptr<arrow::Schema>& schema,
            const arrow::RecordBatchVector& batches) {
    ASSERT_OK(tests::WriteIpc(path_, data::Format::kFeather, schema, batches, Lz4()));
    ASSERT_OK_AND_ASSIGN(dataset_, data::OpenDataset(path_));
    ASSERT_OK_AND_ASSIGN(table_, tests::ReadTable(*dataset_));
  }

  tests::TemporaryFolder folder_;
  const std::string path_ = folder_ / "t.feather";
  std::shared_ptr<data::Dataset> dataset_;
  std::shared_ptr<arrow::Table> table_;
};

TEST_F(DatasetStreamTest, AnyRowsOfAnyColumnsAreSentAsTheyAre) {
  std::mt19937 random(5);
  for (int i = 0; i < 50; ++i) {
    std::vector<int> columns = {0, 1, 2};
    std::shuffle(columns.begin(), columns.end(), random);
    columns.resize(1 + random() % 3);
    data::RowRange rows{.first = static_cast<int64_t>(random() % (kRows + 100))};
    if (i % 2 == 0) rows.count = random() % kRows;
    if (i % 3 == 0) rows.first = 0;
    const int64_t first_rows = i % 5 == 0 ? 1 + random() % (2 * kBatchRows) : 0;
    int64_t counted = 0;
    const DatasetRequest request{.dataset = dataset_,
                                 .read = {.columns = columns},
                                 .rows = rows,
                                 .first_rows = first_rows,
                                 .on_rows = [&](int64_t more) {
                                   counted += more;
                                   return Status::OK();
                                 }};
    ASSERT_OK_AND_ASSIGN(auto stream, MakeMessageStream(request, kTakesAll));
    ASSERT_NE(stream, nullptr);
    ASSERT_OK_AND_ASSIGN(const auto found, ReadAll(*stream));
    ASSERT_OK_AND_ASSIGN(const auto selected, table_->SelectColumns(columns));
    const auto expected =
        selected->Slice(std::min(rows.first, kRows), rows.count.value_or(kRows));
    EXPECT_TRUE(found->Equals(*expected, /*check_metadata=*/true)) << found->ToString();
    EXPECT_EQ(counted, expected->num_rows());
  }
}

TEST_F(DatasetStreamTest, WholeBatchesAreThoseOfTheFile) {
  ASSERT_OK_AND_ASSIGN(
      auto stream,
      MakeMessageStream({.dataset = dataset_, .rows = {.count = 1'000}}, kTakesAll));
  ASSERT_NE(stream, nullptr);
  ASSERT_OK_AND_ASSIGN(auto file, dataset_->OpenMessages({}, {}));
  for (int64_t batch = 0; batch < 1'000 / kBatchRows; ++batch) {
    ASSERT_OK_AND_ASSIGN(const auto sent, stream->Next());
    ASSERT_OK_AND_ASSIGN(const auto lies, file->Next());
    ASSERT_EQ(sent.ipc_message.body_buffers.size(), 1U);
    EXPECT_EQ(sent.ipc_message.body_buffers[0]->data(), lies->body_buffers[0]->data())
        << "the map itself, not a copy";
  }
}

TEST_F(DatasetStreamTest, TheFirstRowsMayGoAhead) {
  const DatasetRequest request{.dataset = dataset_, .first_rows = 70};
  ASSERT_OK_AND_ASSIGN(auto stream, MakeMessageStream(request, kTakesAll));
  ASSERT_OK_AND_ASSIGN(const auto table, ReadAll(*stream));
  EXPECT_TRUE(table->Equals(*table_));
  std::vector<int64_t> lengths;
  for (const auto& chunk : table->column(0)->chunks()) lengths.push_back(chunk->length());
  EXPECT_THAT(lengths, testing::ElementsAre(70, 230, 300, 300, 300, 300, 300, 200));
}

TEST_F(DatasetStreamTest, TheSchemaIsWhatTheClientWasTold) {
  arrow::FieldVector fields;
  for (const auto& field : table_->schema()->fields()) {
    fields.push_back(arrow::field("my " + field->name(), field->type(), true,
                                  arrow::key_value_metadata({"key"}, {"value"})));
  }
  const auto schema = arrow::schema(fields);
  for (const data::RowRange& rows : {data::RowRange{}, data::RowRange{.count = 10},
                                     data::RowRange{.first = 10, .count = 900}}) {
    ASSERT_OK_AND_ASSIGN(
        auto stream,
        MakeMessageStream({.dataset = dataset_, .rows = rows, .schema = schema},
                          kTakesAll));
    ASSERT_NE(stream, nullptr);
    EXPECT_TRUE(stream->schema()->Equals(*schema, /*check_metadata=*/true));
    ASSERT_OK_AND_ASSIGN(const auto found, ReadAll(*stream));
    EXPECT_TRUE(found->schema()->Equals(*schema, /*check_metadata=*/true));
    EXPECT_TRUE(found->column(1)->Equals(
        table_->column(1)->Slice(rows.first, rows.count.value_or(kRows))));
  }
}

TEST_F(DatasetStreamTest, AnErrorAboutTheRowsKeepsThemBack) {
  for (const data::RowRange& rows : {data::RowRange{}, data::RowRange{.first = 1}}) {
    int calls = 0;
    const DatasetRequest request{
        .dataset = dataset_, .rows = rows, .on_rows = [&](int64_t) {
          return ++calls < 3 ? Status::OK() : Status::Cancelled("enough");
        }};
    ASSERT_OK_AND_ASSIGN(auto stream, MakeMessageStream(request, kTakesAll));
    ASSERT_NE(stream, nullptr);
    EXPECT_OK(stream->Next());
    EXPECT_OK(stream->Next());
    EXPECT_TRUE(stream->Next().status().IsCancelled());
  }
}

TEST_F(DatasetStreamTest, ClientsThatCannotTakeTheMessagesGetOthers) {
  const ClientTraits no_compression{.max_message_bytes = 64 << 20};
  const ClientTraits small{.accepts_compression = true, .max_message_bytes = 6'000};
  for (const ClientTraits& traits : {no_compression, small}) {
    const DatasetRequest request{.dataset = dataset_, .rows = {.first = 5}};
    ASSERT_OK_AND_ASSIGN(const auto messages, MakeMessageStream(request, traits));
    EXPECT_EQ(messages, nullptr);
    ASSERT_OK_AND_ASSIGN(
        auto stream, MakeDatasetStream(request, traits,
                                       std::make_unique<LinkedStop>(std::stop_token()),
                                       std::make_shared<ReadAheadShare>(1 << 20)));
    ASSERT_OK_AND_ASSIGN(const auto found, ReadAll(*stream));
    EXPECT_TRUE(found->Equals(*table_->Slice(5)));
  }
}

TEST_F(DatasetStreamTest, RowsOfDictionariesAreRightHoweverTheyAreCut) {
  const auto wide = tests::WideTable();
  Open(wide.schema, wide.batches);
  for (int64_t first = 0; first < table_->num_rows(); first += 3) {
    ASSERT_OK_AND_ASSIGN(
        auto stream,
        MakeDatasetStream({.dataset = dataset_, .rows = {.first = first, .count = 9}},
                          kTakesAll, std::make_unique<LinkedStop>(std::stop_token()),
                          std::make_shared<ReadAheadShare>(1 << 20)));
    ASSERT_OK_AND_ASSIGN(const auto found, ReadAll(*stream));
    const auto expected = table_->Slice(first, 9);
    for (int i = 0; i < found->num_columns(); ++i) {
      EXPECT_TRUE(found->column(i)->Equals(
          *expected->column(i), arrow::EqualOptions::Defaults().nans_equal(true)))
          << first << ": " << found->field(i)->ToString() << "\n"
          << found->column(i)->ToString() << "\ninstead of\n"
          << expected->column(i)->ToString();
    }
  }
}

TEST_F(DatasetStreamTest, ChangedBytesBreakNothing) {
  const std::string bytes = tests::ReadFile(path_);
  std::mt19937 random(11);
  for (int i = 0; i < 400; ++i) {
    std::string changed = bytes;
    for (int change = 0; change < 1 + i % 3; ++change) {
      changed[random() % changed.size()] = static_cast<char>(random());
    }
    tests::WriteFile(path_, changed);
    const auto dataset = data::OpenDataset(path_);
    if (!dataset.ok()) continue;
    arrow::FieldVector fields;
    for (const auto& field : (*dataset)->schema()->fields()) {
      fields.push_back(field->WithName("other"));
    }
    for (const data::RowRange& rows :
         {data::RowRange{}, data::RowRange{.first = 100, .count = 1'500}}) {
      const auto stream = MakeMessageStream(
          {.dataset = *dataset, .rows = rows, .schema = arrow::schema(fields)},
          kTakesAll);
      // Whether it can be read is not said; the sanitizers watch.
      if (stream.ok() && *stream != nullptr) (void)ReadAll(**stream);
    }
  }
}

}  // namespace
}  // namespace pinion::flight
