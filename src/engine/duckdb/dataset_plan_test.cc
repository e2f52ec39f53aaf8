// Which statements are answered by rows of a dataset as they lie in its file, and that
// nobody can tell the difference.
#include "engine/duckdb/dataset_plan.h"

#include <random>

#include <arrow/util/key_value_metadata.h>

#include "engine/duckdb/duck_engine_test.h"
#include "tests/support/table_files.h"
#include "tests/support/typed_batches.h"

namespace pinion::engine::duck {
namespace {

constexpr int64_t kRows = 10'000;
constexpr int64_t kBatchRows = 700;

class DatasetPlanTest : public DuckEngineTest {
 protected:
  void SetUp() override {
    DuckEngineTest::SetUp();
    ServeSample();
  }

  // Serves the dataset `d` and keeps its rows as the table `d_copy` to compare with.
  void ServeSample() {
    ASSERT_OK(
        Run("CREATE OR REPLACE TABLE d_copy AS SELECT x AS id, x / 7 AS f, "
            "CASE WHEN x % 3 = 0 THEN NULL ELSE 'text ' || x END AS s, "
            "{'a': x, 'b': [x, NULL]} AS nested, (x / 100)::DECIMAL(12, 2) AS dec "
            "FROM range(" +
            std::to_string(kRows) + ") t(x)"));
    ASSERT_OK_AND_ASSIGN(auto table, Query("FROM d_copy"));
    ServeTable("d", data::Format::kFeather, *table, kBatchRows);
  }

  arrow::Result<ExecutionResult> Execute(const std::string& sql,
                                         const std::string& transaction = {},
                                         const ExecuteOptions& options = {}) {
    ARROW_ASSIGN_OR_RAISE(auto statement, Prepare(sql, transaction));
    return statement->Execute(nullptr, options);
  }

  bool IsPicked(const std::string& sql) {
    auto result = Execute(sql);
    EXPECT_TRUE(result.ok()) << sql << ": " << result.status();
    return result.ok() && result->dataset_rows != nullptr;
  }

  static arrow::Result<std::shared_ptr<arrow::Table>> OneChunk(
      const arrow::Result<std::shared_ptr<arrow::Table>>& table) {
    ARROW_RETURN_NOT_OK(table.status());
    return (*table)->CombineChunks();
  }

  // That `sql` gives what it gives of the table of the same rows.
  void ExpectSame(const std::string& sql) {
    std::string reference = sql;
    const std::string from = "FROM d";
    reference.replace(reference.find(from), from.size(), from + "_copy AS d");
    ASSERT_OK_AND_ASSIGN(auto found, OneChunk(Query(sql)));
    ASSERT_OK_AND_ASSIGN(auto expected, OneChunk(Query(reference)));
    EXPECT_OK(found->ValidateFull());
    EXPECT_TRUE(found->schema()->Equals(*expected->schema(), /*check_metadata=*/true))
        << sql;
    EXPECT_TRUE(found->Equals(*expected)) << sql << "\n" << found->ToString();
  }
};

TEST_P(DatasetPlanTest, ColumnsAndRowsArePicked) {
  for (const char* sql : {
           "FROM d",
           "SELECT * FROM d",
           "TABLE d",
           "SELECT * FROM datasets.main.d",
           "SELECT * FROM pinion_dataset('d') AS d",
           "SELECT id FROM d",
           "SELECT s, id FROM d",
           "SELECT d.dec, nested FROM d",
           "SELECT id AS number, s AS \"a text\" FROM d",
           "SELECT * EXCLUDE (s) FROM d",
           "SELECT COLUMNS('s|id') FROM d",
           "SELECT * FROM d LIMIT 10",
           "SELECT * FROM d LIMIT 0",
           "SELECT * FROM d LIMIT 1000000000000",
           "SELECT s FROM d LIMIT 1400 OFFSET 700",
           "SELECT s FROM d OFFSET 9999",
           "SELECT s FROM d LIMIT 5 OFFSET 20000",
           "SELECT s FROM d LIMIT 5 + 5",
           "SELECT b FROM (SELECT a AS b FROM (SELECT id AS a, s FROM d))",
           "SELECT a FROM (SELECT id AS a FROM d LIMIT 100 OFFSET 10) LIMIT 95 OFFSET 7",
           "SELECT a FROM (SELECT id AS a, s FROM d LIMIT 10) LIMIT 95 OFFSET 7",
           "WITH c AS (SELECT s, id FROM d) SELECT id FROM c LIMIT 1000",
           "WITH c AS MATERIALIZED (SELECT s, id FROM d) SELECT id FROM c",
       }) {
    EXPECT_TRUE(IsPicked(sql)) << sql;
    const bool one_name = std::string(sql).find("FROM d") != std::string::npos &&
                          std::string(sql).find("datasets.main") == std::string::npos;
    if (one_name) ExpectSame(sql);
  }
}

TEST_P(DatasetPlanTest, EverythingElseIsComputed) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT * FROM d"));
  ASSERT_OK_AND_ASSIGN(auto table, Query("FROM d_copy LIMIT 10"));
  ServeTable("p", data::Format::kParquet, *table, 100);
  for (const char* sql : {
           "SELECT 1",
           "SELECT * FROM t",
           "SELECT * FROM p",
           "SELECT * FROM range(10)",
           "SELECT 1 FROM d",
           "SELECT id + 1 FROM d",
           "SELECT id::VARCHAR FROM d",
           "SELECT nested.a FROM d",
           "SELECT id, id FROM d",
           "SELECT *, id FROM d",
           "SELECT id, 1 FROM d",
           "SELECT count(*) FROM d",
           "SELECT DISTINCT id FROM d",
           "SELECT id FROM d GROUP BY id",
           "SELECT id FROM d GROUP BY ALL HAVING id > 5",
           "SELECT id FROM d QUALIFY row_number() OVER () < 5",
           "SELECT * FROM d WHERE true",
           "SELECT * FROM d WHERE id < 10",
           "SELECT * FROM d WHERE id < 10 LIMIT 3",
           "SELECT * FROM (SELECT * FROM d WHERE id < 10)",
           "SELECT * FROM d ORDER BY id",
           "SELECT * FROM d ORDER BY id DESC LIMIT 3",
           "SELECT * FROM d LIMIT 10 PERCENT",
           "SELECT * FROM d LIMIT (SELECT 3)",
           "SELECT * FROM d USING SAMPLE 10",
           "SELECT * FROM d TABLESAMPLE 10 PERCENT",
           "SELECT * FROM d, range(2)",
           "SELECT a.id FROM d a JOIN d b USING (id)",
           "SELECT a.id FROM d a POSITIONAL JOIN d b",
           "SELECT * FROM d UNION ALL SELECT * FROM d",
           "SELECT * FROM (SELECT * FROM d UNION ALL SELECT * FROM d)",
           "SELECT * REPLACE (id + 1 AS id) FROM d",
           "SELECT unnest(nested) FROM d",
           "SELECT * FROM pinion_dataset('d') WITH ORDINALITY",
           "SELECT (SELECT id FROM d LIMIT 1)",
           "WITH RECURSIVE r AS (SELECT id FROM d UNION SELECT id FROM r) FROM r",
           "EXPLAIN SELECT * FROM d",
           "DESCRIBE d",
       }) {
    EXPECT_FALSE(IsPicked(sql)) << sql;
  }
}

TEST_P(DatasetPlanTest, RandomSelectionsAreWhatTheEngineWouldGive) {
  std::mt19937 random(20);
  const std::vector<std::string> names = {"id", "f", "s", "nested", "dec"};
  for (int i = 0; i < 60; ++i) {
    auto columns = names;
    std::shuffle(columns.begin(), columns.end(), random);
    columns.resize(1 + random() % columns.size());
    std::string sql = "SELECT ";
    for (size_t c = 0; c < columns.size(); ++c) sql += (c > 0 ? ", " : "") + columns[c];
    sql += " FROM d";
    if (random() % 4 != 0) sql += " LIMIT " + std::to_string(random() % (kRows + 2000));
    if (random() % 2 != 0) sql += " OFFSET " + std::to_string(random() % (kRows + 2000));
    EXPECT_TRUE(IsPicked(sql)) << sql;
    ExpectSame(sql);
  }
}

TEST_P(DatasetPlanTest, AColumnIsPickedIfItsTypeIsTheOneOfTheResult) {
  int picked = 0;
  for (const auto& layout : tests::AllLayouts()) {
    const std::string path = folder_ / "layout.feather";
    if (!tests::WriteIpc(path, data::Format::kFeather, layout.schema, layout.batches)
             .ok()) {
      continue;  // Arrow's writer has no such file
    }
    Serve("layout", path);
    for (const auto& field : layout.schema->fields()) {
      const std::string sql = "SELECT \"" + field->name() + "\" FROM layout";
      const auto direct = Execute(sql);
      if (!direct.ok()) continue;  // SQL cannot read it
      ASSERT_OK_AND_ASSIGN(auto computed, OneChunk(Query(sql + " WHERE true")));
      ASSERT_OK_AND_ASSIGN(auto found, OneChunk(direct->stream->ToTable()));
      EXPECT_OK(found->ValidateFull());
      EXPECT_TRUE(found->schema()->Equals(*computed->schema(), /*check_metadata=*/true))
          << layout.name << ": " << field->ToString();
      EXPECT_TRUE(
          found->Equals(*computed, arrow::EqualOptions::Defaults().nans_equal(true)))
          << layout.name << ": " << field->ToString() << "\n"
          << found->ToString() << "\n"
          << computed->ToString();
      if (direct->dataset_rows == nullptr) continue;
      ++picked;
      EXPECT_EQ(field->type()->id(), found->field(0)->type()->id());
    }
  }
  EXPECT_GT(picked, 20);
}

TEST_P(DatasetPlanTest, WhatTheEngineChangesIsComputed) {
  const auto fields = {
      arrow::field("i", arrow::month_day_nano_interval()),
      arrow::field("l", arrow::large_utf8()),
      arrow::field("d", arrow::dictionary(arrow::int8(), arrow::utf8())),
      arrow::field("z", arrow::timestamp(arrow::TimeUnit::MICRO, "Europe/Berlin")),
      arrow::field("day", arrow::date64()),
      arrow::field("view", arrow::utf8_view()),
      arrow::field("fixed", arrow::fixed_size_binary(3)),
      arrow::field("wide", arrow::decimal256(20, 2)),
      arrow::field("duration", arrow::duration(arrow::TimeUnit::MICRO)),
      arrow::field("time", arrow::time32(arrow::TimeUnit::MILLI)),
      arrow::field("half", arrow::float16()),
      arrow::field("views", arrow::list_view(arrow::int8())),
      arrow::field("nested", arrow::struct_({arrow::field("a", arrow::large_utf8())})),
      arrow::field("uuid", arrow::binary(), true,
                   arrow::key_value_metadata({"ARROW:extension:name"}, {"somebody's"})),
  };
  for (const auto& field : fields) {
    ASSERT_OK_AND_ASSIGN(auto table, arrow::Table::MakeEmpty(arrow::schema({field})));
    ServeTable("odd", data::Format::kFeather, *table, 10);
    EXPECT_FALSE(IsPicked("FROM odd")) << field->ToString();
  }
}

TEST_P(DatasetPlanTest, NamesAndNullabilityAreThoseOfTheResult) {
  const auto item = arrow::field("element", arrow::int32(), /*nullable=*/false);
  const auto schema = arrow::schema(
      {arrow::field("Id", arrow::int64(), /*nullable=*/false),
       arrow::field("id", arrow::list(item)), arrow::field("", arrow::utf8())},
      arrow::key_value_metadata({"of the file"}, {"yes"}));
  const auto table =
      arrow::Table::Make(schema, {Array(arrow::int64(), "[1, 2]"),
                                  Array(arrow::list(item), "[[1, 2], null]"),
                                  Array(arrow::utf8(), "[\"a\", \"b\"]")});
  ServeTable("names", data::Format::kFeather, *table, 10);
  EXPECT_TRUE(IsPicked("FROM names"));
  ASSERT_OK_AND_ASSIGN(auto found, Query("FROM names"));
  ASSERT_OK_AND_ASSIGN(auto computed, Query("FROM names WHERE true"));
  EXPECT_TRUE(found->schema()->Equals(*computed->schema(), /*check_metadata=*/true))
      << found->schema()->ToString(true);
  EXPECT_TRUE(found->Equals(*computed));
  EXPECT_EQ(found->field(0)->metadata()->Get(column_metadata::kTypeName).ValueOrDie(),
            "BIGINT");
}

TEST_P(DatasetPlanTest, BatchesStayWithinTheLimits) {
  ExecuteOptions options;
  options.max_batch_rows = 100;
  ASSERT_OK_AND_ASSIGN(auto result, Execute("FROM d", {}, options));
  ASSERT_NE(result.dataset_rows, nullptr);
  ASSERT_OK_AND_ASSIGN(auto batches, result.stream->ToRecordBatches());
  for (const auto& batch : batches) EXPECT_LE(batch->num_rows(), 100);
  options.max_batch_rows = 1 << 20;
  options.max_batch_bytes = 1024;
  ASSERT_OK_AND_ASSIGN(result, Execute("FROM d", {}, options));
  ASSERT_OK_AND_ASSIGN(batches, result.stream->ToRecordBatches());
  EXPECT_GT(batches.size(), 100U);
}

TEST_P(DatasetPlanTest, ANameMeansWhatItMeansWhenTheStatementRuns) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT id FROM d LIMIT 3"));
  ASSERT_OK_AND_ASSIGN(auto result, statement->Execute(nullptr, {}));
  EXPECT_NE(result.dataset_rows, nullptr);
  // A table of the database comes before the dataset of its name.
  ASSERT_OK(Run("CREATE TABLE d AS SELECT 42::BIGINT AS id"));
  ASSERT_OK_AND_ASSIGN(result, statement->Execute(nullptr, {}));
  EXPECT_EQ(result.dataset_rows, nullptr);
  ASSERT_OK_AND_ASSIGN(auto table, result.stream->ToTable());
  EXPECT_EQ(table->num_rows(), 1);
  ASSERT_OK(Run("DROP TABLE d"));
  EXPECT_TRUE(IsPicked("SELECT id FROM d LIMIT 3"));
  // Another dataset of this name has other columns.
  ASSERT_OK_AND_ASSIGN(table, Query("SELECT 'a' AS id"));
  ServeTable("d", data::Format::kFeather, *table, 10);
  EXPECT_EQ(ClassOf(statement->Execute(nullptr, {}).status()), ErrorClass::kBinding);
  ASSERT_OK(catalog_->Remove("d"));
  EXPECT_FALSE(statement->Execute(nullptr, {}).ok());
}

TEST_P(DatasetPlanTest, ViewsOfDatasetsArePickedToo) {
  ASSERT_OK(Run("CREATE VIEW v AS SELECT s AS text, id FROM d"));
  EXPECT_TRUE(IsPicked("SELECT text FROM v LIMIT 3"));
  ASSERT_OK_AND_ASSIGN(auto found, Query("SELECT text FROM v LIMIT 3"));
  ASSERT_OK_AND_ASSIGN(auto expected, Query("SELECT s AS text FROM d_copy LIMIT 3"));
  EXPECT_TRUE(found->Equals(*expected));
}

TEST_P(DatasetPlanTest, RowsThatArePassedCountAsProgress) {
  ExecuteOptions options;
  options.progress = std::make_shared<Progress>();
  ASSERT_OK_AND_ASSIGN(auto result,
                       Execute("FROM d LIMIT 4000 OFFSET 9000", {}, options));
  ASSERT_NE(result.dataset_rows, nullptr);
  const auto& selection = result.dataset_rows->selection();
  EXPECT_EQ(selection.columns, (std::vector<int>{0, 1, 2, 3, 4}));
  EXPECT_EQ(selection.rows.first, 9000);
  EXPECT_EQ(selection.rows.count, 4000);
  EXPECT_OK(result.dataset_rows->Pass(250));
  EXPECT_EQ(options.progress->rows_sent, 250);
  EXPECT_DOUBLE_EQ(options.progress->fraction, 0.25);
  EXPECT_OK(result.dataset_rows->Pass(750));
  EXPECT_DOUBLE_EQ(options.progress->fraction, 1.0);
}

class DatasetRowsStopTest : public DatasetPlanTest {
 protected:
  // Reads one batch, lets `stop` happen, and says what the rest is then.
  ErrorClass Ends(const arrow::Result<ExecutionResult>& result,
                  const std::function<void()>& stop) {
    if (!result.ok() || result->dataset_rows == nullptr) {
      ADD_FAILURE() << "not picked: " << result.status();
      return ErrorClass::kInternal;
    }
    EXPECT_OK(result->dataset_rows->Pass(10));
    std::shared_ptr<arrow::RecordBatch> batch;
    EXPECT_OK(result->stream->ReadNext(&batch));
    stop();
    const auto passed = result->dataset_rows->Pass(10);
    EXPECT_EQ(ClassOf(passed), ClassOf(result->stream->ReadNext(&batch)));
    return ClassOf(passed);
  }
};

TEST_P(DatasetRowsStopTest, AStopEndsThem) {
  std::stop_source source;
  ExecuteOptions options;
  options.stop = source.get_token();
  EXPECT_EQ(Ends(Execute("FROM d", {}, options), [&] { source.request_stop(); }),
            ErrorClass::kCancelled);
  EXPECT_EQ(ClassOf(Execute("FROM d", {}, options)), ErrorClass::kCancelled);
}

TEST_P(DatasetRowsStopTest, TheirSessionEndsThem) {
  EXPECT_EQ(Ends(Execute("FROM d"), [&] { EXPECT_OK(session_->Close()); }),
            ErrorClass::kCancelled);
}

TEST_P(DatasetRowsStopTest, TheirTransactionEndsThem) {
  for (const auto end : {TransactionEnd::kCommit, TransactionEnd::kRollback}) {
    ASSERT_OK_AND_ASSIGN(const auto id, session_->BeginTransaction());
    EXPECT_EQ(Ends(Execute("FROM d", id),
                   [&] { EXPECT_OK(session_->EndTransaction(id, end)); }),
              ErrorClass::kCancelled);
  }
}

TEST_P(DatasetRowsStopTest, TheEngineEndsThem) {
  EXPECT_EQ(Ends(Execute("FROM d"), [&] { EXPECT_OK(engine_->Close()); }),
            ErrorClass::kUnavailable);
}

TEST_P(DatasetRowsStopTest, TheirDeadlineEndsThem) {
  ExecuteOptions options;
  options.deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(50);
  auto result = Execute("FROM d", {}, options);
  arrow::Status status = result.status();
  while (status.ok()) status = result->dataset_rows->Pass(1);
  EXPECT_EQ(ClassOf(status), ErrorClass::kTimeout);
}

TEST_P(DatasetRowsStopTest, AnAbortedTransactionRefusesThem) {
  ASSERT_OK_AND_ASSIGN(const auto id, session_->BeginTransaction());
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("FROM d", id));
  EXPECT_FALSE(Query("SELECT error('no') FROM range(3)", id).ok());
  EXPECT_EQ(ClassOf(statement->Execute(nullptr, {})), ErrorClass::kTransaction);
}

TEST_P(DatasetRowsStopTest, TheyStandBesideOtherResultsOfTheirTransaction) {
  ASSERT_OK_AND_ASSIGN(const auto id, session_->BeginTransaction());
  ASSERT_OK(Run("CREATE TABLE mine AS SELECT 1 AS x", id));
  ASSERT_OK_AND_ASSIGN(auto other, Stream("FROM range(100000)", id));
  ASSERT_OK_AND_ASSIGN(auto result, Execute("FROM d", id));
  ASSERT_NE(result.dataset_rows, nullptr);
  EXPECT_EQ(Value("SELECT x FROM mine", id), "1");
  ASSERT_OK_AND_ASSIGN(auto table, result.stream->ToTable());
  EXPECT_EQ(table->num_rows(), kRows);
  ASSERT_OK_AND_ASSIGN(table, other->ToTable());
  EXPECT_EQ(table->num_rows(), 100000);
  EXPECT_OK(session_->EndTransaction(id, TransactionEnd::kCommit));
}

TEST_P(DatasetRowsStopTest, TheyCountAmongTheOpenResults) {
  EngineOptions options;
  options.max_connections = 1;
  options.connection_wait = std::chrono::milliseconds(1);
  Open(options);
  ServeSample();
  {
    ASSERT_OK_AND_ASSIGN(auto result, Execute("FROM d"));
    ASSERT_NE(result.dataset_rows, nullptr);
    EXPECT_EQ(ClassOf(Execute("FROM d")), ErrorClass::kLimit);
  }
  ASSERT_OK_AND_ASSIGN(auto result, Execute("FROM d"));
  ASSERT_OK(result.stream->ToTable());
  EXPECT_OK(Execute("FROM d")) << "rows that have been read hold no place";
}

INSTANTIATE_TEST_SUITE_P(DuckDB, DatasetPlanTest, testing::ValuesIn(EngineKinds()),
                         KindName);
INSTANTIATE_TEST_SUITE_P(DuckDB, DatasetRowsStopTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine::duck
