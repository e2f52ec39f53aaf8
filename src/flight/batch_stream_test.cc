#include "flight/batch_stream.h"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/message_rows.h"
#include "flight/sent_messages.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/typed_batches.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::FlightPayload;

// What came out of a stream, as a client gets it.
struct Sent {
  std::shared_ptr<arrow::Table> table;
  // Of the messages with rows.
  std::vector<int64_t> sizes;
  int dictionaries = 0;
};

Result<Sent> ReadAll(arrow::flight::FlightDataStream& stream) {
  Sent sent;
  auto messages = std::make_unique<SentMessages>();
  ARROW_ASSIGN_OR_RAISE(FlightPayload payload, stream.GetSchemaPayload());
  ARROW_RETURN_NOT_OK(messages->Add(payload));
  while (true) {
    ARROW_ASSIGN_OR_RAISE(payload, stream.Next());
    const arrow::ipc::IpcPayload& ipc = payload.ipc_message;
    if (ipc.metadata == nullptr) break;
    ARROW_RETURN_NOT_OK(messages->Add(payload));
    if (ipc.type == arrow::ipc::MessageType::DICTIONARY_BATCH) {
      ++sent.dictionaries;
    } else {
      sent.sizes.push_back(ipc.metadata->size() + ipc.body_length);
    }
  }
  ARROW_ASSIGN_OR_RAISE(
      auto reader, arrow::ipc::RecordBatchStreamReader::Open(
                       std::unique_ptr<arrow::ipc::MessageReader>(std::move(messages))));
  ARROW_ASSIGN_OR_RAISE(sent.table, reader->ToTable());
  ARROW_RETURN_NOT_OK(sent.table->ValidateFull());
  return sent;
}

Result<Sent> Send(const std::shared_ptr<arrow::Schema>& schema,
                  const arrow::RecordBatchVector& batches, const ClientTraits& traits) {
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::RecordBatchReader::Make(batches, schema));
  ARROW_ASSIGN_OR_RAISE(auto stream, BatchStream::Create(std::move(reader), traits));
  return ReadAll(*stream);
}

constexpr int64_t kSmallMessage = 64 * 1024;
constexpr int64_t kTinyMessage = 12 * 1024;

std::shared_ptr<arrow::RecordBatch> Texts(int64_t rows, int64_t length) {
  arrow::StringBuilder builder;
  for (int64_t row = 0; row < rows; ++row) {
    EXPECT_OK(builder.Append(std::string(length, static_cast<char>('a' + row % 26))));
  }
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("t", arrow::utf8())}), rows,
                                  {builder.Finish().ValueOrDie()});
}

TEST(BatchStream, SendsEveryLayoutAsItIs) {
  for (const tests::TypedBatches& typed : tests::AllLayouts()) {
    SCOPED_TRACE(typed.name);
    ASSERT_OK_AND_ASSIGN(const Sent sent, Send(typed.schema, typed.batches, {}));
    ASSERT_OK_AND_ASSIGN(const auto expected,
                         arrow::Table::FromRecordBatches(typed.schema, typed.batches));
    EXPECT_TRUE(sent.table->Equals(*expected, /*check_metadata=*/true));
    EXPECT_EQ(sent.sizes.size(), typed.batches.size());
  }
}

TEST(BatchStream, CutsEveryLayoutIntoMessagesThatFit) {
  for (const tests::TypedBatches& typed : tests::AllLayouts()) {
    SCOPED_TRACE(typed.name);
    ASSERT_OK_AND_ASSIGN(const auto table,
                         arrow::Table::FromRecordBatches(typed.schema, typed.batches));
    ASSERT_OK_AND_ASSIGN(const auto batch, table->CombineChunksToBatch());
    // Many times the same rows, so that all layouts exceed the limit.
    arrow::RecordBatchVector copies(
        2 + kTinyMessage / std::max<int64_t>(1, batch->num_rows()), batch);
    ASSERT_OK_AND_ASSIGN(const auto many, arrow::Table::FromRecordBatches(copies));
    ASSERT_OK_AND_ASSIGN(const auto large, many->CombineChunksToBatch());
    ASSERT_OK_AND_ASSIGN(const Sent sent, Send(typed.schema, {large},
                                               {.max_message_bytes = kTinyMessage}));
    ASSERT_OK_AND_ASSIGN(const auto expected,
                         arrow::Table::FromRecordBatches(typed.schema, {large}));
    EXPECT_TRUE(sent.table->Equals(*expected));
    EXPECT_THAT(sent.sizes, testing::Each(testing::Le(kTinyMessage)));
  }
}

TEST(BatchStream, CutsUnevenRowsIntoMessagesThatFit) {
  const auto small = Texts(10'000, 3);
  const auto large = Texts(10, 50'000);
  ASSERT_OK_AND_ASSIGN(const auto table,
                       arrow::Table::FromRecordBatches({small, large, small}));
  ASSERT_OK_AND_ASSIGN(const auto batch, table->CombineChunksToBatch());
  ASSERT_OK_AND_ASSIGN(const Sent sent, Send(batch->schema(), {batch},
                                             {.max_message_bytes = kSmallMessage}));
  EXPECT_TRUE(sent.table->Equals(*table));
  EXPECT_THAT(sent.sizes, testing::Each(testing::Le(kSmallMessage)));
}

TEST(BatchStream, SendsARowThatNoMessageCanHold) {
  const auto batch = Texts(3, 2 * kSmallMessage);
  ASSERT_OK_AND_ASSIGN(const Sent sent, Send(batch->schema(), {batch},
                                             {.max_message_bytes = kSmallMessage}));
  EXPECT_EQ(sent.table->num_rows(), 3);
  EXPECT_EQ(sent.sizes.size(), 3u);
}

TEST(BatchStream, SendsADictionaryOnceForAllSlices) {
  arrow::StringDictionary32Builder builder;
  for (int row = 0; row < 100'000; ++row) {
    ASSERT_OK(builder.Append(row % 2 == 0 ? "even" : "odd"));
  }
  ASSERT_OK_AND_ASSIGN(const auto column, builder.Finish());
  const auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("d", column->type())}), column->length(), {column});
  ASSERT_OK_AND_ASSIGN(const Sent sent, Send(batch->schema(), {batch},
                                             {.max_message_bytes = kSmallMessage}));
  EXPECT_EQ(sent.dictionaries, 1);
  EXPECT_GT(sent.sizes.size(), 1u);
  EXPECT_TRUE(sent.table->column(0)->Equals(arrow::ChunkedArray(column)));
}

TEST(BatchStream, CompressesWhenAsked) {
  const auto batch = Texts(1'000, 1'000);
  for (const auto codec : {arrow::Compression::LZ4_FRAME, arrow::Compression::ZSTD}) {
    ASSERT_OK_AND_ASSIGN(
        const Sent sent,
        Send(batch->schema(), {batch}, {.accepts_compression = true, .codec = codec}));
    ASSERT_EQ(sent.sizes.size(), 1u);
    EXPECT_LT(sent.sizes[0], 500'000);
    EXPECT_TRUE(
        sent.table->Equals(*arrow::Table::FromRecordBatches({batch}).ValueOrDie()));
  }
}

// Batches that are messages already, each of them as small as its rows say.
class FewMessages final : public engine::MessageRows {
 public:
  explicit FewMessages(arrow::RecordBatchVector batches) : batches_(std::move(batches)) {}

  std::shared_ptr<arrow::Schema> schema() const override {
    return batches_.front()->schema();
  }
  Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    *batch = next_ < batches_.size() ? batches_[next_++] : nullptr;
    return Status::OK();
  }
  Result<std::shared_ptr<arrow::ipc::Message>> ReadMessage(int64_t max_bytes) override {
    if (next_ == batches_.size()) return nullptr;
    ARROW_ASSIGN_OR_RAISE(const auto bytes,
                          arrow::ipc::SerializeRecordBatch(
                              *batches_[next_], arrow::ipc::IpcWriteOptions::Defaults()));
    arrow::io::BufferReader source(bytes);
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<arrow::ipc::Message> message,
                          arrow::ipc::ReadMessage(&source));
    if (message->metadata()->size() + message->body_length() > max_bytes) return nullptr;
    ++next_;
    return message;
  }

 private:
  const arrow::RecordBatchVector batches_;
  size_t next_ = 0;
};

TEST(BatchStream, SendsMessagesThatFitAsTheyAreAndCutsTheOthers) {
  const auto small = Texts(100, 10);
  const auto large = Texts(10'000, 20);
  const auto rows =
      std::make_shared<FewMessages>(arrow::RecordBatchVector{small, large, small, large});
  ASSERT_OK_AND_ASSIGN(
      const auto stream,
      BatchStream::Create(rows, {.max_message_bytes = kSmallMessage}, rows));
  ASSERT_OK_AND_ASSIGN(const Sent sent, ReadAll(*stream));
  ASSERT_OK_AND_ASSIGN(const auto expected,
                       arrow::Table::FromRecordBatches({small, large, small, large}));
  EXPECT_TRUE(sent.table->Equals(*expected));
  EXPECT_THAT(sent.sizes, testing::Each(testing::Le(kSmallMessage)));
  EXPECT_GT(sent.sizes.size(), 8u);
}

TEST(BatchStream, SendsTheSchemaOfNoBatches) {
  const auto schema = arrow::schema({arrow::field("a", arrow::int32())});
  ASSERT_OK_AND_ASSIGN(const Sent sent, Send(schema, {}, {}));
  EXPECT_TRUE(sent.table->schema()->Equals(schema));
  EXPECT_EQ(sent.table->num_rows(), 0);
}

}  // namespace
}  // namespace pinion::flight
