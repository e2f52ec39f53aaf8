// Rows of a dataset that SQL asks for go out as they lie in its file; for everything else
// they are a result like any other.
#include <algorithm>
#include <chrono>
#include <filesystem>

#include <arrow/util/compression.h>
#include <gmock/gmock.h>

#include "data/sample_table.h"
#include "flight/sql_service_test.h"
#include "tests/support/table_files.h"
#include "tests/support/temporary_folder.h"

namespace pinion::flight {
namespace {

using testing::HasSubstr;

constexpr int64_t kRows = 20'000;
// Of a size that the engine would not make by itself.
constexpr int64_t kBatchRows = 2'500;

class SqlDatasetTest : public SqlServiceTest {
 protected:
  void SetUp() override {
    const auto sample = data::SampleTable({.rows = kRows, .batch_rows = kBatchRows});
    ASSERT_OK_AND_ASSIGN(table_, sample->ToTable());
    ASSERT_NO_FATAL_FAILURE(Write(1));
    options_.datasets = {{"d", path_}};
    SqlServiceTest::SetUp();
  }

  void Write(int copies) {
    ASSERT_OK_AND_ASSIGN(const auto batches,
                         arrow::TableBatchReader(*table_).ToRecordBatches());
    arrow::RecordBatchVector many;
    for (int i = 0; i < copies; ++i) {
      many.insert(many.end(), batches.begin(), batches.end());
    }
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.codec = *arrow::util::Codec::Create(arrow::Compression::LZ4_FRAME);
    ASSERT_OK(
        tests::WriteIpc(path_, data::Format::kFeather, table_->schema(), many, options));
  }

  // Whether the table came in the batches of the file.
  static bool IsPassedThrough(const arrow::Table& table) {
    const auto& chunks = table.column(0)->chunks();
    return chunks.size() > 1 &&
           std::all_of(chunks.begin(), chunks.end() - 1,
                       [](const auto& chunk) { return chunk->length() == kBatchRows; });
  }

  Result<std::unique_ptr<FlightInfo>> Poll(const std::string& sql) {
    ARROW_ASSIGN_OR_RAISE(const auto plain, ConnectPlain());
    FlightDescriptor descriptor = FlightDescriptor::Command(
        PackSqlMessage("CommandStatementQuery", SerializeHandle(sql)));
    for (;;) {
      ARROW_ASSIGN_OR_RAISE(auto poll, plain->PollFlightInfo(descriptor));
      if (!poll->descriptor.has_value()) return std::move(poll->info);
      descriptor = *poll->descriptor;
    }
  }

  tests::TemporaryFolder folder_;
  const std::string path_ = folder_ / "d.feather";
  std::shared_ptr<arrow::Table> table_;
};

TEST_F(SqlDatasetTest, TheMessagesOfTheFileAreTheResult) {
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT * FROM d"));
  ASSERT_OK_AND_ASSIGN(const auto found, Fetch(*info));
  EXPECT_TRUE(IsPassedThrough(*found));
  EXPECT_TRUE(found->Equals(*table_));
  arrow::ipc::DictionaryMemo memo;
  ASSERT_OK_AND_ASSIGN(const auto promised, info->GetSchema(&memo));
  EXPECT_TRUE(found->schema()->Equals(*promised, /*check_metadata=*/true));
  ASSERT_OK_AND_ASSIGN(const auto computed,
                       Query(*client_, "SELECT * FROM d WHERE true"));
  EXPECT_FALSE(IsPassedThrough(*computed));
  EXPECT_TRUE(found->schema()->Equals(*computed->schema(), /*check_metadata=*/true));
}

TEST_F(SqlDatasetTest, EveryWayToRunAStatementPassesThemThrough) {
  const std::string sql = "SELECT city AS v, id FROM d LIMIT 8000";
  ASSERT_OK_AND_ASSIGN(const auto columns,
                       table_->SelectColumns({table_->schema()->GetFieldIndex("city"),
                                              table_->schema()->GetFieldIndex("id")}));
  ASSERT_OK_AND_ASSIGN(const auto renamed, columns->RenameColumns({"v", "id"}));
  const auto expected = renamed->Slice(0, 8000);
  const auto expect = [&](const Result<std::shared_ptr<arrow::Table>>& found) {
    ASSERT_OK(found);
    EXPECT_TRUE((*found)->Equals(*expected)) << (*found)->ToString();
    EXPECT_TRUE(IsPassedThrough(**found));
  };
  expect(Query(*client_, sql));
  ASSERT_OK_AND_ASSIGN(const auto plain, ConnectPlain());
  ASSERT_OK_AND_ASSIGN(const auto reader, plain->DoGet(arrow::flight::Ticket{sql}));
  expect(reader->ToTable());
  ASSERT_OK_AND_ASSIGN(const auto polled, Poll(sql));
  expect(Fetch(*polled));
  ASSERT_OK_AND_ASSIGN(const auto prepared, client_->Prepare({}, sql));
  for (int i = 0; i < 4; ++i) {
    ASSERT_OK_AND_ASSIGN(const auto info, prepared->Execute());
    expect(Fetch(*info));
  }
  ASSERT_OK(prepared->Close());
  ASSERT_OK_AND_ASSIGN(const auto transaction, client_->BeginTransaction({}));
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, sql, transaction));
  expect(Fetch(*info));
  ASSERT_OK(client_->Commit({}, transaction));
}

TEST_F(SqlDatasetTest, ClientsThatCannotTakeTheMessagesGetTheSameRows) {
  for (const char* sql : {"SELECT * FROM d", "SELECT * FROM d LIMIT 5000 OFFSET 500"}) {
    ASSERT_OK_AND_ASSIGN(const auto expected, Query(*client_, sql));
    FlightCallOptions options;
    options.headers = {{"x-pinion-compression", "none"},
                       {"x-pinion-max-message-bytes", "65536"}};
    ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, sql));
    ASSERT_OK_AND_ASSIGN(const auto reader,
                         client_->DoGet(options, info->endpoints()[0].ticket));
    ASSERT_OK_AND_ASSIGN(const auto found, reader->ToTable());
    EXPECT_TRUE(found->schema()->Equals(*expected->schema(), /*check_metadata=*/true));
    EXPECT_TRUE(found->Equals(*expected));
  }
}

TEST_F(SqlDatasetTest, ATicketOfThemCanBeFetchedAgain) {
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT id FROM d"));
  ASSERT_OK_AND_ASSIGN(const auto first, Fetch(*info));
  ASSERT_OK_AND_ASSIGN(const auto second, Fetch(*info));
  EXPECT_TRUE(first->Equals(*second));
}

TEST_F(SqlDatasetTest, ATableInFrontOfTheDatasetIsNotSentUnderItsSchema) {
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT id FROM d"));
  ASSERT_OK(Update("CREATE TABLE d AS SELECT 'a' AS id"));
  EXPECT_FALSE(Fetch(*info).ok());
  ASSERT_OK_AND_ASSIGN(const auto found, Query(*client_, "SELECT id FROM d"));
  EXPECT_EQ(found->num_rows(), 1);
}

TEST_F(SqlDatasetTest, ACorruptMessageIsAnErrorToItsStreamOnly) {
  std::string bytes = tests::ReadFile(path_);
  // In the middle, so that batches come before and after.
  const size_t message = bytes.find("\xff\xff\xff\xff", bytes.size() / 2);
  ASSERT_NE(message, std::string::npos);
  std::fill_n(bytes.begin() + static_cast<int64_t>(message) + 8, 40, '\x7f');
  const std::string spoilt = folder_ / "spoilt.feather";
  tests::WriteFile(spoilt, bytes);
  options_.datasets = {{"d", path_}, {"spoilt", spoilt}};
  client_.reset();
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT * FROM spoilt"));
  ASSERT_OK_AND_ASSIGN(const auto reader,
                       client_->DoGet({}, info->endpoints()[0].ticket));
  ARROW_EXPECT_OK(reader->Next());
  const Status status = reader->ToTable().status();
  EXPECT_THAT(status.message(), HasSubstr("corrupt"));
  ARROW_EXPECT_OK(Query(*client_, "SELECT * FROM spoilt LIMIT 2500"));
  ASSERT_OK_AND_ASSIGN(const auto found, Query(*client_, "SELECT * FROM d"));
  EXPECT_TRUE(found->Equals(*table_));
}

// Larger than what the sockets between the two can hold.
class LargeSqlDatasetTest : public SqlDatasetTest {
 protected:
  void SetUp() override {
    SqlDatasetTest::SetUp();
    ASSERT_NO_FATAL_FAILURE(Write(200));
    client_.reset();
    ASSERT_NO_FATAL_FAILURE(Start());
  }

  // A result of which one batch has been read.
  void Begin(const Result<std::unique_ptr<FlightInfo>>& info) {
    ASSERT_OK(info);
    info_ = std::make_unique<FlightInfo>(**info);
    ASSERT_OK_AND_ASSIGN(reader_, client_->DoGet({}, info_->endpoints()[0].ticket));
    ASSERT_OK(reader_->Next());
  }

  std::unique_ptr<FlightInfo> info_;
  std::unique_ptr<arrow::flight::FlightStreamReader> reader_;
};

TEST_F(LargeSqlDatasetTest, CancellingEndsThemInTheMiddle) {
  ASSERT_NO_FATAL_FAILURE(Begin(client_->Execute({}, "SELECT * FROM d")));
  ASSERT_OK_AND_ASSIGN(
      const auto result,
      client_->CancelFlightInfo({}, arrow::flight::CancelFlightInfoRequest(
                                        std::make_unique<FlightInfo>(*info_))));
  EXPECT_EQ(result.status, arrow::flight::CancelStatus::kCancelled);
  ASSERT_RAISES(Cancelled, reader_->ToTable());
}

TEST_F(LargeSqlDatasetTest, TheEndOfTheirTransactionEndsThem) {
  ASSERT_OK_AND_ASSIGN(const auto transaction, client_->BeginTransaction({}));
  ASSERT_NO_FATAL_FAILURE(Begin(client_->Execute({}, "SELECT * FROM d", transaction)));
  ASSERT_OK(client_->Rollback({}, transaction));
  ASSERT_RAISES(Cancelled, reader_->ToTable());
}

TEST_F(LargeSqlDatasetTest, TheirTimeRunsOut) {
  options_.statement_timeout = std::chrono::milliseconds(1);
  client_.reset();
  ASSERT_NO_FATAL_FAILURE(Start());
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT * FROM d"));
  const Status status = Fetch(*info).status();
  EXPECT_EQ(FlightCode(status), FlightStatusCode::TimedOut) << status;
}

TEST_F(LargeSqlDatasetTest, AFileThatIsCutInTheMiddleIsAnError) {
  ASSERT_NO_FATAL_FAILURE(Begin(client_->Execute({}, "SELECT * FROM d")));
  std::filesystem::resize_file(path_, std::filesystem::file_size(path_) / 10);
  EXPECT_FALSE(reader_->ToTable().ok());
  EXPECT_EQ(Number("SELECT 42").ValueOr(0), 42);
}

}  // namespace
}  // namespace pinion::flight
