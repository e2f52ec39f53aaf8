#include "data/ipc_metadata.h"

#include <random>

#include <arrow/array.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/writer.h>
#include <gtest/gtest.h>

#include "tests/support/arrow_assert.h"
#include "tests/support/typed_batches.h"

namespace pinion::data {
namespace {

void ExpectSame(const BatchHeader& actual, const BatchHeader& expected) {
  EXPECT_EQ(actual.length, expected.length);
  EXPECT_EQ(actual.codec, expected.codec);
  EXPECT_EQ(actual.variadic_counts, expected.variadic_counts);
  ASSERT_EQ(actual.nodes.size(), expected.nodes.size());
  for (size_t i = 0; i < actual.nodes.size(); ++i) {
    EXPECT_EQ(actual.nodes[i].length, expected.nodes[i].length);
    EXPECT_EQ(actual.nodes[i].null_count, expected.nodes[i].null_count);
  }
  ASSERT_EQ(actual.buffers.size(), expected.buffers.size());
  for (size_t i = 0; i < actual.buffers.size(); ++i) {
    EXPECT_EQ(actual.buffers[i].offset, expected.buffers[i].offset);
    EXPECT_EQ(actual.buffers[i].length, expected.buffers[i].length);
  }
}

TEST(IpcMetadata, WhatIsMadeIsReadBackAndArrowAcceptsIt) {
  for (size_t nodes = 0; nodes < 4; ++nodes) {
    for (size_t buffers = 0; buffers < 4; ++buffers) {
      for (size_t counts = 0; counts < 4; ++counts) {
        for (const std::optional<BatchHeader::Codec> codec :
             {std::optional<BatchHeader::Codec>(),
              std::optional(BatchHeader::Codec::kLz4Frame),
              std::optional(BatchHeader::Codec::kZstd)}) {
          BatchHeader batch;
          batch.length = 7;
          batch.codec = codec;
          for (size_t i = 0; i < nodes; ++i) batch.nodes.push_back({7, int64_t(i)});
          for (size_t i = 0; i < buffers; ++i) {
            batch.buffers.push_back({int64_t(i) << 40, 100});
          }
          for (size_t i = 0; i < counts; ++i) batch.variadic_counts.push_back(int64_t(i));
          const auto metadata = MakeBatchMetadata(batch, 1234);
          ASSERT_OK_AND_ASSIGN(auto message,
                               arrow::ipc::Message::Open(metadata, nullptr));
          EXPECT_EQ(message->type(), arrow::ipc::MessageType::RECORD_BATCH);
          EXPECT_EQ(message->metadata_version(), arrow::ipc::MetadataVersion::V5);
          EXPECT_EQ(message->body_length(), 1234);
          ASSERT_OK_AND_ASSIGN(const auto view, MessageView::Open(*metadata));
          EXPECT_EQ(view.version(), MetadataVersion::kV5);
          EXPECT_EQ(view.body_length(), 1234);
          EXPECT_EQ(view.IsCompressed().ValueOrDie(), codec.has_value());
          ASSERT_OK_AND_ASSIGN(const auto header, view.Batch());
          ExpectSame(header, batch);
        }
      }
    }
  }
}

TEST(IpcMetadata, ReadsWhatArrowWrites) {
  const auto wide = tests::WideTable();
  arrow::ipc::IpcPayload payload;
  ASSERT_OK(arrow::ipc::GetRecordBatchPayload(
      *wide.batches[0], arrow::ipc::IpcWriteOptions::Defaults(), &payload));
  ASSERT_OK_AND_ASSIGN(const auto view, MessageView::Open(*payload.metadata));
  ASSERT_OK_AND_ASSIGN(const auto header, view.Batch());
  EXPECT_EQ(header.length, 4);
  EXPECT_EQ(header.nodes[0].length, 4);
  EXPECT_EQ(header.nodes[0].null_count, 1);
  EXPECT_EQ(header.buffers.size(), payload.body_buffers.size());
  EXPECT_EQ(header.variadic_counts, payload.variadic_buffer_counts);
  EXPECT_EQ(view.body_length(), payload.body_length);
}

TEST(IpcMetadata, FindsTheIdsOfDictionariesWhereverTheyAre) {
  const auto word = arrow::dictionary(arrow::int8(), arrow::utf8());
  const auto nested = arrow::dictionary(
      arrow::int8(),
      arrow::struct_({arrow::field("n", arrow::int8()), arrow::field("w", word)}));
  const auto schema =
      arrow::schema({arrow::field("plain", arrow::int8()), arrow::field("w", word),
                     arrow::field("l", arrow::list(arrow::field("item", word))),
                     arrow::field("d", nested)});
  arrow::ipc::DictionaryFieldMapper ids;
  ASSERT_OK(ids.AddField(40, {1}));
  ASSERT_OK(ids.AddField(-7, {2, 0}));
  ASSERT_OK(ids.AddField(0, {3}));
  ASSERT_OK(ids.AddField(40, {3, 1}));
  arrow::ipc::IpcPayload payload;
  ASSERT_OK(arrow::ipc::GetSchemaPayload(*schema, arrow::ipc::IpcWriteOptions::Defaults(),
                                         ids, &payload));
  ASSERT_OK_AND_ASSIGN(const auto view, MessageView::Open(*payload.metadata));
  ASSERT_OK_AND_ASSIGN(const auto found, ReadDictionaryIds(*view.SchemaTable()));
  EXPECT_EQ(found, (DictionaryIds{{{1}, 40}, {{2, 0}, -7}, {{3}, 0}, {{3, 1}, 40}}));
  EXPECT_FALSE(IsBigEndian(*view.SchemaTable()));
}

TEST(IpcMetadata, NeverReadsOutsideOfItsBytes) {
  const auto wide = tests::WideTable();
  arrow::ipc::IpcPayload payload;
  ASSERT_OK(arrow::ipc::GetRecordBatchPayload(
      *wide.batches[0], arrow::ipc::IpcWriteOptions::Defaults(), &payload));
  std::mt19937 random(3);
  for (int i = 0; i < 20'000; ++i) {
    std::vector<uint8_t> bytes(payload.metadata->data(),
                               payload.metadata->data() + payload.metadata->size());
    if (i % 4 == 0) bytes.resize(random() % bytes.size());
    for (int k = 0; k < 3 && !bytes.empty(); ++k) {
      bytes[random() % std::min<size_t>(bytes.size(), 128)] =
          static_cast<uint8_t>(random());
    }
    // A copy of the exact size, for AddressSanitizer to watch its ends.
    const arrow::Buffer buffer(bytes.data(), static_cast<int64_t>(bytes.size()));
    const auto view = MessageView::Open(buffer);
    if (!view.ok()) continue;
    (void)view->Batch();
    (void)view->body_length();
    if (const auto schema = view->SchemaTable()) (void)ReadDictionaryIds(*schema);
    (void)FileFooter::Parse(buffer);
  }
}

}  // namespace
}  // namespace pinion::data
