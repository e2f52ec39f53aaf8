// Queries, results and errors: what any engine has to do.
#include <filesystem>

#include "data/dataset.h"
#include "engine/engine_test.h"
#include "tests/support/table_files.h"

namespace pinion::engine {
namespace {

using EngineQueryTest = EngineTest;

TEST_P(EngineQueryTest, ReturnsTheRowsOfAQuery) {
  ASSERT_OK_AND_ASSIGN(auto table,
                       Query("SELECT 42 AS answer, 'x' AS letter, NULL AS n"));
  EXPECT_EQ(table->num_rows(), 1);
  EXPECT_TRUE(table->column(0)->chunk(0)->Equals(Array(arrow::int32(), "[42]")));
  EXPECT_TRUE(table->column(1)->chunk(0)->Equals(Array(arrow::utf8(), R"(["x"])")));
  EXPECT_EQ(table->column(2)->null_count(), 1);
  EXPECT_EQ(table->field(0)->name(), "answer");
}

TEST_P(EngineQueryTest, PromisesTheSchemaThatItSends) {
  for (const char* sql : {"SELECT 1 AS a", "SELECT sum(x) FROM range(3) t(x)",
                          "SELECT 1.50 AS d, [1] AS l, {'a': true} AS s, current_date",
                          "SELECT 'a'::ENUM('a', 'b') AS e, uuid() AS u", "SHOW TABLES",
                          "EXPLAIN SELECT 1", "VALUES (1, 'a')"}) {
    ASSERT_OK_AND_ASSIGN(auto statement, Prepare(sql));
    ASSERT_NE(statement->info().result_schema, nullptr) << sql;
    EXPECT_EQ(statement->info().kind, StatementKind::kQuery) << sql;
    ASSERT_OK_AND_ASSIGN(auto stream, statement->Query());
    const auto& promised = *statement->info().result_schema;
    EXPECT_TRUE(promised.Equals(*stream->schema(), /*check_metadata=*/true)) << sql;
    std::shared_ptr<arrow::RecordBatch> batch;
    ASSERT_OK(stream->ReadNext(&batch));
    if (batch == nullptr) continue;
    EXPECT_TRUE(promised.Equals(*batch->schema(), /*check_metadata=*/true)) << sql;
    ASSERT_OK(batch->ValidateFull());
  }
}

TEST_P(EngineQueryTest, KeepsTheOrderOfRowsAndTheLimitsOfBatches) {
  ExecuteOptions options;
  options.max_batch_rows = 1000;
  ASSERT_OK_AND_ASSIGN(auto stream,
                       Stream("SELECT x FROM range(100000) t(x)", {}, options));
  int64_t expected = 0;
  std::shared_ptr<arrow::RecordBatch> batch;
  for (;;) {
    ASSERT_OK(stream->ReadNext(&batch));
    if (batch == nullptr) break;
    ASSERT_LE(batch->num_rows(), 1000);
    const auto& column = static_cast<const arrow::Int64Array&>(*batch->column(0));
    for (int64_t i = 0; i < column.length(); ++i) ASSERT_EQ(column.Value(i), expected++);
  }
  EXPECT_EQ(expected, 100000);
}

TEST_P(EngineQueryTest, SlicesWideRowsByTheirBytes) {
  ExecuteOptions options;
  options.max_batch_bytes = 1024 * 1024;
  ASSERT_OK_AND_ASSIGN(
      auto stream,
      Stream("SELECT repeat('x', 100000) AS s FROM range(200)", {}, options));
  std::shared_ptr<arrow::RecordBatch> batch;
  int64_t rows = 0;
  int64_t most = 0;
  for (;;) {
    ASSERT_OK(stream->ReadNext(&batch));
    if (batch == nullptr) break;
    rows += batch->num_rows();
    most = std::max(most, batch->num_rows());
  }
  EXPECT_EQ(rows, 200);
  EXPECT_LE(most, 12);
}

TEST_P(EngineQueryTest, HasAnyNumberOfResultsOpenInOneSession) {
  std::vector<std::shared_ptr<arrow::RecordBatchReader>> streams;
  for (int i = 0; i < 20; ++i) {
    ASSERT_OK_AND_ASSIGN(auto stream, Stream("SELECT x + " + std::to_string(i) +
                                             " AS x FROM range(100000) t(x)"));
    streams.push_back(stream);
  }
  std::vector<int64_t> sums(streams.size());
  bool more = true;
  while (more) {
    more = false;
    for (size_t i = 0; i < streams.size(); ++i) {
      std::shared_ptr<arrow::RecordBatch> batch;
      ASSERT_OK(streams[i]->ReadNext(&batch));
      if (batch == nullptr) continue;
      more = true;
      const auto& column = static_cast<const arrow::Int64Array&>(*batch->column(0));
      for (int64_t row = 0; row < column.length(); ++row) sums[i] += column.Value(row);
    }
  }
  for (size_t i = 0; i < sums.size(); ++i) {
    EXPECT_EQ(sums[i], 4999950000 + 100000 * static_cast<int64_t>(i));
  }
}

TEST_P(EngineQueryTest, RunsAStatementWhoseResultIsReadHalfOnlyOnce) {
  ASSERT_OK(Run("CREATE SEQUENCE s"));
  ASSERT_OK(Run("CREATE TABLE t(i BIGINT)"));
  {
    ASSERT_OK_AND_ASSIGN(auto stream, Stream("INSERT INTO t SELECT nextval('s') "
                                             "FROM range(100000) RETURNING i"));
    std::shared_ptr<arrow::RecordBatch> batch;
    ASSERT_OK(stream->ReadNext(&batch));
    ASSERT_NE(batch, nullptr);
  }
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "100000");
  EXPECT_EQ(Value("SELECT max(i) FROM t"), "100000");
}

// DuckDB 2.0 waits for the inner pipelines of a recursive query for ever when its result
// is destroyed, unless it is interrupted before.
TEST_P(EngineQueryTest, EndsAResultThatIsNotReadToItsEnd) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT x FROM range(100000) r(x)"));
  for (const char* sql : {
           "WITH RECURSIVE r AS (SELECT x FROM t UNION SELECT x FROM r) FROM r",
           "WITH RECURSIVE r AS (SELECT x FROM t UNION ALL SELECT x FROM r) FROM r",
           "SELECT a.x FROM t a, t b",
       }) {
    for (int i = 0; i < 40; ++i) {
      ASSERT_OK_AND_ASSIGN(auto stream, Stream(sql));
      std::shared_ptr<arrow::RecordBatch> batch;
      if (i % 2 == 1) ASSERT_OK(stream->ReadNext(&batch));
    }
    EXPECT_EQ(Value("SELECT count(*) FROM t"), "100000") << sql;
  }
}

TEST_P(EngineQueryTest, CountsTheRowsThatAnUpdateChanges) {
  ASSERT_OK_AND_ASSIGN(auto create, Prepare("CREATE TABLE t(i INTEGER)"));
  EXPECT_EQ(create->info().kind, StatementKind::kDefinition);
  EXPECT_FALSE(create->info().read_only);
  EXPECT_EQ(create->info().result_schema->num_fields(), 0);
  ASSERT_OK(create->Update());
  ASSERT_OK_AND_ASSIGN(auto insert, Prepare("INSERT INTO t FROM range(10)"));
  EXPECT_EQ(insert->info().kind, StatementKind::kUpdate);
  ASSERT_OK_AND_ASSIGN(auto inserted, insert->Update());
  EXPECT_EQ(inserted, 10);
  ASSERT_OK_AND_ASSIGN(auto updated, Run("UPDATE t SET i = i + 1 WHERE i < 3"));
  EXPECT_EQ(updated, 3);
  ASSERT_OK_AND_ASSIGN(auto deleted, Run("DELETE FROM t WHERE i > 100"));
  EXPECT_EQ(deleted, 0);
  EXPECT_EQ(ClassOf(insert->Query()), ErrorClass::kBinding);
}

TEST_P(EngineQueryTest, RunsAScriptInOrderOnce) {
  ASSERT_OK_AND_ASSIGN(
      auto script,
      Prepare("CREATE TABLE t(i INTEGER); INSERT INTO t VALUES (1), (2);\n"
              "INSERT INTO t SELECT i + 10 FROM t; SELECT sum(i) AS s FROM t"));
  EXPECT_TRUE(script->info().is_script);
  EXPECT_FALSE(script->info().read_only);
  EXPECT_EQ(script->info().result_schema, nullptr);
  ASSERT_OK_AND_ASSIGN(auto result, script->Execute(nullptr, {}));
  ASSERT_NE(result.stream, nullptr);
  ASSERT_OK_AND_ASSIGN(auto table, result.stream->ToTable());
  ASSERT_OK_AND_ASSIGN(auto sum, table->column(0)->GetScalar(0));
  EXPECT_EQ(sum->ToString(), "26");
}

TEST_P(EngineQueryTest, StopsAScriptAtItsFirstError) {
  const std::string sql =
      "CREATE TABLE t(i INTEGER);\n  SELECT nope FROM t; DROP TABLE t";
  const auto status = Run(sql).status();
  EXPECT_EQ(ClassOf(status), ErrorClass::kMissingObject);
  EXPECT_EQ(Location(sql, *GetErrorDetail(status)->position()), "line 2, column 10");
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "0");
}

TEST_P(EngineQueryTest, ParsesAWholeScriptBeforeItRunsAnyOfIt) {
  EXPECT_EQ(ClassOf(Run("CREATE TABLE t(i INTEGER); SELEC 1")), ErrorClass::kSyntax);
  EXPECT_EQ(ClassOf(Query("FROM t")), ErrorClass::kMissingObject);
}

struct ErrorCase {
  const char* sql;
  ErrorClass error_class;
  const char* sqlstate;
  const char* says;
};

class EngineErrorTest : public EngineTest {};

TEST_P(EngineErrorTest, HasAClassAStateAndOneLine) {
  ASSERT_OK(
      Run("CREATE TABLE t(a INTEGER PRIMARY KEY, b INTEGER NOT NULL, "
          "c INTEGER CHECK (c > 0)); INSERT INTO t VALUES (1, 1, 1)"));
  const std::vector<ErrorCase> cases = {
      {"SELEC 1", ErrorClass::kSyntax, "42601", "SELEC"},
      {"SELECT 'x", ErrorClass::kSyntax, "42601", ""},
      {"", ErrorClass::kSyntax, "42601", "no statement"},
      {"-- nothing", ErrorClass::kSyntax, "42601", "no statement"},
      {"SELECT * FROM nope", ErrorClass::kMissingObject, "42S02", "nope"},
      {"SELECT nope FROM t", ErrorClass::kMissingObject, "42S22", "nope"},
      {"SELECT nope(1)", ErrorClass::kMissingObject, "42883", "nope"},
      {"SELECT * FROM nope.t", ErrorClass::kMissingObject, "3F000", "nope"},
      {"DROP TABLE nope", ErrorClass::kMissingObject, "42S02", "nope"},
      {"CREATE TABLE t(i INTEGER)", ErrorClass::kAlreadyExists, "42S01", "already"},
      {"SELECT b FROM t GROUP BY a", ErrorClass::kBinding, "42000", "GROUP BY"},
      {"SELECT 1 FROM t t1, t t2 WHERE a = 1", ErrorClass::kBinding, "42000", "mbiguous"},
      {"INSERT INTO t VALUES (1, 2, 3)", ErrorClass::kConstraint, "23505",
       "uplicate key"},
      {"INSERT INTO t VALUES (2, NULL, 3)", ErrorClass::kConstraint, "23502", "t.b"},
      {"INSERT INTO t VALUES (2, 2, -3)", ErrorClass::kConstraint, "23514", "CHECK"},
      {"SELECT 'x'::INTEGER", ErrorClass::kType, "22018", "'x'"},
      {"SELECT 300::TINYINT", ErrorClass::kType, "22003", "300"},
      {"SELECT 99999999999999999999::BIGINT", ErrorClass::kType, "22003", ""},
      {"SELECT $1 + $2", ErrorClass::kParameter, "07001", "2 parameters"},
  };
  for (const auto& [sql, error_class, sqlstate, says] : cases) {
    const auto status = Run(sql).status();
    EXPECT_EQ(ClassOf(status), error_class) << sql << ": " << status;
    const auto detail = GetErrorDetail(status);
    ASSERT_NE(detail, nullptr) << sql;
    EXPECT_EQ(detail->sqlstate(), sqlstate) << sql << ": " << status;
    EXPECT_NE(status.message().find(says), std::string::npos) << sql << ": " << status;
    EXPECT_EQ(status.message().find('\n'), std::string::npos) << sql << ": " << status;
  }
}

TEST_P(EngineErrorTest, HasThePositionInTheText) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"SELEC 1", "line 1, column 1"},
      {"SELECT 1,\n  2 FORM t", "line 2, column 10"},
      {"SELECT *\nFROM nope", "line 2, column 6"},
      {"SELECT 'é', nope(1)", "line 1, column 13"},
      {"SELECT 1;\nSELECT 2;\n\n SELECT * FROM nope", "line 4, column 16"},
      {"SELECT " + std::string(500, ' ') + "nope(1)", "line 1, column 508"},
  };
  for (const auto& [sql, location] : cases) {
    const auto status = Query(sql).status();
    const auto detail = GetErrorDetail(status);
    ASSERT_NE(detail, nullptr) << sql << ": " << status;
    ASSERT_TRUE(detail->position().has_value()) << sql << ": " << status;
    EXPECT_EQ(Location(sql, *detail->position()), location) << sql << ": " << status;
  }
}

TEST_P(EngineErrorTest, EndsTheStreamThatItOccursIn) {
  ASSERT_OK_AND_ASSIGN(
      auto stream,
      Stream("SELECT CASE WHEN x > 500000 THEN error('boom') ELSE x END AS x "
             "FROM range(1000000) t(x)"));
  const auto status = stream->ToTable().status();
  EXPECT_NE(status.message().find("boom"), std::string::npos) << status;
  std::shared_ptr<arrow::RecordBatch> batch;
  EXPECT_FALSE(stream->ReadNext(&batch).ok()) << "an error must not turn into an end";
}

class EngineDatasetTest : public EngineTest {
 protected:
  // A Feather file of `rows` rows x, twice x as text; in batches.
  std::string WriteNumbers(const std::string& name, int64_t rows, int64_t batch_rows) {
    auto table = Query("SELECT x, (x * 2)::VARCHAR AS twice FROM range(" +
                       std::to_string(rows) + ") t(x)");
    EXPECT_OK(table);
    arrow::TableBatchReader reader(**table);
    reader.set_chunksize(batch_rows);
    auto batches = reader.ToRecordBatches();
    EXPECT_OK(batches);
    const std::string path = folder_ / name;
    EXPECT_OK(tests::WriteIpc(path, data::Format::kFeather, reader.schema(), *batches));
    return path;
  }
};

TEST_P(EngineDatasetTest, IsAViewOfItsName) {
  Serve("numbers", WriteNumbers("n.feather", 100000, 1000));
  ASSERT_OK_AND_ASSIGN(auto all, Query("SELECT * FROM numbers"));
  ASSERT_OK_AND_ASSIGN(
      auto expected,
      Query("SELECT x, (x * 2)::VARCHAR AS twice FROM range(100000) t(x)"));
  ASSERT_OK_AND_ASSIGN(auto same, all->CombineChunks());
  ASSERT_OK_AND_ASSIGN(auto wanted, expected->CombineChunks());
  EXPECT_TRUE(same->Equals(*wanted));
  EXPECT_EQ(Value("SELECT count(*) FROM numbers"), "100000");
  EXPECT_EQ(Value("SELECT twice FROM numbers WHERE x = 77777"), "155554");
  EXPECT_EQ(Value("SELECT max(numbers.x) FROM numbers"), "99999");
  EXPECT_EQ(Value("SELECT count(*) FROM datasets.main.numbers"), "100000");
}

TEST_P(EngineDatasetTest, OfAnyFormatHasTheSameRows) {
  ASSERT_OK_AND_ASSIGN(
      auto table, Query("SELECT x, 'é' || x AS s, CASE WHEN x % 3 > 0 THEN x / 4 END "
                        "AS d, DATE '2020-01-01' + (x % 100)::INTEGER AS day "
                        "FROM range(50000) t(x)"));
  for (const auto& [format, name] : std::vector<std::pair<data::Format, std::string>>{
           {data::Format::kFeather, "f.feather"},
           {data::Format::kIpcStream, "s.arrows"},
           {data::Format::kParquet, "p.parquet"},
           {data::Format::kCsv, "c.csv"}}) {
    ServeTable(name, format, *table, 7000);
    const std::string from = " FROM \"" + name + "\"";
    EXPECT_EQ(Value("SELECT count(*)" + from), "50000") << name;
    EXPECT_EQ(Value("SELECT count(d)" + from), "33333") << name;
    EXPECT_EQ(Value("SELECT s" + from + " WHERE x = 49999"), "é49999") << name;
    EXPECT_EQ(Value("SELECT count(*)" + from + " WHERE x // 100 = 3"), "100") << name;
    ASSERT_OK_AND_ASSIGN(auto all, Query("SELECT *" + from));
    ASSERT_OK_AND_ASSIGN(auto flat, all->CombineChunks());
    ASSERT_OK_AND_ASSIGN(auto wanted, table->CombineChunks());
    EXPECT_TRUE(flat->Equals(*wanted)) << name << ": " << flat->schema()->ToString();
  }
}

TEST_P(EngineDatasetTest, ThatChangesWhileItIsReadIsAnError) {
  const auto path = WriteNumbers("n.feather", 1000000, 10000);
  Serve("numbers", path);
  EXPECT_EQ(Value("SELECT count(*) FROM numbers"), "1000000");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
  const auto status = Query("SELECT sum(x), max(twice) FROM numbers").status();
  EXPECT_EQ(ClassOf(status), ErrorClass::kIo) << status;
  EXPECT_EQ(Value("SELECT 1"), "1");
}

TEST_P(EngineDatasetTest, FollowsTheCatalog) {
  EXPECT_EQ(ClassOf(Query("FROM numbers")), ErrorClass::kMissingObject);
  Serve("numbers", WriteNumbers("a.feather", 10, 10));
  EXPECT_EQ(Value("SELECT count(*) FROM numbers"), "10");
  Serve("numbers", WriteNumbers("b.feather", 20, 7));
  EXPECT_EQ(Value("SELECT count(*) FROM numbers"), "20");
  ASSERT_OK(catalog_->Remove("numbers"));
  EXPECT_EQ(ClassOf(Query("FROM numbers")), ErrorClass::kMissingObject);
}

TEST_P(EngineDatasetTest, MayHaveAnyName) {
  const auto path = WriteNumbers("n.feather", 5, 5);
  for (const std::string name : {"with space", "quo\"te", "it's", "sla/sh", "größe",
                                 "a.b", "select", "*", "sales*.csv", "semi;colon"}) {
    Serve(name, path);
    std::string quoted = "\"";
    for (const char c : name)
      quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
    quoted += '"';
    EXPECT_EQ(Value("SELECT count(*) FROM " + quoted), "5") << name;
  }
}

TEST_P(EngineDatasetTest, GoesOnInAQueryAfterItWasRemoved) {
  Serve("numbers", WriteNumbers("n.feather", 2000000, 10000));
  ASSERT_OK_AND_ASSIGN(auto stream, Stream("SELECT x FROM numbers"));
  std::shared_ptr<arrow::RecordBatch> batch;
  ASSERT_OK(stream->ReadNext(&batch));
  int64_t rows = batch->num_rows();
  ASSERT_OK(catalog_->Remove("numbers"));
  EXPECT_EQ(ClassOf(Query("FROM numbers")), ErrorClass::kMissingObject);
  for (;;) {
    ASSERT_OK(stream->ReadNext(&batch));
    if (batch == nullptr) break;
    rows += batch->num_rows();
  }
  EXPECT_EQ(rows, 2000000);
}

TEST_P(EngineDatasetTest, ComesAfterATableOfTheSameName) {
  Serve("numbers", WriteNumbers("n.feather", 5, 5));
  ASSERT_OK(Run("CREATE TABLE numbers AS SELECT 1 AS one"));
  EXPECT_EQ(Value("SELECT count(*) FROM numbers"), "1");
  EXPECT_EQ(Value("SELECT count(*) FROM datasets.main.numbers"), "5");
}

TEST_P(EngineDatasetTest, CannotBeChangedBySql) {
  Serve("numbers", WriteNumbers("n.feather", 5, 5));
  for (const char* sql :
       {"DROP VIEW numbers", "DROP VIEW datasets.main.numbers",
        "CREATE TABLE datasets.main.t(i INTEGER)",
        "CREATE OR REPLACE VIEW datasets.main.numbers AS SELECT 1",
        "ALTER VIEW numbers RENAME TO letters", "COMMENT ON VIEW numbers IS 'x'"}) {
    EXPECT_EQ(ClassOf(Run(sql)), ErrorClass::kPermission) << sql;
  }
  EXPECT_EQ(Value("SELECT count(*) FROM numbers"), "5");
}

TEST_P(EngineDatasetTest, SaysWhichColumnSqlCannotRead) {
  auto type = arrow::dense_union({arrow::field("a", arrow::int32())}, {0});
  auto array = Array(type, "[[0, 1], [0, 2]]");
  auto batch = Batch({{"fine", Array(arrow::int64(), "[1, 2]")}, {"odd", array}});
  const std::string path = folder_ / "odd.feather";
  ASSERT_OK(tests::WriteIpc(path, data::Format::kFeather, batch->schema(), {batch}));
  Serve("odd one", path);
  Serve("numbers", WriteNumbers("n.feather", 5, 5));
  const auto status = Query("SELECT fine FROM \"odd one\"").status();
  EXPECT_EQ(ClassOf(status), ErrorClass::kNotSupported);
  for (const char* part : {"odd one", "'odd'", "dense_union"}) {
    EXPECT_NE(status.message().find(part), std::string::npos) << status;
  }
  EXPECT_EQ(Value("SELECT count(*) FROM numbers"), "5");
  TableFilter filter;
  filter.include_schema = true;
  ASSERT_OK_AND_ASSIGN(auto tables, session_->Tables(filter));
  ASSERT_EQ(tables.size(), 2);
  EXPECT_EQ(tables[1].name, "odd one");
  EXPECT_TRUE(tables[1].table_schema->Equals(*batch->schema()));
}

TEST_P(EngineQueryTest, AnUpdateThatComesAgainIsDoneAgain) {
  const std::string insert = "INSERT INTO t VALUES (1)";
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  for (int i = 0; i < 8; ++i) ASSERT_OK(Run(insert));
  EXPECT_EQ(Value("SELECT sum(i) FROM t"), "8");
  ASSERT_OK(Run("DROP TABLE t"));
  EXPECT_EQ(ClassOf(Run(insert)), ErrorClass::kMissingObject);
  ASSERT_OK(Run("CREATE TABLE t(s VARCHAR PRIMARY KEY)"));
  ASSERT_OK(Run(insert));
  EXPECT_FALSE(Run(insert).ok());
  EXPECT_EQ(Value("SELECT s || 'x' FROM t"), "1x");
  ASSERT_OK(Run("DELETE FROM t"));
  ASSERT_OK(Run(insert));
  ASSERT_OK(Run("DELETE FROM t"));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "0");
}

TEST_P(EngineQueryTest, AnUpdateThatComesAgainFollowsWhatATransactionDefines) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  const std::string insert = "INSERT INTO t VALUES (1)";
  for (int i = 0; i < 4; ++i) ASSERT_OK(Run(insert));
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK(Run("DROP TABLE t", id));
  ASSERT_OK(Run("CREATE TABLE t(s VARCHAR)", id));
  ASSERT_OK(session_->EndTransaction(id, TransactionEnd::kCommit));
  ASSERT_OK(Run(insert));
  EXPECT_EQ(Value("SELECT s || 'x' FROM t"), "1x");
}

INSTANTIATE_TEST_SUITE_P(All, EngineQueryTest, testing::ValuesIn(EngineKinds()),
                         KindName);
INSTANTIATE_TEST_SUITE_P(All, EngineErrorTest, testing::ValuesIn(EngineKinds()),
                         KindName);
INSTANTIATE_TEST_SUITE_P(All, EngineDatasetTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine
