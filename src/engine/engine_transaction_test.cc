// Transactions, sessions and stopping: what any engine has to do.
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "engine/engine_test.h"

namespace pinion::engine {
namespace {

// Rows without end that are slow to come by.
constexpr char kEndless[] =
    "SELECT count(*) FROM range(1000000000) a(x), range(1000000000) b(y) "
    "WHERE hash(x, y) = 42";
constexpr char kManyRows[] = "SELECT x FROM range(100000000) t(x)";

using EngineTransactionTest = EngineTest;

TEST_P(EngineTransactionTest, CommitsOrRollsBack) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  ASSERT_OK_AND_ASSIGN(auto kept, session_->BeginTransaction());
  ASSERT_OK(Run("INSERT INTO t VALUES (1)", kept));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "0");
  EXPECT_EQ(Value("SELECT count(*) FROM t", kept), "1");
  ASSERT_OK(session_->EndTransaction(kept, TransactionEnd::kCommit));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "1");

  ASSERT_OK_AND_ASSIGN(auto dropped, session_->BeginTransaction());
  ASSERT_OK(Run("INSERT INTO t VALUES (2); CREATE TABLE u(i INTEGER)", dropped));
  ASSERT_OK(session_->EndTransaction(dropped, TransactionEnd::kRollback));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "1");
  EXPECT_EQ(ClassOf(Query("FROM u")), ErrorClass::kMissingObject);
}

TEST_P(EngineTransactionTest, EndsOnce) {
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT 1", id));
  ASSERT_OK(session_->EndTransaction(id, TransactionEnd::kCommit));
  EXPECT_EQ(ClassOf(session_->EndTransaction(id, TransactionEnd::kCommit)),
            ErrorClass::kTransaction);
  EXPECT_EQ(ClassOf(Query("SELECT 1", id)), ErrorClass::kTransaction);
  EXPECT_EQ(ClassOf(statement->Query()), ErrorClass::kTransaction);
  EXPECT_EQ(ClassOf(Query("SELECT 1", "made up")), ErrorClass::kTransaction);
}

TEST_P(EngineTransactionTest, IsItsUsersAlone) {
  auto alice = NewSession({.user = "alice"});
  auto again = NewSession({.user = "alice"});
  auto bob = NewSession({.user = "bob"});
  ASSERT_OK_AND_ASSIGN(auto id, alice->BeginTransaction());
  PrepareOptions options;
  options.transaction_id = id;
  EXPECT_OK(again->Prepare("SELECT 1", options));
  EXPECT_EQ(ClassOf(bob->Prepare("SELECT 1", options)), ErrorClass::kTransaction);
  EXPECT_EQ(ClassOf(bob->EndTransaction(id, TransactionEnd::kRollback)),
            ErrorClass::kTransaction);
  EXPECT_OK(again->EndTransaction(id, TransactionEnd::kRollback));
}

TEST_P(EngineTransactionTest, KeepsResultsOpenWhileItGoesOn) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT x FROM range(300000) r(x)"));
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK_AND_ASSIGN(auto first, Stream("SELECT x FROM t", id));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_OK(first->ReadNext(&batch));
  int64_t rows = batch->num_rows();
  ASSERT_OK_AND_ASSIGN(auto deleted, Run("DELETE FROM t", id));
  EXPECT_EQ(deleted, 300000);
  ASSERT_OK_AND_ASSIGN(auto second, Stream("SELECT count(*) FROM t", id));
  ASSERT_OK_AND_ASSIGN(auto third, Stream("SELECT x FROM range(200000) r(x)", id));
  int64_t next = rows;
  for (;;) {
    ASSERT_OK(first->ReadNext(&batch));
    if (batch == nullptr) break;
    const auto& column = static_cast<const arrow::Int64Array&>(*batch->column(0));
    for (int64_t i = 0; i < column.length(); ++i) ASSERT_EQ(column.Value(i), next++);
  }
  EXPECT_EQ(next, 300000);
  ASSERT_OK_AND_ASSIGN(auto count, second->ToTable());
  ASSERT_OK_AND_ASSIGN(auto value, count->column(0)->GetScalar(0));
  EXPECT_EQ(value->ToString(), "0");
  ASSERT_OK_AND_ASSIGN(auto others, third->ToTable());
  EXPECT_EQ(others->num_rows(), 200000);
  ASSERT_OK(session_->EndTransaction(id, TransactionEnd::kRollback));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "300000");
}

TEST_P(EngineTransactionTest, EndsTheResultsThatAreOpenInIt) {
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK_AND_ASSIGN(auto stream, Stream(kManyRows, id));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_OK(stream->ReadNext(&batch));
  ASSERT_OK(session_->EndTransaction(id, TransactionEnd::kCommit));
  arrow::Status status;
  do {
    status = stream->ReadNext(&batch);
  } while (status.ok() && batch != nullptr);
  EXPECT_EQ(ClassOf(status), ErrorClass::kCancelled);
}

TEST_P(EngineTransactionTest, ConflictsAreErrorsOfTransactions) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 1 AS i"));
  ASSERT_OK_AND_ASSIGN(auto a, session_->BeginTransaction());
  ASSERT_OK_AND_ASSIGN(auto b, session_->BeginTransaction());
  ASSERT_OK(Run("UPDATE t SET i = 2", a));
  const auto status = Run("UPDATE t SET i = 3", b).status();
  EXPECT_EQ(ClassOf(status), ErrorClass::kTransaction);
  EXPECT_EQ(GetErrorDetail(status)->sqlstate(), "40001") << status;
  EXPECT_EQ(ClassOf(Run("SELECT 1", b)), ErrorClass::kTransaction);
  EXPECT_OK(session_->EndTransaction(a, TransactionEnd::kCommit));
  EXPECT_OK(session_->EndTransaction(b, TransactionEnd::kRollback));
  EXPECT_EQ(Value("FROM t"), "2");
}

TEST_P(EngineTransactionTest, SurvivesAStatementThatCannotBePrepared) {
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 1 AS i", id));
  EXPECT_EQ(ClassOf(Query("SELECT nope FROM t", id)), ErrorClass::kMissingObject);
  EXPECT_EQ(Value("FROM t", id), "1");
  EXPECT_OK(session_->EndTransaction(id, TransactionEnd::kCommit));
  EXPECT_EQ(Value("FROM t"), "1");
}

TEST_P(EngineTransactionTest, IsRolledBackWhenForgotten) {
  EngineOptions options;
  options.transaction_timeout = std::chrono::milliseconds(50);
  Open(options);
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 1 AS i"));
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK(Run("UPDATE t SET i = 2", id));
  // Another writer gets through once the forgotten one is gone.
  arrow::Status status;
  do {
    status = Run("UPDATE t SET i = i + 10").status();
  } while (!status.ok() && IsError(status, ErrorClass::kTransaction));
  EXPECT_OK(status);
  const auto gone = Run("UPDATE t SET i = 3", id).status();
  EXPECT_EQ(ClassOf(gone), ErrorClass::kTransaction);
  EXPECT_NE(gone.message().find("50 ms"), std::string::npos) << gone;
  EXPECT_EQ(Value("FROM t"), "11");
}

TEST_P(EngineTransactionTest, IsNotForgottenWhileAResultOfItIsRead) {
  EngineOptions options;
  options.transaction_timeout = std::chrono::milliseconds(1);
  Open(options);
  std::shared_ptr<arrow::RecordBatchReader> stream;
  while (stream == nullptr) {
    ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
    auto opened = Stream("SELECT x FROM range(3000000) t(x)", id);
    if (opened.ok()) stream = *opened;  // else it was forgotten before this came
  }
  int64_t rows = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  for (;;) {
    ASSERT_OK(stream->ReadNext(&batch));
    if (batch == nullptr) break;
    rows += batch->num_rows();
  }
  EXPECT_EQ(rows, 3000000);
}

TEST_P(EngineTransactionTest, OfSqlTextBelongsToTheSession) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  auto other = NewSession();
  ASSERT_OK(Run("BEGIN"));
  ASSERT_OK(Run("INSERT INTO t VALUES (1)"));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "1");
  ASSERT_OK_AND_ASSIGN(auto elsewhere, other->Prepare("SELECT count(*) FROM t", {}));
  ASSERT_OK_AND_ASSIGN(auto stream, elsewhere->Query());
  ASSERT_OK_AND_ASSIGN(auto table, stream->ToTable());
  ASSERT_OK_AND_ASSIGN(auto count, table->column(0)->GetScalar(0));
  EXPECT_EQ(count->ToString(), "0");
  EXPECT_EQ(ClassOf(Run("BEGIN")), ErrorClass::kTransaction);
  ASSERT_OK(Run("ROLLBACK"));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "0");
  ASSERT_OK(Run("BEGIN; INSERT INTO t VALUES (2)"));
  ASSERT_OK(Run("COMMIT"));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "1");
  EXPECT_EQ(ClassOf(Run("COMMIT")), ErrorClass::kTransaction);
}

TEST_P(EngineTransactionTest, OfSqlTextMustEndWhereThereIsNoSession) {
  session_ = engine_->default_session();
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  ASSERT_OK(Run("BEGIN; INSERT INTO t VALUES (1); COMMIT"));
  EXPECT_EQ(ClassOf(Run("BEGIN; INSERT INTO t VALUES (2)")), ErrorClass::kTransaction);
  EXPECT_EQ(ClassOf(Run("BEGIN")), ErrorClass::kTransaction);
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "1");
}

TEST_P(EngineTransactionTest, OfTheProtocolIsNotEndedBySqlText) {
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  for (const char* sql : {"COMMIT", "ROLLBACK", "BEGIN", "SELECT 1; COMMIT"}) {
    EXPECT_EQ(ClassOf(Run(sql, id)), ErrorClass::kTransaction) << sql;
  }
  EXPECT_OK(Run("SELECT 1", id));
  EXPECT_OK(session_->EndTransaction(id, TransactionEnd::kCommit));
}

using EngineStopTest = EngineTest;

TEST_P(EngineStopTest, CancelsBeforeTheFirstBatch) {
  std::stop_source source;
  ExecuteOptions options;
  options.stop = source.get_token();
  options.progress = std::make_shared<Progress>();
  ASSERT_OK_AND_ASSIGN(auto stream, Stream(kEndless, {}, options));
  std::thread stopper([&] {
    // The query is at work when it reports how far it is, or soon after.
    for (int i = 0; i < 1000 && options.progress->fraction < 0; ++i) {
      std::this_thread::yield();
    }
    source.request_stop();
  });
  std::shared_ptr<arrow::RecordBatch> batch;
  EXPECT_EQ(ClassOf(stream->ReadNext(&batch)), ErrorClass::kCancelled);
  stopper.join();
  EXPECT_EQ(Value("SELECT 1"), "1");
}

// One operator may have all of the work: it must not be the one that is deaf.
TEST_P(EngineStopTest, CancelsInWhateverOperatorTheWorkIs) {
  for (const char* sql :
       {"SELECT x FROM range(100000000) t(x) ORDER BY hash(x)",
        "SELECT count(DISTINCT hash(x)) FROM range(1000000000) t(x)",
        "SELECT hash(x) AS h, count(*) FROM range(1000000000) t(x) GROUP BY h",
        "SELECT sum(s) FROM (SELECT sum(x) OVER (ORDER BY hash(x)) AS s "
        "FROM range(50000000) t(x))",
        "SELECT count(*) FROM range(20000000) a(x) JOIN range(20000000) b(y) "
        "ON hash(x) > hash(y) AND x <> y",
        "SELECT count(*) FROM range(100000000) a(x) "
        "JOIN range(100000000) b(y) ON hash(x) = hash(y + 1)",
        "WITH RECURSIVE r(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM r) FROM r "
        "WHERE i < 0",
        "SELECT list(x) FROM range(1000000000) t(x)",
        "SELECT quantile_cont(hash(x), 0.5) FROM range(1000000000) t(x)"}) {
    std::stop_source source;
    ExecuteOptions options;
    options.stop = source.get_token();
    options.progress = std::make_shared<Progress>();
    auto stream = Stream(sql, {}, options);
    auto status = stream.status();
    ASSERT_OK(status);
    std::thread stopper([&] {
      for (int i = 0; i < 1000 && options.progress->fraction <= 0; ++i) {
        std::this_thread::yield();
      }
      source.request_stop();
    });
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      status = (*stream)->ReadNext(&batch);
    } while (status.ok() && batch != nullptr);
    stopper.join();
    EXPECT_EQ(ClassOf(status), ErrorClass::kCancelled) << sql << ": " << status;
    EXPECT_EQ(Value("SELECT 1"), "1") << sql;
  }
}

// Nobody reads: the buffer is full and the workers wait for room.
TEST_P(EngineStopTest, CancelsWhileNobodyReads) {
  std::stop_source source;
  ExecuteOptions options;
  options.stop = source.get_token();
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare(kManyRows));
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(auto read, statement->Query(nullptr, options));
    ASSERT_OK_AND_ASSIGN(auto unread, statement->Query(nullptr, options));
    std::shared_ptr<arrow::RecordBatch> batch;
    ASSERT_OK(read->ReadNext(&batch));
    ASSERT_OK(read->Close());
    unread.reset();
    EXPECT_EQ(Value("SELECT 1"), "1");
  }
  ASSERT_OK_AND_ASSIGN(auto left, statement->Query(nullptr, options));
  source.request_stop();
  left.reset();
  EXPECT_EQ(ClassOf(statement->Query(nullptr, options)), ErrorClass::kCancelled);
  EXPECT_EQ(Value("SELECT 1"), "1");
}

TEST_P(EngineStopTest, CancelsInTheMiddleOfTheStream) {
  std::stop_source source;
  ExecuteOptions options;
  options.stop = source.get_token();
  ASSERT_OK_AND_ASSIGN(auto stream, Stream(kManyRows, {}, options));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_OK(stream->ReadNext(&batch));
  source.request_stop();
  EXPECT_EQ(ClassOf(stream->ReadNext(&batch)), ErrorClass::kCancelled);
  EXPECT_EQ(ClassOf(stream->ReadNext(&batch)), ErrorClass::kCancelled);
  EXPECT_EQ(Value("SELECT 1"), "1");
}

TEST_P(EngineStopTest, RunsNothingThatWasStoppedBefore) {
  std::stop_source source;
  source.request_stop();
  ExecuteOptions options;
  options.stop = source.get_token();
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("CREATE TABLE t(i INTEGER)"));
  EXPECT_EQ(ClassOf(statement->Update(nullptr, options)), ErrorClass::kCancelled);
  EXPECT_EQ(ClassOf(Query("FROM t")), ErrorClass::kMissingObject);
}

TEST_P(EngineStopTest, CancelsAnUpdateAndLeavesNothing) {
  ASSERT_OK(Run("CREATE TABLE t(i BIGINT)"));
  std::stop_source source;
  ExecuteOptions options;
  options.stop = source.get_token();
  options.progress = std::make_shared<Progress>();
  ASSERT_OK_AND_ASSIGN(auto insert,
                       Prepare("INSERT INTO t SELECT x FROM range(100000000000) r(x)"));
  std::thread stopper([&] {
    for (int i = 0; i < 1000 && options.progress->fraction < 0; ++i) {
      std::this_thread::yield();
    }
    source.request_stop();
  });
  EXPECT_EQ(ClassOf(insert->Update(nullptr, options)), ErrorClass::kCancelled);
  stopper.join();
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "0");
}

TEST_P(EngineStopTest, LeavesTheTransactionUsableOrAbortedButNeverStuck) {
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  std::stop_source source;
  ExecuteOptions options;
  options.stop = source.get_token();
  ASSERT_OK_AND_ASSIGN(auto stream, Stream(kManyRows, id, options));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_OK(stream->ReadNext(&batch));
  source.request_stop();
  EXPECT_EQ(ClassOf(stream->ReadNext(&batch)), ErrorClass::kCancelled);
  EXPECT_OK(session_->EndTransaction(id, TransactionEnd::kRollback));
  EXPECT_EQ(Value("SELECT 1"), "1");
}

TEST_P(EngineStopTest, AResultThatIsDroppedLeavesTheTransactionUsable) {
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK(Run("CREATE TABLE dropped(i INTEGER)", id));
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK_AND_ASSIGN(auto stream, Stream(kManyRows, id));
    std::shared_ptr<arrow::RecordBatch> batch;
    if (i % 2 == 1) ASSERT_OK(stream->ReadNext(&batch));
    stream.reset();
    ASSERT_OK(Run("INSERT INTO dropped VALUES (1)", id));
  }
  ASSERT_OK(session_->EndTransaction(id, TransactionEnd::kCommit));
  EXPECT_EQ(Value("SELECT count(*) FROM dropped"), "20");
}

TEST_P(EngineStopTest, ADeadlineIsATimeout) {
  ExecuteOptions options;
  options.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(20);
  auto stream = Stream(kEndless, {}, options);
  arrow::Status status = stream.status();
  std::shared_ptr<arrow::RecordBatch> batch;
  if (status.ok()) status = (*stream)->ReadNext(&batch);
  EXPECT_EQ(ClassOf(status), ErrorClass::kTimeout);
}

TEST_P(EngineStopTest, TheEnginesTimeoutHoldsForTheStreamToo) {
  EngineOptions engine_options;
  engine_options.statement_timeout = std::chrono::milliseconds(20);
  Open(engine_options);
  auto stream = Stream(kManyRows);
  arrow::Status status = stream.status();
  std::shared_ptr<arrow::RecordBatch> batch;
  while (status.ok()) {
    status = (*stream)->ReadNext(&batch);
    ASSERT_TRUE(!status.ok() || batch != nullptr) << "read to the end before the timeout";
  }
  EXPECT_EQ(ClassOf(status), ErrorClass::kTimeout);
  EXPECT_OK(Query("SELECT 1"));
}

TEST_P(EngineStopTest, ClosingTheSessionEndsItsResults) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare(kManyRows));
  ASSERT_OK_AND_ASSIGN(auto stream, statement->Query());
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_OK(stream->ReadNext(&batch));
  auto other = NewSession();
  ASSERT_OK(session_->Close());
  EXPECT_OK(session_->Close());
  arrow::Status status;
  do {
    status = stream->ReadNext(&batch);
  } while (status.ok() && batch != nullptr);
  EXPECT_EQ(ClassOf(status), ErrorClass::kCancelled);
  EXPECT_EQ(ClassOf(statement->Query()), ErrorClass::kCancelled);
  EXPECT_EQ(ClassOf(Query("SELECT 1")), ErrorClass::kCancelled);
  EXPECT_OK(other->Prepare("SELECT 1", {}));
}

TEST_P(EngineStopTest, ClosingTheEngineEndsEverything) {
  ASSERT_OK_AND_ASSIGN(auto stream, Stream(kManyRows));
  ASSERT_OK(session_->BeginTransaction());
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_OK(stream->ReadNext(&batch));
  ASSERT_OK(engine_->Close());
  arrow::Status status;
  do {
    status = stream->ReadNext(&batch);
  } while (status.ok() && batch != nullptr);
  EXPECT_EQ(ClassOf(status), ErrorClass::kUnavailable);
  EXPECT_EQ(ClassOf(Query("SELECT 1")), ErrorClass::kUnavailable);
  EXPECT_EQ(ClassOf(engine_->OpenSession({})), ErrorClass::kUnavailable);
  engine_.reset();
  EXPECT_FALSE(stream->ReadNext(&batch).ok()) << "a stream may outlive its engine";
}

TEST_P(EngineStopTest, ConnectionsAreLimitedAndComeBack) {
  EngineOptions options;
  options.max_connections = 2;
  options.connection_wait = std::chrono::milliseconds(1);
  Open(options);
  ASSERT_OK_AND_ASSIGN(auto first, Stream(kManyRows));
  ASSERT_OK_AND_ASSIGN(auto second, session_->BeginTransaction());
  EXPECT_EQ(ClassOf(Query("SELECT 1")), ErrorClass::kLimit);
  EXPECT_EQ(Value("SELECT 1", second), "1");
  first.reset();
  EXPECT_EQ(Value("SELECT 1"), "1");
  ASSERT_OK_AND_ASSIGN(auto third, Stream(kManyRows));
  EXPECT_EQ(ClassOf(session_->BeginTransaction()), ErrorClass::kLimit);
}

using EngineSessionTest = EngineTest;

TEST_P(EngineSessionTest, HasSettingsOfItsOwn) {
  auto other = NewSession();
  ASSERT_OK(session_->SetOption("TimeZone", std::string("Europe/Paris")));
  EXPECT_EQ(Value("SELECT current_setting('TimeZone')"), "Europe/Paris");
  EXPECT_EQ(Value("SELECT ('2020-07-01 12:00:00+00'::TIMESTAMPTZ)::VARCHAR"),
            "2020-07-01 14:00:00+02");
  std::swap(session_, other);
  EXPECT_EQ(Value("SELECT current_setting('TimeZone')"), "UTC");
  std::swap(session_, other);
  ASSERT_OK_AND_ASSIGN(auto set, session_->GetOptions());
  EXPECT_EQ(std::get<std::string>(set.at("TimeZone")), "Europe/Paris");
  ASSERT_OK(session_->SetOption("TimeZone", std::monostate()));
  EXPECT_EQ(Value("SELECT current_setting('TimeZone')"), "UTC");
  ASSERT_OK(Run("SET TimeZone = 'Asia/Tokyo'"));
  EXPECT_EQ(Value("SELECT current_setting('TimeZone')"), "Asia/Tokyo");
  ASSERT_OK(Run("RESET TimeZone"));
  EXPECT_EQ(Value("SELECT current_setting('TimeZone')"), "UTC");
}

TEST_P(EngineSessionTest, RefusesOptionsThatAreNotTheClients) {
  EXPECT_EQ(ClassOf(session_->SetOption("memory_limit", std::string("1GB"))),
            ErrorClass::kMissingObject);
  EXPECT_EQ(ClassOf(session_->SetOption("nonsense", true)), ErrorClass::kMissingObject);
  EXPECT_EQ(ClassOf(session_->SetOption("pivot_limit", std::string("many"))),
            ErrorClass::kType);
  EXPECT_EQ(ClassOf(session_->SetOption("schema", int64_t{1})), ErrorClass::kType);
  EXPECT_EQ(ClassOf(session_->SetOption("schema", std::string("nope"))),
            ErrorClass::kMissingObject);
  EXPECT_EQ(
      ClassOf(engine_->default_session()->SetOption("TimeZone", std::string("UTC"))),
      ErrorClass::kNotSupported);
  ASSERT_OK_AND_ASSIGN(auto options, session_->GetOptions());
  EXPECT_EQ(options.size(), 2) << "catalog and schema";
}

TEST_P(EngineSessionTest, HasASchema) {
  ASSERT_OK(Run("CREATE SCHEMA s; CREATE TABLE s.t AS SELECT 7 AS i"));
  ASSERT_OK(session_->SetOption("schema", std::string("s")));
  EXPECT_EQ(Value("FROM t"), "7");
  ASSERT_OK_AND_ASSIGN(auto options, session_->GetOptions());
  EXPECT_EQ(std::get<std::string>(options.at("schema")), "s");
  ASSERT_OK(Run("USE main"));
  EXPECT_EQ(ClassOf(Query("FROM t")), ErrorClass::kMissingObject);
  ASSERT_OK(Run("USE s"));
  EXPECT_EQ(Value("FROM t"), "7");
  auto opened = NewSession({.options = {{"schema", std::string("s")}}});
  std::swap(opened, session_);
  EXPECT_EQ(Value("FROM t"), "7");
}

TEST_P(EngineSessionTest, HasTemporaryTablesThatAllItsStatementsSee) {
  ASSERT_OK(Run("CREATE TEMP TABLE t AS SELECT x FROM range(10) r(x)"));
  ASSERT_OK_AND_ASSIGN(auto open, Stream("SELECT * FROM t, range(100000)"));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "10");
  ASSERT_OK(Run("INSERT INTO t VALUES (77)"));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "11");
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  EXPECT_EQ(Value("SELECT count(*) FROM t", id), "11");
  auto other = NewSession();
  EXPECT_EQ(ClassOf(other->Prepare("FROM t", {})), ErrorClass::kMissingObject);
  ASSERT_OK(open->ToTable());
}

TEST_P(EngineSessionTest, WithoutStateRefusesToHaveAny) {
  session_ = engine_->default_session();
  for (const char* sql : {"SET TimeZone = 'UTC'", "USE main", "SET VARIABLE x = 1",
                          "CREATE TEMP TABLE t(i INTEGER)", "RESET TimeZone"}) {
    EXPECT_EQ(ClassOf(Run(sql)), ErrorClass::kNotSupported) << sql;
  }
  EXPECT_OK(session_->Close());
  EXPECT_EQ(Value("SELECT 1"), "1") << "the engine's own session stays open";
}

TEST_P(EngineSessionTest, HasVariables) {
  ASSERT_OK(Run("SET VARIABLE x = 41"));
  EXPECT_EQ(Value("SELECT getvariable('x') + 1"), "42");
}

INSTANTIATE_TEST_SUITE_P(All, EngineTransactionTest, testing::ValuesIn(EngineKinds()),
                         KindName);
INSTANTIATE_TEST_SUITE_P(All, EngineStopTest, testing::ValuesIn(EngineKinds()), KindName);
INSTANTIATE_TEST_SUITE_P(All, EngineSessionTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine
