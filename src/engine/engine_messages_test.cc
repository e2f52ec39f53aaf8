// Results whose batches the engine makes compressed messages of.
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/reader.h>
#include <arrow/util/compression.h>

#include "engine/engine_test.h"
#include "engine/message_rows.h"

namespace pinion::engine {
namespace {

constexpr int64_t kAnySize = int64_t{64} << 20;
// Every wire layout: fixed width, bits, offsets, children, nulls.
constexpr char kRows[] =
    "SELECT x, x % 3 = 0 AS b, CASE WHEN x % 7 > 0 THEN 'text ' || x END AS t, "
    "x::DECIMAL(38, 2) AS d, [x, NULL] AS l, {'a': x, 'b': 'y'} AS s, NULL AS n "
    "FROM range(200000) r(x)";

class EngineMessagesTest : public EngineTest {
 protected:
  arrow::Result<ExecutionResult> Execute(const std::string& sql,
                                         arrow::Compression::type compression) {
    ARROW_ASSIGN_OR_RAISE(auto statement, Prepare(sql));
    ExecuteOptions options;
    options.compression = compression;
    return statement->Execute(nullptr, options);
  }

  // What comes as messages of at most `max_bytes`, the rest as batches.
  struct Rows {
    std::shared_ptr<arrow::Table> table;
    int messages = 0;
    int64_t message_bytes = 0;
    int batches = 0;
  };

  static arrow::Result<Rows> ReadAll(MessageRows& source, int64_t max_bytes) {
    Rows rows;
    arrow::RecordBatchVector parts;
    const arrow::ipc::DictionaryMemo no_dictionaries;
    for (;;) {
      ARROW_ASSIGN_OR_RAISE(const auto message, source.ReadMessage(max_bytes));
      std::shared_ptr<arrow::RecordBatch> batch;
      if (message != nullptr) {
        const int64_t bytes = message->metadata()->size() + message->body_length();
        EXPECT_LE(bytes, max_bytes);
        ++rows.messages;
        rows.message_bytes += bytes;
        ARROW_ASSIGN_OR_RAISE(batch, arrow::ipc::ReadRecordBatch(
                                         *message, source.schema(), &no_dictionaries,
                                         arrow::ipc::IpcReadOptions::Defaults()));
      } else {
        ARROW_RETURN_NOT_OK(source.ReadNext(&batch));
        if (batch == nullptr) break;
        ++rows.batches;
      }
      ARROW_RETURN_NOT_OK(batch->ValidateFull());
      parts.push_back(std::move(batch));
    }
    ARROW_ASSIGN_OR_RAISE(rows.table,
                          arrow::Table::FromRecordBatches(source.schema(), parts));
    return rows;
  }
};

TEST_P(EngineMessagesTest, HaveTheValuesOfTheBatches) {
  ASSERT_OK_AND_ASSIGN(const auto expected, Query(kRows));
  for (const auto compression :
       {arrow::Compression::LZ4_FRAME, arrow::Compression::ZSTD}) {
    ASSERT_OK_AND_ASSIGN(const auto result, Execute(kRows, compression));
    ASSERT_NE(result.messages, nullptr);
    ASSERT_OK_AND_ASSIGN(const Rows rows, ReadAll(*result.messages, kAnySize));
    EXPECT_TRUE(rows.table->Equals(*expected, /*check_metadata=*/true));
    EXPECT_GT(rows.messages, 1);
    EXPECT_EQ(rows.batches, 0);
    // Of some 16 MB.
    EXPECT_LT(rows.message_bytes, int64_t{8} << 20);
  }
}

TEST_P(EngineMessagesTest, AreBatchesToWhoWantsThose) {
  ASSERT_OK_AND_ASSIGN(const auto expected, Query(kRows));
  ASSERT_OK_AND_ASSIGN(auto result, Execute(kRows, arrow::Compression::LZ4_FRAME));
  ASSERT_OK_AND_ASSIGN(const auto table, result.stream->ToTable());
  EXPECT_TRUE(table->Equals(*expected, /*check_metadata=*/true));
  // Those that are too large for a message.
  ASSERT_OK_AND_ASSIGN(result, Execute(kRows, arrow::Compression::LZ4_FRAME));
  ASSERT_OK_AND_ASSIGN(const Rows rows, ReadAll(*result.messages, 200'000));
  EXPECT_TRUE(rows.table->Equals(*expected, /*check_metadata=*/true));
  EXPECT_GT(rows.messages, 0);
  EXPECT_GT(rows.batches, 0);
}

TEST_P(EngineMessagesTest, ComeOnlyWhenAskedFor) {
  ASSERT_OK_AND_ASSIGN(const auto plain,
                       Execute("SELECT 1", arrow::Compression::UNCOMPRESSED));
  EXPECT_EQ(plain.messages, nullptr);
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  ASSERT_OK_AND_ASSIGN(const auto count, Execute("INSERT INTO t VALUES (1), (2)",
                                                 arrow::Compression::LZ4_FRAME));
  EXPECT_EQ(count.messages, nullptr);
  EXPECT_EQ(count.affected_rows, 2);
}

TEST_P(EngineMessagesTest, WaitWhenTheTransactionGoesOn) {
  ASSERT_OK_AND_ASSIGN(const auto expected, Query(kRows));
  ASSERT_OK(Run("BEGIN"));
  ASSERT_OK_AND_ASSIGN(const auto result, Execute(kRows, arrow::Compression::LZ4_FRAME));
  ASSERT_OK_AND_ASSIGN(const auto first, result.messages->ReadMessage(/*max_bytes=*/1));
  EXPECT_EQ(first, nullptr);
  EXPECT_EQ(Value("SELECT 42"), "42");
  ASSERT_OK_AND_ASSIGN(const Rows rows, ReadAll(*result.messages, kAnySize));
  EXPECT_TRUE(rows.table->Equals(*expected, /*check_metadata=*/true));
  ASSERT_OK(Run("COMMIT"));
}

TEST_P(EngineMessagesTest, EndWithTheErrorOfTheQuery) {
  ASSERT_OK_AND_ASSIGN(
      const auto result,
      Execute("SELECT CASE WHEN x < 400000 THEN x ELSE error('too far') END AS x "
              "FROM range(500000) r(x)",
              arrow::Compression::LZ4_FRAME));
  const auto rows = ReadAll(*result.messages, kAnySize);
  ASSERT_FALSE(rows.ok());
  EXPECT_NE(rows.status().message().find("too far"), std::string::npos) << rows.status();
}

TEST_P(EngineMessagesTest, StopWithTheirStatement) {
  std::stop_source stop;
  ExecuteOptions options;
  options.compression = arrow::Compression::LZ4_FRAME;
  options.stop = stop.get_token();
  ASSERT_OK_AND_ASSIGN(const auto statement, Prepare("SELECT * FROM range(100000000)"));
  ASSERT_OK_AND_ASSIGN(const auto result, statement->Execute(nullptr, options));
  ASSERT_OK(result.messages->ReadMessage(kAnySize));
  stop.request_stop();
  EXPECT_EQ(ClassOf(ReadAll(*result.messages, kAnySize)), ErrorClass::kCancelled);
}

TEST_P(EngineMessagesTest, OutliveTheirResult) {
  std::shared_ptr<arrow::ipc::Message> message;
  {
    ASSERT_OK_AND_ASSIGN(const auto result,
                         Execute(kRows, arrow::Compression::LZ4_FRAME));
    ASSERT_OK_AND_ASSIGN(message, result.messages->ReadMessage(kAnySize));
    ASSERT_NE(message, nullptr);
  }
  EXPECT_GT(message->body()->size(), 0);
  EXPECT_EQ(message->type(), arrow::ipc::MessageType::RECORD_BATCH);
}

INSTANTIATE_TEST_SUITE_P(Engines, EngineMessagesTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine
