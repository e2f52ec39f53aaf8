// Texts that come again and again: nobody may notice but by the speed.
#include "engine/duckdb/statement_cache.h"

#include <set>
#include <string>
#include <thread>
#include <vector>

#include "engine/duckdb/duck_engine_test.h"

namespace pinion::engine::duck {
namespace {

// More than it takes to get a plan.
constexpr int kTimes = 6;

class StatementCacheTest : public DuckEngineTest {};

TEST_P(StatementCacheTest, TablesMayChangeTheirTypes) {
  for (const std::string value : {"1", "'text'", "true", "[1]"}) {
    ASSERT_OK(Run("CREATE OR REPLACE TABLE t AS SELECT " + value + " AS i"));
    for (int i = 0; i < kTimes; ++i) {
      ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT i FROM t"));
      ASSERT_OK_AND_ASSIGN(auto stream, statement->Query());
      EXPECT_TRUE(statement->info().result_schema->Equals(*stream->schema()));
      EXPECT_EQ(Value("SELECT i IS NOT DISTINCT FROM " + value + " FROM t"), "true");
    }
  }
  ASSERT_OK(Run("DROP TABLE t"));
  EXPECT_EQ(ClassOf(Prepare("SELECT i FROM t")), ErrorClass::kMissingObject);
}

TEST_P(StatementCacheTest, OtherSessionsChangeTables) {
  const auto other = NewSession();
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_OK_AND_ASSIGN(
        auto change,
        other->Prepare(
            "CREATE OR REPLACE TABLE t AS SELECT " + std::to_string(i) + " AS i", {}));
    ASSERT_OK(change->Update());
    for (int j = 0; j < 4; ++j) EXPECT_EQ(Value("SELECT i FROM t"), std::to_string(i));
  }
}

TEST_P(StatementCacheTest, ATableComesBeforeADatasetOfItsName) {
  ASSERT_OK_AND_ASSIGN(auto table, Query("SELECT 1 AS i"));
  ServeTable("d", data::Format::kFeather, *table, 100);
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM d"), "1");
  ASSERT_OK(Run("CREATE TABLE d AS SELECT 2 AS i"));
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM d"), "2");
  ASSERT_OK(Run("DROP TABLE memory.d"));
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM d"), "1");
}

TEST_P(StatementCacheTest, TemporaryObjectsAndSettingsAreTheSessions) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 1 AS i"));
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM t"), "1");
  ASSERT_OK(Run("CREATE TEMP TABLE t AS SELECT 2 AS i"));
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM t"), "2");
  for (const std::string zone : {"UTC", "Etc/GMT+3", "Etc/GMT-5"}) {
    ASSERT_OK(Run("SET TimeZone = '" + zone + "'"));
    for (int i = 0; i < kTimes; ++i) {
      EXPECT_EQ(Value("SELECT current_setting('TimeZone')"), zone);
    }
  }
  for (const std::string value : {"1", "2"}) {
    ASSERT_OK(Run("SET VARIABLE v = " + value));
    for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT getvariable('v')"), value);
  }
}

TEST_P(StatementCacheTest, WhatATransactionDefinesIsItsOwnUntilItCommits) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 1 AS i"));
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM t"), "1");
  for (const auto end : {TransactionEnd::kRollback, TransactionEnd::kCommit}) {
    ASSERT_OK_AND_ASSIGN(const auto id, session_->BeginTransaction());
    ASSERT_OK(Run("DROP TABLE t", id));
    ASSERT_OK(Run("CREATE TABLE t AS SELECT 'a' AS i", id));
    for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM t", id), "a");
    for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM t"), "1");
    ASSERT_OK(session_->EndTransaction(id, end));
  }
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM t"), "a");
  ASSERT_OK(Run("BEGIN"));
  ASSERT_OK(Run("CREATE OR REPLACE TABLE t AS SELECT 3.5 AS i"));
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM t"), "3.5");
  ASSERT_OK(Run("ROLLBACK"));
  for (int i = 0; i < kTimes; ++i) EXPECT_EQ(Value("SELECT i FROM t"), "a");
}

TEST_P(StatementCacheTest, IngestMayReplaceATable) {
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_OK(session_->Ingest(
        {.table = "t"},
        Reader(Batch({{"i", Array(arrow::int64(), "[" + std::to_string(i) + "]")}})),
        {.mode = IngestMode::kReplace}));
    for (int j = 0; j < 4; ++j) EXPECT_EQ(Value("SELECT i FROM t"), std::to_string(i));
  }
}

TEST_P(StatementCacheTest, WhatChangesWithEachCallStillDoes) {
  ASSERT_OK(Run("CREATE SEQUENCE s"));
  std::set<std::string> random;
  std::set<std::string> now;
  for (int i = 0; i < kTimes; ++i) {
    EXPECT_EQ(Value("SELECT nextval('s')"), std::to_string(i + 1));
    random.insert(Value("SELECT random()"));
    now.insert(Value("SELECT now()"));
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_EQ(random.size(), kTimes);
  EXPECT_EQ(now.size(), kTimes);
}

TEST_P(StatementCacheTest, RightsAreNotInherited) {
  ASSERT_OK(Run("CREATE SEQUENCE s"));
  for (int i = 0; i < kTimes; ++i) {
    ASSERT_OK(Query("SELECT nextval('s')"));
    EXPECT_EQ(ClassOf(session_->Prepare("SELECT nextval('s')", {.read_only = true})),
              ErrorClass::kPermission);
  }
}

TEST_P(StatementCacheTest, ForgetsTheOldest) {
  const int texts = static_cast<int>(StatementCache::kMostTexts) + 10;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < texts; ++i) {
      EXPECT_EQ(Value("SELECT " + std::to_string(i)), std::to_string(i));
    }
  }
  const std::string longest(StatementCache::kLongestText, ' ');
  EXPECT_EQ(Value("SELECT 1" + longest), "1");
}

TEST_P(StatementCacheTest, ManyThreadsAskWhileTablesChange) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 0::BIGINT AS i"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([this] {
      for (int j = 0; j < 25; ++j) {
        auto table = Query("SELECT i FROM t");
        // Between the parts of a replacement there may be a conflict, never another
        // value.
        if (table.ok()) {
          EXPECT_EQ((*table)->num_rows(), 1);
        }
      }
    });
  }
  for (int i = 0; i < 25; ++i) {
    ASSERT_OK(Run("CREATE OR REPLACE TABLE t AS SELECT " + std::to_string(i) +
                  "::BIGINT AS i"));
    EXPECT_EQ(Value("SELECT i FROM t"), std::to_string(i));
  }
  for (auto& thread : threads) thread.join();
}

INSTANTIATE_TEST_SUITE_P(DuckDB, StatementCacheTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine::duck
