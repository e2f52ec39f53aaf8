// What is DuckDB's alone: its plans, its files, its memory.
#include "engine/duckdb/duck_engine_test.h"

#include <filesystem>
#include <thread>

#include <arrow/table.h>

#include "data/dataset.h"
#include "tests/support/table_files.h"
#include "tests/support/typed_batches.h"

namespace pinion::engine::duck {
namespace {

TEST_P(DuckEngineTest, ReadsParquetWithDuckDBsOwnReader) {
  ASSERT_OK_AND_ASSIGN(auto table, Query("SELECT x, x * 2 AS y FROM range(1000) t(x)"));
  ServeTable("p", data::Format::kParquet, *table, 100);
  EXPECT_NE(Plan("SELECT x FROM p WHERE y > 5").find("READ_PARQUET"), std::string::npos)
      << Plan("SELECT x FROM p");
  EXPECT_EQ(Value("SELECT sum(y) FROM p WHERE x < 10"), "90");
}

TEST_P(DuckEngineTest, ParquetHasTheColumnsInSqlThatItHasWithout) {
  const auto table = arrow::Table::Make(
      arrow::schema({arrow::field("plain", arrow::int64()),
                     arrow::field("seconds", arrow::timestamp(arrow::TimeUnit::SECOND)),
                     arrow::field("span", arrow::duration(arrow::TimeUnit::MILLI)),
                     arrow::field("wide", arrow::decimal256(20, 3)),
                     arrow::field("pair", arrow::fixed_size_list(arrow::int32(), 2)),
                     arrow::field("a", arrow::utf8()), arrow::field("A", arrow::utf8()),
                     arrow::field("", arrow::float32())}),
      {Array(arrow::int64(), "[1, null]"),
       Array(arrow::timestamp(arrow::TimeUnit::SECOND), "[-1, 77]"),
       Array(arrow::duration(arrow::TimeUnit::MILLI), "[5, null]"),
       Array(arrow::decimal256(20, 3), R"(["1.125", "-2.500"])"),
       Array(arrow::fixed_size_list(arrow::int32(), 2), "[[1, 2], [3, 4]]"),
       Array(arrow::utf8(), R"(["x", "y"])"), Array(arrow::utf8(), R"(["z", null])"),
       Array(arrow::float32(), "[0.5, 1.5]")});
  for (int i = 0; i < table->num_columns(); ++i) {
    ASSERT_OK_AND_ASSIGN(const auto column, table->SelectColumns({0, i}));
    ServeTable("p", data::Format::kParquet, *column, 100);
    ASSERT_OK_AND_ASSIGN(const auto dataset, catalog_->Find("p"));
    ASSERT_OK_AND_ASSIGN(const auto without, tests::ReadTable(*dataset));
    ServeTable("f", data::Format::kFeather, *without, 100);
    ASSERT_OK_AND_ASSIGN(const auto expected, Query("FROM f"));
    ASSERT_OK_AND_ASSIGN(const auto found, Query("FROM p"));
    EXPECT_TRUE(found->Equals(*expected, /*check_metadata=*/true))
        << found->ToString() << " instead of " << expected->ToString();
  }
}

TEST_P(DuckEngineTest, ParquetGoesOnAfterItsDatasetWasReplaced) {
  ASSERT_OK_AND_ASSIGN(auto table, Query("SELECT x FROM range(2000000) t(x)"));
  ServeTable("p", data::Format::kParquet, *table, 100000);
  ASSERT_OK_AND_ASSIGN(auto stream, Stream("SELECT x FROM p"));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_OK(stream->ReadNext(&batch));
  int64_t rows = batch->num_rows();
  ASSERT_OK(catalog_->Remove("p"));
  std::filesystem::remove(folder_ / "p.parquet");
  for (;;) {
    ASSERT_OK(stream->ReadNext(&batch));
    if (batch == nullptr) break;
    rows += batch->num_rows();
  }
  EXPECT_EQ(rows, 2000000);
}

TEST_P(DuckEngineTest, PathsOfDatasetsLeadNowhereElse) {
  ASSERT_OK_AND_ASSIGN(auto table, Query("SELECT 1 AS x"));
  ServeTable("p", data::Format::kParquet, *table, 100);
  EXPECT_EQ(Value("SELECT count(*) FROM p"), "1");
  for (const char* sql : {"FROM read_parquet('pinion-dataset://p.parquet')",
                          "FROM read_parquet('pinion-dataset://*.parquet')",
                          "FROM read_text('pinion-dataset:///etc/passwd')",
                          "FROM glob('pinion-dataset://*')"}) {
    auto found = Query(sql);
    EXPECT_TRUE(!found.ok() || (*found)->num_rows() == 0) << sql;
  }
  EXPECT_FALSE(Run("COPY (SELECT 1) TO 'pinion-dataset://x.parquet'").ok());
}

TEST_P(DuckEngineTest, ReadsEveryLayoutOfFeatherOrSaysWhichColumnItCannot) {
  for (const auto& layout : tests::AllLayouts()) {
    const std::string path = folder_ / "layout.feather";
    const auto written =
        tests::WriteIpc(path, data::Format::kFeather, layout.schema, layout.batches);
    if (!written.ok()) continue;  // Arrow's writer has no such file
    auto dataset = data::OpenDataset(path);
    ASSERT_OK(dataset);
    ASSERT_OK(catalog_->Replace("layout", *dataset));
    // Past the rows as they lie in the file.
    auto result = Query("SELECT * FROM layout WHERE true");
    if (!result.ok()) {
      EXPECT_EQ(ClassOf(result), ErrorClass::kNotSupported)
          << layout.name << ": " << result.status();
      EXPECT_NE(result.status().message().find("column"), std::string::npos)
          << result.status();
      continue;
    }
    ASSERT_OK_AND_ASSIGN(auto expected, tests::ReadTable(**dataset));
    ASSERT_OK((*result)->ValidateFull());
    ASSERT_EQ((*result)->num_rows(), expected->num_rows()) << layout.name;
    for (int i = 0; i < expected->num_columns(); ++i) {
      int64_t nulls = 0;
      for (const auto& chunk : expected->column(i)->chunks()) {
        nulls += chunk->ComputeLogicalNullCount();
      }
      int64_t found = 0;
      for (const auto& chunk : (*result)->column(i)->chunks()) {
        found += chunk->ComputeLogicalNullCount();
      }
      EXPECT_EQ(found, nulls) << layout.name << ": " << expected->field(i)->ToString();
      if ((*result)->column(i)->type()->Equals(expected->column(i)->type())) {
        EXPECT_TRUE((*result)->column(i)->Equals(expected->column(i)))
            << layout.name << ": " << expected->field(i)->ToString();
      }
    }
  }
}

TEST_P(DuckEngineTest, PutsLargeResultsAsideOnDisk) {
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK_AND_ASSIGN(
      auto stream, Stream("SELECT x, repeat('x', 100) AS s FROM range(500000) t(x)", id));
  EXPECT_EQ(Value("SELECT 1", id), "1");
  int64_t next = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  for (;;) {
    ASSERT_OK(stream->ReadNext(&batch));
    if (batch == nullptr) break;
    EXPECT_TRUE(batch->schema()->Equals(*stream->schema(), true));
    const auto& column = static_cast<const arrow::Int64Array&>(*batch->column(0));
    for (int64_t i = 0; i < column.length(); ++i) ASSERT_EQ(column.Value(i), next++);
  }
  EXPECT_EQ(next, 500000);
  EXPECT_TRUE(std::filesystem::is_empty(folder_ / "temp"));
}

TEST_P(DuckEngineTest, SaysWhenThereIsNoRoomToPutAResultAside) {
  EngineOptions options;
  options.max_temp_bytes = 1024 * 1024;
  Open(options);
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK_AND_ASSIGN(auto stream,
                       Stream("SELECT repeat('x', 100) AS s FROM range(500000)", id));
  EXPECT_EQ(Value("SELECT 1", id), "1") << "the new statement is not to blame";
  EXPECT_EQ(ClassOf(stream->ToTable()), ErrorClass::kOutOfMemory);
}

TEST_P(DuckEngineTest, SpillsSortsAndSaysWhenMemoryRunsOut) {
  EngineOptions options;
  options.memory_limit_bytes = 30 * 1024 * 1024;
  options.threads = 1;
  Open(options);
  // About 60 MB.
  EXPECT_EQ(
      Value("SELECT count(*) FROM (SELECT row_number() OVER (ORDER BY a) AS n, a, b "
            "FROM (SELECT md5(x::VARCHAR) AS a, md5((x + 1)::VARCHAR) AS b "
            "FROM range(600000) t(x))) WHERE n > 0 AND a <> b"),
      "600000");
  options.max_temp_bytes = 1024 * 1024;
  Open(options);
  const auto status =
      Query("SELECT count(DISTINCT x) FROM range(20000000) t(x)").status();
  EXPECT_EQ(ClassOf(status), ErrorClass::kOutOfMemory);
  EXPECT_EQ(status.message().find("SET "), std::string::npos) << status;
  EXPECT_EQ(Value("SELECT 1"), "1");
}

// What cannot be put on the disk ends the statement, wherever its rows are by then.
TEST_P(DuckEngineTest, EndsWhatNeedsMoreMemoryThanThereIs) {
  EngineOptions options;
  options.memory_limit_bytes = 64 * 1024 * 1024;
  options.max_temp_bytes = 1024 * 1024;
  Open(options);
  for (const char* sql :
       {"SELECT list(x) FROM range(2000000000) t(x)",
        "SELECT string_agg(x::VARCHAR, ',') FROM range(2000000000) t(x)",
        "SELECT x, count(*) FROM range(20000000) t(x) GROUP BY x",
        "SELECT repeat('x', 100000000) || x FROM range(10) t(x)"}) {
    auto stream = Stream(sql);
    auto status = stream.status();
    int64_t rows = 0;
    while (status.ok()) {
      std::shared_ptr<arrow::RecordBatch> batch;
      status = (*stream)->ReadNext(&batch);
      if (status.ok() && batch == nullptr) break;
      if (batch != nullptr) rows += batch->num_rows();
    }
    ASSERT_FALSE(status.ok()) << sql << " fits: " << rows << " rows";
    EXPECT_EQ(ClassOf(status), ErrorClass::kOutOfMemory) << sql << ": " << status;
    EXPECT_EQ(Value("SELECT 42"), "42") << sql;
  }
}

TEST_P(DuckEngineTest, RunsStatementsThatExpandIntoSeveral) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT x % 3 AS k, x AS v FROM range(9) r(x)"));
  ASSERT_OK_AND_ASSIGN(auto pivot, Prepare("PIVOT t ON k USING sum(v)"));
  EXPECT_EQ(pivot->info().kind, StatementKind::kQuery);
  EXPECT_EQ(pivot->info().result_schema, nullptr);
  for (int i = 0; i < 2; ++i) {
    ASSERT_OK_AND_ASSIGN(auto stream, pivot->Query());
    EXPECT_EQ(stream->schema()->num_fields(), 3);
    ASSERT_OK_AND_ASSIGN(auto table, stream->ToTable());
    EXPECT_EQ(table->num_rows(), 1);
    EXPECT_EQ(table->column(2)->GetScalar(0).ValueOrDie()->ToString(), "15");
  }
}

TEST_P(DuckEngineTest, ManyThreadsUseOneSession) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([this, i] {
      for (int repeat = 0; repeat < 10; ++repeat) {
        EXPECT_OK(Run("INSERT INTO t VALUES (" + std::to_string(i) + ")"));
        EXPECT_OK(Query("SELECT count(*) FROM t"));
        if (i == 0) {
          EXPECT_OK(session_->SetOption("pivot_limit", int64_t{1000} + repeat));
        }
        if (i == 1) {
          EXPECT_OK(session_->Tables({.include_schema = true}));
        }
        if (i == 2) {
          EXPECT_OK(Run("CREATE TEMP TABLE t" + std::to_string(repeat) + " AS SELECT 1"));
        }
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "80");
}

INSTANTIATE_TEST_SUITE_P(DuckDB, DuckEngineTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine::duck
