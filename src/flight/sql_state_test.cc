// What a client learns of an error: Arrow's code, and the SQLSTATE in a trailer.
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include <arrow/flight/client_middleware.h>
#include <gtest/gtest.h>

#include "data/format.h"
#include "flight/sql_service_test.h"
#include "tests/support/table_files.h"
#include "tests/support/temporary_folder.h"

namespace pinion::flight {
namespace {

// Keeps the SQLSTATE of the latest call that had one. Thread-safe.
class StateRecorder : public arrow::flight::ClientMiddlewareFactory {
 public:
  void StartCall(const arrow::flight::CallInfo&,
                 std::unique_ptr<arrow::flight::ClientMiddleware>* middleware) override {
    *middleware = std::make_unique<Recording>(*this);
  }

  std::string Take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(state_, "");
  }

 private:
  class Recording : public arrow::flight::ClientMiddleware {
   public:
    explicit Recording(StateRecorder& recorder) : recorder_(recorder) {}
    void SendingHeaders(arrow::flight::AddCallHeaders*) override {}
    void ReceivedHeaders(const arrow::flight::CallHeaders& headers) override {
      const auto found = headers.find("x-pinion-sqlstate");
      if (found == headers.end()) return;
      const std::lock_guard lock(recorder_.mutex_);
      recorder_.state_ = found->second;
    }
    void CallCompleted(const Status&) override {}

   private:
    StateRecorder& recorder_;
  };

  std::mutex mutex_;
  std::string state_;
};

class SqlStateTest : public SqlServiceTest {
 protected:
  void SetUp() override {
    options_.listen = {"grpc://127.0.0.1:0"};
    ASSERT_NO_FATAL_FAILURE(StartRecorded());
  }

  void StartRecorded() {
    ASSERT_NO_FATAL_FAILURE(Start());
    ASSERT_OK_AND_ASSIGN(client_, Connect({recorder_}));
  }

  // Of what a query fails with, whenever it does.
  Status Failure(const std::string& text) {
    const Status status = Query(*client_, text).status();
    EXPECT_FALSE(status.ok()) << text;
    return status;
  }

  const std::shared_ptr<StateRecorder> recorder_ = std::make_shared<StateRecorder>();
};

TEST_F(SqlStateTest, EachClassOfErrorArrivesAsWhatItIs) {
  ASSERT_OK(Update("CREATE TABLE kept (id BIGINT PRIMARY KEY CHECK (id > 0))"));
  ASSERT_OK(Update("INSERT INTO kept VALUES (1)"));
  ASSERT_OK(Update("CREATE TABLE referring (id BIGINT REFERENCES kept (id))"));
  struct Case {
    const char* text;
    arrow::StatusCode code;
    const char* state;
  };
  using Code = arrow::StatusCode;
  for (const Case& expected : {
           Case{"SELEC 1", Code::Invalid, "42601"},
           Case{"SELECT id FROM kept a, kept b", Code::Invalid, "42000"},
           Case{"SELECT * FROM missing", Code::KeyError, "42S02"},
           Case{"SELECT missing FROM kept", Code::KeyError, "42S22"},
           Case{"CREATE TABLE kept (id BIGINT)", Code::AlreadyExists, "42S01"},
           Case{"INSERT INTO kept VALUES (1)", Code::Invalid, "23505"},
           Case{"INSERT INTO kept VALUES (0)", Code::Invalid, "23514"},
           Case{"INSERT INTO kept VALUES (NULL)", Code::Invalid, "23502"},
           Case{"INSERT INTO referring VALUES (7)", Code::Invalid, "23503"},
           Case{"SELECT 'x'::INTEGER", Code::Invalid, "22018"},
           Case{"SELECT 300::UTINYINT", Code::Invalid, "22003"},
           Case{"SET schema = 'main'", Code::NotImplemented, "0AS01"},
       }) {
    SCOPED_TRACE(expected.text);
    const Status status = Failure(expected.text);
    EXPECT_EQ(status.code(), expected.code) << status;
    EXPECT_EQ(recorder_->Take(), expected.state) << status;
  }
}

TEST_F(SqlStateTest, WhatIsForbiddenIsUnauthorized) {
  for (const char* text :
       {"ATTACH 'elsewhere.db'", "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM 'elsewhere.parquet'"}) {
    SCOPED_TRACE(text);
    EXPECT_EQ(FlightCode(Failure(text)), FlightStatusCode::Unauthorized);
    EXPECT_EQ(recorder_->Take(), "42501");
  }
}

TEST_F(SqlStateTest, WrongParametersAreInvalid) {
  ASSERT_OK_AND_ASSIGN(const auto statement,
                       client_->Prepare({}, "SELECT ?::BIGINT + ?"));
  ASSERT_OK_AND_ASSIGN(const auto batch, Ids({1}));
  ASSERT_OK(statement->SetParameters(batch));
  ASSERT_RAISES(Invalid, statement->Execute());
  EXPECT_EQ(recorder_->Take(), "07001");
}

TEST_F(SqlStateTest, AConflictBetweenTransactionsCanBeToldFromOtherErrors) {
  ASSERT_OK(Update("CREATE TABLE contested (id BIGINT)"));
  ASSERT_OK(Update("INSERT INTO contested VALUES (1)"));
  ASSERT_OK_AND_ASSIGN(const auto first, client_->BeginTransaction({}));
  ASSERT_OK_AND_ASSIGN(const auto second, client_->BeginTransaction({}));
  ASSERT_OK(client_->ExecuteUpdate({}, "UPDATE contested SET id = 2", first));
  ASSERT_RAISES(Invalid,
                client_->ExecuteUpdate({}, "UPDATE contested SET id = 3", second));
  EXPECT_EQ(recorder_->Take(), "40001");
  ASSERT_OK(client_->Rollback({}, second));
  ASSERT_OK(client_->Commit({}, first));
  ASSERT_OK_AND_EQ(2, Number("SELECT id FROM contested"));
}

TEST_F(SqlStateTest, MoreTransactionsThanThereMayBeAreUnavailable) {
  std::vector<sql::Transaction> open;
  Status status;
  // More than any limit that would be one.
  while (status.ok() && open.size() < 10'000) {
    const auto transaction = client_->BeginTransaction({});
    status = transaction.status();
    if (status.ok()) open.push_back(*transaction);
  }
  EXPECT_EQ(FlightCode(status), FlightStatusCode::Unavailable) << status;
  EXPECT_EQ(recorder_->Take(), "53300");
  ASSERT_OK(client_->Rollback({}, open.back()));
  EXPECT_OK(client_->BeginTransaction({}));
}

TEST_F(SqlStateTest, AStatementThatTakesTooLongIsTimedOut) {
  options_.statement_timeout = std::chrono::milliseconds(200);
  ASSERT_NO_FATAL_FAILURE(StartRecorded());
  EXPECT_EQ(FlightCode(Failure(kEndless)), FlightStatusCode::TimedOut);
  EXPECT_EQ(recorder_->Take(), "HYT00");
}

TEST_F(SqlStateTest, MemoryThatRunsOutIsUnavailable) {
  options_.memory_limit_bytes = int64_t{64} << 20;
  ASSERT_NO_FATAL_FAILURE(StartRecorded());
  // One value, which cannot be spilled in part.
  EXPECT_EQ(FlightCode(Failure("SELECT list(range) AS l FROM range(2000000000)")),
            FlightStatusCode::Unavailable);
  EXPECT_EQ(recorder_->Take(), "53200");
  ASSERT_OK_AND_EQ(42, Number("SELECT 42"));
}

TEST_F(SqlStateTest, AFileThatIsNoMoreWhatItWasIsAnInternalError) {
  const tests::TemporaryFolder folder;
  const std::string path = folder / "cut.feather";
  ASSERT_OK_AND_ASSIGN(const auto batch, Ids({1, 2, 3}));
  ASSERT_OK(tests::WriteIpc(path, data::Format::kFeather, batch->schema(), {batch}));
  options_.datasets = {{"cut", path}};
  ASSERT_NO_FATAL_FAILURE(StartRecorded());
  std::filesystem::resize_file(path, 0);
  const Status status = Failure("SELECT sum(id) FROM cut");
  EXPECT_EQ(FlightCode(status), FlightStatusCode::Internal) << status;
  EXPECT_EQ(recorder_->Take(), "58030");
}

TEST_F(SqlStateTest, ACancelledQueryIsCancelled) {
  ASSERT_OK_AND_ASSIGN(const auto info, client_->Execute({}, "SELECT 42"));
  ASSERT_OK(client_->CancelFlightInfo(
      {}, arrow::flight::CancelFlightInfoRequest(std::make_unique<FlightInfo>(*info))));
  ASSERT_RAISES(Cancelled, Fetch(*info));
  EXPECT_EQ(recorder_->Take(), "57014");
}

}  // namespace
}  // namespace pinion::flight
