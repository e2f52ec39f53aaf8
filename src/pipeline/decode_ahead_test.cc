#include "pipeline/decode_ahead.h"

#include <atomic>
#include <thread>

#include <arrow/array/builder_primitive.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/testing/gtest_util.h>
#include <gtest/gtest.h>

namespace pinion::internal {
namespace {

using Batch = DecodeAhead::Batch;
using Message = DecodeAhead::Message;

std::shared_ptr<arrow::Schema> NumberSchema() {
  return arrow::schema({arrow::field("n", arrow::int64())});
}

Batch NumberedBatch(int64_t number, int64_t rows) {
  arrow::Int64Builder builder;
  for (int64_t i = 0; i < rows; ++i) ARROW_EXPECT_OK(builder.Append(number));
  return arrow::RecordBatch::Make(NumberSchema(), rows, {builder.Finish().ValueOrDie()});
}

// Gives so many messages, each of a batch that is full of its number, and then `end`.
class Sender {
 public:
  Sender(int64_t count, int64_t rows, arrow::Status end = arrow::Status::OK())
      : count_(count), rows_(rows), end_(std::move(end)) {}

  arrow::Result<Message> Next() {
    if (sent_ == count_) {
      return end_.ok() ? arrow::Result<Message>(nullptr) : end_;
    }
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::ipc::SerializeRecordBatch(
                                           *NumberedBatch(sent_, rows_),
                                           arrow::ipc::IpcWriteOptions::Defaults()));
    ++sent_;
    arrow::io::BufferReader reader(std::move(buffer));
    return arrow::ipc::ReadMessage(&reader);
  }

  int64_t sent() const { return sent_; }

 private:
  const int64_t count_;
  const int64_t rows_;
  const arrow::Status end_;
  std::atomic<int64_t> sent_{0};
};

arrow::Result<Batch> DecodeOne(const arrow::ipc::Message& message) {
  const arrow::ipc::DictionaryMemo memo;
  return arrow::ipc::ReadRecordBatch(message, NumberSchema(), &memo,
                                     arrow::ipc::IpcReadOptions::Defaults());
}

int64_t NumberOf(const Batch& batch) {
  return static_cast<const arrow::Int64Array&>(*batch->column(0)).Value(0);
}

TEST(DecodeAheadTest, BatchesComeInTheOrderOfTheirMessages) {
  for (const int decoders : {0, 1, 4}) {
    Sender sender(500, 100);
    DecodeAhead ahead([&] { return sender.Next(); }, DecodeOne, decoders);
    for (int64_t i = 0; i < 500; ++i) {
      ASSERT_OK_AND_ASSIGN(auto batch, ahead.Next());
      ASSERT_TRUE(batch->Equals(*NumberedBatch(i, 100)));
    }
    EXPECT_EQ(ahead.Next().ValueOrDie(), nullptr);
    EXPECT_EQ(ahead.Next().ValueOrDie(), nullptr);
  }
}

TEST(DecodeAheadTest, AnErrorComesAfterTheBatchesBeforeIt) {
  Sender sender(20, 100, arrow::Status::IOError("the line is dead"));
  DecodeAhead ahead([&] { return sender.Next(); }, DecodeOne, 3);
  for (int64_t i = 0; i < 20; ++i) {
    ASSERT_OK_AND_ASSIGN(auto batch, ahead.Next());
    ASSERT_EQ(NumberOf(batch), i);
  }
  EXPECT_EQ(ahead.Next().status().message(), "the line is dead");
}

TEST(DecodeAheadTest, AMessageThatCannotBeDecodedIsAnErrorInItsPlace) {
  Sender sender(20, 100);
  auto decode = [](const arrow::ipc::Message& message) -> arrow::Result<Batch> {
    ARROW_ASSIGN_OR_RAISE(auto batch, DecodeOne(message));
    if (NumberOf(batch) == 7) return arrow::Status::Invalid("garbled");
    return batch;
  };
  DecodeAhead ahead([&] { return sender.Next(); }, decode, 3);
  for (int64_t i = 0; i < 7; ++i) {
    ASSERT_OK_AND_ASSIGN(auto batch, ahead.Next());
    ASSERT_EQ(NumberOf(batch), i);
  }
  EXPECT_EQ(ahead.Next().status().message(), "garbled");
}

TEST(DecodeAheadTest, WhatIsAheadIsLimitedInMessages) {
  Sender sender(1000, 1);
  DecodeAhead ahead([&] { return sender.Next(); }, DecodeOne, 2);
  ASSERT_OK(ahead.Next());
  const auto most = static_cast<int64_t>(DecodeAhead::kMaxMessages) + 1;
  while (sender.sent() < most) std::this_thread::yield();
  for (int64_t i = 1; i < 100; ++i) {
    ASSERT_OK_AND_ASSIGN(auto batch, ahead.Next());
    ASSERT_LE(sender.sent(), NumberOf(batch) + most);
  }
}

// Each batch is a third of the limit, and what is decoded is counted after the fact.
TEST(DecodeAheadTest, WhatIsAheadIsLimitedInBytes) {
  constexpr int64_t kRows = DecodeAhead::kMaxBytes / 3 / 8;
  Sender sender(30, kRows);
  DecodeAhead ahead([&] { return sender.Next(); }, DecodeOne, 2);
  for (int64_t i = 0; i < 30; ++i) {
    ASSERT_OK_AND_ASSIGN(auto batch, ahead.Next());
    ASSERT_EQ(NumberOf(batch), i);
    ASSERT_LE(sender.sent(), i + 1 + 4);
  }
}

TEST(DecodeAheadTest, MessagesComeAsTheyAreWithoutDecoders) {
  Sender sender(100, 10);
  DecodeAhead ahead([&] { return sender.Next(); }, DecodeOne, 0);
  for (int64_t i = 0; i < 100; ++i) {
    ASSERT_OK_AND_ASSIGN(auto message, ahead.NextMessage());
    ASSERT_OK_AND_ASSIGN(auto batch, DecodeOne(*message));
    ASSERT_EQ(NumberOf(batch), i);
  }
  EXPECT_EQ(ahead.NextMessage().ValueOrDie(), nullptr);
}

TEST(DecodeAheadTest, ItCanBeGivenUpAtAnyPoint) {
  for (int64_t taken = 0; taken < 40; ++taken) {
    Sender sender(1000, 10);
    DecodeAhead ahead([&] { return sender.Next(); }, DecodeOne, 2);
    for (int64_t i = 0; i < taken; ++i) ASSERT_OK(ahead.Next());
  }
}

}  // namespace
}  // namespace pinion::internal
