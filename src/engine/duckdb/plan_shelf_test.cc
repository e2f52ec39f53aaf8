// Statements that run again and again on one plan: nobody may notice but by the speed.
#include "engine/duckdb/plan_shelf.h"

#include <atomic>
#include <thread>
#include <vector>

#include "engine/duckdb/duck_engine_test.h"
#include "engine/duckdb/scan_size.h"

namespace pinion::engine::duck {
namespace {

constexpr int kTimes = 6;

class PlanShelfTest : public DuckEngineTest {
 protected:
  static std::string ValueOf(Statement& statement,
                             std::shared_ptr<arrow::RecordBatchReader> parameters = {}) {
    auto stream = statement.Query(std::move(parameters));
    if (!stream.ok()) return stream.status().ToString();
    auto table = (*stream)->ToTable();
    if (!table.ok()) return table.status().ToString();
    if ((*table)->num_rows() != 1) return (*table)->ToString();
    return (*table)->column(0)->GetScalar(0).ValueOrDie()->ToString();
  }

  static std::shared_ptr<arrow::RecordBatchReader> Number(int64_t value) {
    return Reader(
        Batch({{"1", Array(arrow::int64(), "[" + std::to_string(value) + "]")}}));
  }
};

TEST_P(PlanShelfTest, EachExecutionHasItsOwnParameters) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT $1::BIGINT + 1"));
  for (int i = 0; i < kTimes; ++i) {
    EXPECT_EQ(ValueOf(*statement, Number(i)), std::to_string(i + 1));
  }
}

TEST_P(PlanShelfTest, ParametersMayChangeTheirType) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT typeof($1)"));
  for (int i = 0; i < kTimes; ++i) {
    EXPECT_EQ(ValueOf(*statement, Number(i)), "BIGINT");
    EXPECT_EQ(
        ValueOf(*statement, Reader(Batch({{"1", Array(arrow::utf8(), R"(["a"])")}}))),
        "VARCHAR");
  }
}

TEST_P(PlanShelfTest, SeesWhatWasWrittenSince) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  ASSERT_OK_AND_ASSIGN(auto insert, Prepare("INSERT INTO t VALUES ($1)"));
  ASSERT_OK_AND_ASSIGN(auto count, Prepare("SELECT count(*) FROM t"));
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_OK_AND_ASSIGN(const int64_t rows, insert->Update(Number(i)));
    EXPECT_EQ(rows, 1);
    EXPECT_EQ(ValueOf(*count), std::to_string(i + 1));
  }
}

TEST_P(PlanShelfTest, NoticesThatItsTableWasReplacedOrDropped) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 0 AS i"));
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT i FROM t"));
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_OK(Run("CREATE OR REPLACE TABLE t AS SELECT " + std::to_string(i) + " AS i"));
    EXPECT_EQ(ValueOf(*statement), std::to_string(i));
  }
  ASSERT_OK(Run("CREATE OR REPLACE TABLE t AS SELECT 'text' AS i"));
  EXPECT_EQ(ClassOf(statement->Query()), ErrorClass::kBinding);
  ASSERT_OK(Run("DROP TABLE t"));
  EXPECT_EQ(ClassOf(statement->Query()), ErrorClass::kMissingObject);
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 5 AS i"));
  EXPECT_EQ(ValueOf(*statement), "5");
}

TEST_P(PlanShelfTest, NoticesThatItsDatasetWasReplaced) {
  std::shared_ptr<Statement> statement;
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_OK_AND_ASSIGN(auto table, Query("SELECT " + std::to_string(i) + " AS i"));
    ServeTable("d", data::Format::kFeather, *table, 100);
    if (statement == nullptr) {
      ASSERT_OK_AND_ASSIGN(statement, Prepare("SELECT i FROM d"));
    }
    for (int j = 0; j < 4; ++j) EXPECT_EQ(ValueOf(*statement), std::to_string(i));
  }
}

TEST_P(PlanShelfTest, HasTheSessionsSettings) {
  ASSERT_OK_AND_ASSIGN(auto zone, Prepare("SELECT current_setting('TimeZone')"));
  ASSERT_OK_AND_ASSIGN(auto schema, Prepare("SELECT current_schema()"));
  ASSERT_OK(Run("CREATE SCHEMA a"));
  ASSERT_OK(Run("CREATE SCHEMA b"));
  for (int i = 0; i < 3; ++i) {
    for (const std::string name : {"a", "b"}) {
      ASSERT_OK(session_->SetOption("schema", name));
      for (int j = 0; j < 4; ++j) EXPECT_EQ(ValueOf(*schema), name);
      ASSERT_OK(Run("SET TimeZone = 'Etc/GMT+" + std::to_string(i + 1) + "'"));
      for (int j = 0; j < 4; ++j) {
        EXPECT_EQ(ValueOf(*zone), "Etc/GMT+" + std::to_string(i + 1));
      }
    }
  }
}

TEST_P(PlanShelfTest, RunsInTheTransactionOfItsSession) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  ASSERT_OK_AND_ASSIGN(auto insert, Prepare("INSERT INTO t VALUES (1)"));
  for (int i = 0; i < kTimes; ++i) ASSERT_OK(insert->Update());
  ASSERT_OK(Run("BEGIN"));
  ASSERT_OK(insert->Update());
  ASSERT_OK(Run("ROLLBACK"));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), std::to_string(kTimes));
}

TEST_P(PlanShelfTest, ResultsOfOneStatementStayOpenSideBySide) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT x FROM range(300000) t(x)"));
  std::vector<std::shared_ptr<arrow::RecordBatchReader>> streams;
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_OK_AND_ASSIGN(auto stream, statement->Query());
    std::shared_ptr<arrow::RecordBatch> batch;
    ASSERT_OK(stream->ReadNext(&batch));
    streams.push_back(std::move(stream));
  }
  for (const auto& stream : streams) {
    ASSERT_OK_AND_ASSIGN(auto rest, stream->ToTable());
    EXPECT_GT(rest->num_rows(), 0);
  }
  // Some end early, and leave their plan as good as new.
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_OK_AND_ASSIGN(auto stream, statement->Query());
    std::shared_ptr<arrow::RecordBatch> batch;
    ASSERT_OK(stream->ReadNext(&batch));
  }
  ASSERT_OK_AND_ASSIGN(auto stream, statement->Query());
  ASSERT_OK_AND_ASSIGN(auto table, stream->ToTable());
  EXPECT_EQ(table->num_rows(), 300000);
}

TEST_P(PlanShelfTest, GoesOnAfterErrorsAndCancels) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT error('no ' || $1::VARCHAR)"));
  for (int i = 0; i < kTimes; ++i) {
    const auto found = ValueOf(*statement, Number(i));
    EXPECT_NE(found.find("no " + std::to_string(i)), std::string::npos) << found;
  }
  ASSERT_OK_AND_ASSIGN(statement, Prepare("SELECT sum(x) FROM range($1::BIGINT) t(x)"));
  for (int i = 0; i < kTimes; ++i) {
    std::stop_source stop;
    stop.request_stop();
    EXPECT_EQ(ClassOf(statement->Query(Number(1000), {.stop = stop.get_token()})),
              ErrorClass::kCancelled);
    EXPECT_EQ(ValueOf(*statement, Number(10)), "45");
  }
}

TEST_P(PlanShelfTest, ManyThreadsShareAStatement) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT $1::BIGINT * 2"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&statement, i] {
      for (int j = 0; j < 25; ++j) {
        const int64_t value = i * 1000 + j;
        EXPECT_EQ(ValueOf(*statement, Number(value)), std::to_string(2 * value));
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(PlanShelf, TellsHowMuchAStatementReads) {
  duckdb::DuckDB database(nullptr);
  duckdb::Connection connection(database);
  connection.Query("CREATE TABLE small AS SELECT x FROM range(1000) t(x)");
  connection.Query("CREATE TABLE large AS SELECT x FROM range(300000) t(x)");
  const auto largest = [&](const std::string& sql) {
    const auto statements = connection.ExtractStatements(sql);
    return LargestScan(*connection.context, *statements.front());
  };
  EXPECT_LE(largest("SELECT 42"), 1);
  EXPECT_EQ(largest("SELECT * FROM small WHERE x = $1"), 1000);
  EXPECT_EQ(largest("SELECT * FROM large WHERE x = $1"), 300000);
  EXPECT_EQ(largest("WITH l AS (SELECT x + 1 AS y FROM large) SELECT * FROM small "
                    "WHERE x IN (SELECT y FROM l)"),
            300000);
  EXPECT_EQ(largest("SELECT * FROM missing"), 0);
}

TEST(PlanShelf, WantsNoPlanForAWhileAfterItWasGivenUp) {
  auto shelf = std::make_shared<PlanShelf>();
  const auto executions_until_wanted = [&] {
    int executions = 1;
    while (!shelf->WantsPlan()) ++executions;
    return executions;
  };
  EXPECT_EQ(executions_until_wanted(), 3);
  shelf->GiveUp();
  EXPECT_GT(executions_until_wanted(), PlanShelf::kRunsOfAPlan);
}

TEST(PlanShelf, LendsAPlanSoManyTimes) {
  auto shelf = std::make_shared<PlanShelf>();
  while (!shelf->WantsPlan()) continue;
  auto plan = std::make_unique<ShelvedPlan>();
  plan->runs_left = 2;
  shelf->Lend(std::move(plan)).reset();
  EXPECT_NE(shelf->Borrow(0), nullptr);
  EXPECT_NE(shelf->Borrow(0), nullptr);
  EXPECT_EQ(shelf->Borrow(0), nullptr);
}

INSTANTIATE_TEST_SUITE_P(DuckDB, PlanShelfTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine::duck
