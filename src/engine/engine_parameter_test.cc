// Parameters and ingest: what any engine has to do.
#include <atomic>
#include <thread>

#include "engine/engine_test.h"

namespace pinion::engine {
namespace {

class EngineParameterTest : public EngineTest {
 protected:
  // The single value that `sql` gives for parameters $1, $2 … of one row.
  std::string Bound(const std::string& sql,
                    const std::vector<std::shared_ptr<arrow::Array>>& values) {
    std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>> columns;
    for (const auto& value : values) {
      columns.emplace_back(std::to_string(columns.size() + 1), value);
    }
    auto statement = Prepare(sql);
    if (!statement.ok()) return statement.status().ToString();
    auto stream = (*statement)->Query(Reader(Batch(columns)));
    if (!stream.ok()) return stream.status().ToString();
    auto table = (*stream)->ToTable();
    if (!table.ok()) return table.status().ToString();
    return (*table)->column(0)->GetScalar(0).ValueOrDie()->ToString();
  }
};

TEST_P(EngineParameterTest, HaveASchemaBeforeTheyAreBound) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER, s VARCHAR, d DECIMAL(10, 2))"));
  ASSERT_OK_AND_ASSIGN(
      auto statement,
      Prepare("SELECT s FROM t WHERE i = $1 AND s = $2 AND d < $3 LIMIT $4"));
  const auto& schema = *statement->info().parameter_schema;
  ASSERT_EQ(schema.num_fields(), 4);
  EXPECT_TRUE(schema.field(0)->type()->Equals(arrow::int32()));
  EXPECT_TRUE(schema.field(1)->type()->Equals(arrow::utf8()));
  EXPECT_TRUE(schema.field(2)->type()->Equals(arrow::decimal128(10, 2)));
  EXPECT_TRUE(schema.field(3)->type()->Equals(arrow::int64()));
  EXPECT_EQ(schema.field(2)->name(), "3");
  ASSERT_OK_AND_ASSIGN(auto insert, Prepare("INSERT INTO t VALUES (?, ?, ?)"));
  EXPECT_EQ(insert->info().parameter_schema->num_fields(), 3);
  EXPECT_EQ(insert->info().result_schema->num_fields(), 0);
  ASSERT_OK_AND_ASSIGN(auto none, Prepare("SELECT 1"));
  EXPECT_EQ(none->info().parameter_schema->num_fields(), 0);
}

TEST_P(EngineParameterTest, HaveTheirTypesAlsoAfterOneOfUnknownType) {
  ASSERT_OK_AND_ASSIGN(
      auto statement,
      Prepare("SELECT ?, ?::DOUBLE, ?, ?::BOOLEAN || 'x', range + ? FROM range(3) "
              "WHERE range > ?"));
  const auto& schema = *statement->info().parameter_schema;
  ASSERT_EQ(schema.num_fields(), 6);
  EXPECT_TRUE(schema.field(0)->type()->Equals(arrow::utf8()));
  EXPECT_TRUE(schema.field(1)->type()->Equals(arrow::float64()));
  EXPECT_TRUE(schema.field(2)->type()->Equals(arrow::utf8()));
  EXPECT_TRUE(schema.field(3)->type()->Equals(arrow::boolean()));
  EXPECT_TRUE(schema.field(5)->type()->Equals(arrow::int64()));
}

TEST_P(EngineParameterTest, OfUnknownTypeAreTextUntilTheyAreBound) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT ? AS a, 1 AS b"));
  EXPECT_TRUE(statement->info().result_depends_on_parameters);
  EXPECT_TRUE(
      statement->info().parameter_schema->field(0)->type()->Equals(arrow::utf8()));
  EXPECT_EQ(statement->info().result_schema->num_fields(), 2);
  auto batch = Batch({{"1", Array(arrow::int16(), "[7]")}});
  ASSERT_OK_AND_ASSIGN(auto promised, statement->ResultSchema(*batch->schema()));
  EXPECT_TRUE(promised->field(0)->type()->Equals(arrow::int16()));
  ASSERT_OK_AND_ASSIGN(auto stream, statement->Query(Reader(batch)));
  EXPECT_TRUE(stream->schema()->Equals(*promised, /*check_metadata=*/true));
  ASSERT_OK_AND_ASSIGN(auto table, stream->ToTable());
  EXPECT_TRUE(table->column(0)->chunk(0)->Equals(Array(arrow::int16(), "[7]")));
}

TEST_P(EngineParameterTest, KeepTheirTypeAndValue) {
  const std::vector<std::pair<std::shared_ptr<arrow::DataType>, std::string>> cases = {
      {arrow::boolean(), "[true]"},
      {arrow::int8(), "[-128]"},
      {arrow::uint8(), "[255]"},
      {arrow::int16(), "[-32768]"},
      {arrow::uint16(), "[65535]"},
      {arrow::int32(), "[-2147483648]"},
      {arrow::uint32(), "[4294967295]"},
      {arrow::int64(), "[-9223372036854775808]"},
      {arrow::uint64(), "[18446744073709551615]"},
      {arrow::float32(), "[0.1]"},
      {arrow::float64(), "[1e300]"},
      {arrow::utf8(), R"(["O'Reilly \\ \" é \u0001 '; DROP TABLE t; --"])"},
      {arrow::binary(), R"(["abc"])"},
      {arrow::date32(), "[20000]"},
      {arrow::time64(arrow::TimeUnit::MICRO), "[86399999999]"},
      {arrow::timestamp(arrow::TimeUnit::MICRO), "[1577836800123456]"},
      {arrow::timestamp(arrow::TimeUnit::NANO), "[1577836800123456789]"},
      {arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"), "[1577836800123456]"},
      {arrow::decimal128(38, 10), R"(["1234567890123456789012345678.0123456789"])"},
      {arrow::list(arrow::int64()), "[[1, null, 3]]"},
      {arrow::struct_(
           {arrow::field("a", arrow::int32()), arrow::field("b", arrow::utf8())}),
       R"([{"a": 1, "b": "x"}])"},
      {arrow::month_day_nano_interval(), "[[1, 2, 3000]]"},
  };
  for (const auto& [type, json] : cases) {
    auto value = Array(type, json);
    ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT $1 AS v"));
    ASSERT_OK_AND_ASSIGN(auto stream, statement->Query(Reader(Batch({{"1", value}}))));
    ASSERT_OK_AND_ASSIGN(auto table, stream->ToTable());
    EXPECT_TRUE(table->column(0)->chunk(0)->Equals(value))
        << type->ToString() << ": " << table->ToString();
    auto null = Array(type, "[null]");
    ASSERT_OK_AND_ASSIGN(stream, statement->Query(Reader(Batch({{"1", null}}))));
    ASSERT_OK_AND_ASSIGN(table, stream->ToTable());
    EXPECT_EQ(table->column(0)->null_count(), 1) << type->ToString();
    EXPECT_EQ(Bound("SELECT $1 IS NULL", {null}), "true") << type->ToString();
  }
}

TEST_P(EngineParameterTest, OfOtherEncodingsBindTheSameValues) {
  EXPECT_EQ(Bound("SELECT $1", {Array(arrow::large_utf8(), R"(["x"])")}), "x");
  EXPECT_EQ(Bound("SELECT $1", {Array(arrow::utf8_view(), R"(["a long text"])")}),
            "a long text");
  EXPECT_EQ(Bound("SELECT $1",
                  {Array(arrow::dictionary(arrow::int8(), arrow::utf8()), R"(["d"])")}),
            "d");
  EXPECT_EQ(Bound("SELECT $1", {Array(arrow::float16(), "[1.5]")}), "1.5");
  EXPECT_EQ(Bound("SELECT $1::VARCHAR", {Array(arrow::date64(), "[86400000]")}),
            "1970-01-02");
  EXPECT_EQ(Bound("SELECT $1::VARCHAR",
                  {Array(arrow::duration(arrow::TimeUnit::SECOND), "[90]")}),
            "00:01:30");
  EXPECT_EQ(Bound("SELECT $1 IS NULL", {Array(arrow::null(), "[null]")}), "true");
  EXPECT_EQ(Bound("SELECT $1", {Array(arrow::decimal256(20, 2), R"(["1.25"])")}), "1.25");
}

TEST_P(EngineParameterTest, AreComparedExactly) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT x::INTEGER AS i FROM range(10) r(x)"));
  EXPECT_EQ(
      Bound("SELECT count(*) FROM t WHERE i > $1", {Array(arrow::float64(), "[3.5]")}),
      "6");
  EXPECT_EQ(Bound("SELECT count(*) FROM t WHERE i = $1",
                  {Array(arrow::int64(), "[5000000000]")}),
            "0");
  EXPECT_EQ(
      Bound("SELECT count(*) FROM t WHERE i = $1", {Array(arrow::utf8(), R"(["4"])")}),
      "1");
}

TEST_P(EngineParameterTest, AreMatchedByNameOrPosition) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT $a - $b AS d"));
  const auto one = Array(arrow::int32(), "[1]");
  const auto five = Array(arrow::int32(), "[5]");
  const auto difference = [&](const std::shared_ptr<arrow::RecordBatch>& batch) {
    auto table = statement->Query(Reader(batch)).ValueOrDie()->ToTable().ValueOrDie();
    return table->column(0)->GetScalar(0).ValueOrDie()->ToString();
  };
  EXPECT_EQ(difference(Batch({{"a", five}, {"b", one}})), "4");
  EXPECT_EQ(difference(Batch({{"b", one}, {"a", five}})), "4");
  EXPECT_EQ(difference(Batch({{"$b", one}, {"$a", five}})), "4");
  EXPECT_EQ(difference(Batch({{"", one}, {"", five}})), "-4");
}

TEST_P(EngineParameterTest, MustBeAsManyAsTheStatementTakes) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT $1 + $2"));
  const auto one = Array(arrow::int32(), "[1]");
  EXPECT_EQ(ClassOf(statement->Query(Reader(Batch({{"1", one}})))),
            ErrorClass::kParameter);
  EXPECT_EQ(
      ClassOf(statement->Query(Reader(Batch({{"1", one}, {"2", one}, {"3", one}})))),
      ErrorClass::kParameter);
  EXPECT_EQ(ClassOf(statement->Query()), ErrorClass::kParameter);
  ASSERT_OK_AND_ASSIGN(auto none, Prepare("SELECT 1"));
  EXPECT_EQ(ClassOf(none->Query(Reader(Batch({{"1", one}})))), ErrorClass::kParameter);
}

TEST_P(EngineParameterTest, OfSeveralRowsRunAnUpdateOnceARow) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER PRIMARY KEY, s VARCHAR)"));
  ASSERT_OK_AND_ASSIGN(auto insert, Prepare("INSERT INTO t VALUES ($1, $2)"));
  auto rows = Batch({{"1", Array(arrow::int32(), "[1, 2, 3]")},
                     {"2", Array(arrow::utf8(), R"(["a", null, "c"])")}});
  ASSERT_OK_AND_ASSIGN(auto count, insert->Update(Reader(rows)));
  EXPECT_EQ(count, 3);
  EXPECT_EQ(Value("SELECT string_agg(coalesce(s, '-'), '' ORDER BY i) FROM t"), "a-c");
  ASSERT_OK_AND_ASSIGN(auto remove, Prepare("DELETE FROM t WHERE i >= $1"));
  ASSERT_OK_AND_ASSIGN(
      count, remove->Update(Reader(Batch({{"1", Array(arrow::int32(), "[3, 2, 9]")}}))));
  EXPECT_EQ(count, 2);
  ASSERT_OK_AND_ASSIGN(
      count, remove->Update(Reader(Batch({{"1", Array(arrow::int32(), "[]")}}))));
  EXPECT_EQ(count, 0);
}

TEST_P(EngineParameterTest, OfSeveralRowsUpdateAllOrNothing) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER PRIMARY KEY)"));
  ASSERT_OK_AND_ASSIGN(auto insert, Prepare("INSERT INTO t VALUES ($1)"));
  auto rows = Batch({{"1", Array(arrow::int32(), "[1, 2, 2]")}});
  EXPECT_EQ(ClassOf(insert->Update(Reader(rows))), ErrorClass::kConstraint);
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "0");
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  ASSERT_OK_AND_ASSIGN(auto inside, Prepare("INSERT INTO t VALUES ($1)", id));
  ASSERT_OK(inside->Update(Reader(Batch({{"1", Array(arrow::int32(), "[4, 5]")}}))));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "0");
  ASSERT_OK(session_->EndTransaction(id, TransactionEnd::kCommit));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "2");
}

// Rows of parameters that end in an error, like a client that goes away.
class BrokenReader : public arrow::RecordBatchReader {
 public:
  explicit BrokenReader(std::shared_ptr<arrow::RecordBatch> batch)
      : batch_(std::move(batch)) {}
  std::shared_ptr<arrow::Schema> schema() const override { return batch_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    if (read_++ > 1) return MakeError(ErrorClass::kCancelled, "the client went away");
    *batch = batch_;
    return arrow::Status::OK();
  }

 private:
  const std::shared_ptr<arrow::RecordBatch> batch_;
  int read_ = 0;
};

TEST_P(EngineParameterTest, ThatBreakOffLeaveNothing) {
  ASSERT_OK(Run("CREATE TABLE t(i INTEGER)"));
  ASSERT_OK_AND_ASSIGN(auto insert, Prepare("INSERT INTO t VALUES ($1)"));
  auto rows =
      std::make_shared<BrokenReader>(Batch({{"1", Array(arrow::int32(), "[1, 2, 3]")}}));
  const auto status = insert->Update(rows).status();
  EXPECT_EQ(ClassOf(status), ErrorClass::kCancelled) << status;
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "0");
}

TEST_P(EngineParameterTest, OfSeveralRowsGiveOneResultAfterTheOther) {
  ASSERT_OK_AND_ASSIGN(auto statement,
                       Prepare("SELECT $1::INTEGER AS i, x FROM range($1) "
                               "r(x)"));
  auto rows = Batch({{"1", Array(arrow::int32(), "[2, 0, 3]")}});
  ASSERT_OK_AND_ASSIGN(auto stream, statement->Query(Reader(rows)));
  ASSERT_OK_AND_ASSIGN(auto table, stream->ToTable());
  ASSERT_OK_AND_ASSIGN(auto flat, table->CombineChunks());
  EXPECT_TRUE(
      flat->column(0)->chunk(0)->Equals(Array(arrow::int32(), "[2, 2, 3, 3, 3]")));
  ASSERT_OK_AND_ASSIGN(
      stream, statement->Query(Reader(Batch({{"1", Array(arrow::int32(), "[]")}}))));
  ASSERT_OK_AND_ASSIGN(table, stream->ToTable());
  EXPECT_EQ(table->num_rows(), 0);
}

TEST_P(EngineParameterTest, MayBeBoundByManyThreadsAtOnce) {
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT sum(x + $1) AS s FROM range(1000) "
                                               "t(x)"));
  std::vector<std::thread> threads;
  std::vector<std::string> sums(8);
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      auto batch = Batch({{"1", Array(arrow::int64(), "[" + std::to_string(i) + "]")}});
      for (int repeat = 0; repeat < 10; ++repeat) {
        auto table = statement->Query(Reader(batch)).ValueOrDie()->ToTable().ValueOrDie();
        sums[i] = table->column(0)->GetScalar(0).ValueOrDie()->ToString();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  for (int i = 0; i < 8; ++i) EXPECT_EQ(sums[i], std::to_string(499500 + 1000 * i));
}

TEST_P(EngineParameterTest, OfAStatementWhoseTableChangedFindTheChange) {
  ASSERT_OK(Run("CREATE TABLE t AS SELECT 1 AS i"));
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT * FROM t"));
  ASSERT_OK(Run("INSERT INTO t VALUES (2)"));
  ASSERT_OK_AND_ASSIGN(auto stream, statement->Query());
  ASSERT_OK_AND_ASSIGN(auto table, stream->ToTable());
  EXPECT_EQ(table->num_rows(), 2);
  ASSERT_OK(Run("ALTER TABLE t ADD COLUMN j INTEGER"));
  const auto status = statement->Query().status();
  EXPECT_EQ(GetErrorDetail(status)->sqlstate(), "0A000") << status;
  ASSERT_OK(Run("DROP TABLE t"));
  EXPECT_EQ(ClassOf(statement->Query()), ErrorClass::kMissingObject);
}

class EngineIngestTest : public EngineTest {
 protected:
  std::shared_ptr<arrow::RecordBatch> Rows(const std::string& i = "[1, 2, null]") {
    return Batch({{"i", Array(arrow::int64(), i)},
                  {"s", Array(arrow::utf8(), R"(["a", "b", "c"])")}});
  }

  arrow::Result<int64_t> Ingest(const std::string& table, IngestMode mode,
                                std::shared_ptr<arrow::RecordBatchReader> rows,
                                IngestOptions options = {}) {
    options.mode = mode;
    return session_->Ingest({.table = table}, std::move(rows), options);
  }
};

TEST_P(EngineIngestTest, FollowsItsMode) {
  ASSERT_OK_AND_ASSIGN(auto rows, Ingest("t", IngestMode::kCreate, Reader(Rows())));
  EXPECT_EQ(rows, 3);
  EXPECT_EQ(Value("SELECT sum(i) FROM t"), "3");
  EXPECT_EQ(ClassOf(Ingest("t", IngestMode::kCreate, Reader(Rows()))),
            ErrorClass::kAlreadyExists);
  ASSERT_OK(Ingest("t", IngestMode::kAppend, Reader(Rows())));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "6");
  EXPECT_EQ(ClassOf(Ingest("none", IngestMode::kAppend, Reader(Rows()))),
            ErrorClass::kMissingObject);
  ASSERT_OK(Ingest("t", IngestMode::kReplace, Reader(Rows("[7, 8, 9]"))));
  EXPECT_EQ(Value("SELECT sum(i) FROM t"), "24");
  ASSERT_OK(Ingest("new", IngestMode::kReplace, Reader(Rows())));
  EXPECT_EQ(ClassOf(Ingest("none", IngestMode::kReplaceExisting, Reader(Rows()))),
            ErrorClass::kMissingObject);
  ASSERT_OK(Ingest("t", IngestMode::kCreateOrAppend, Reader(Rows())));
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "6");
  ASSERT_OK(Ingest("other", IngestMode::kCreateOrAppend, Reader(Rows())));
  EXPECT_EQ(Value("SELECT count(*) FROM other"), "3");
}

TEST_P(EngineIngestTest, PutsColumnsByName) {
  ASSERT_OK(Run("CREATE TABLE t(s VARCHAR, extra INTEGER DEFAULT 5, i BIGINT)"));
  ASSERT_OK(Ingest("t", IngestMode::kAppend, Reader(Rows())));
  EXPECT_EQ(
      Value("SELECT string_agg(s || extra || coalesce(i, 0), ' ' ORDER BY s) FROM t"),
      "a51 b52 c50");
  EXPECT_EQ(ClassOf(Ingest("t", IngestMode::kAppend,
                           Reader(Batch({{"nope", Array(arrow::int8(), "[1]")}})))),
            ErrorClass::kMissingObject);
}

TEST_P(EngineIngestTest, ReachesSchemasAndTemporaryTables) {
  ASSERT_OK(Run("CREATE SCHEMA s"));
  ASSERT_OK(session_->Ingest({.schema = "s", .table = "t"}, Reader(Rows()), {}));
  EXPECT_EQ(Value("SELECT count(*) FROM s.t"), "3");
  ASSERT_OK(session_->Ingest({.table = "tt", .temporary = true}, Reader(Rows()), {}));
  EXPECT_EQ(Value("SELECT count(*) FROM tt"), "3");
  EXPECT_EQ(ClassOf(NewSession()->Prepare("FROM tt", {})), ErrorClass::kMissingObject);
  EXPECT_EQ(ClassOf(engine_->default_session()->Ingest({.table = "tt", .temporary = true},
                                                       Reader(Rows()), {})),
            ErrorClass::kNotSupported);
  EXPECT_EQ(
      ClassOf(session_->Ingest({.schema = "nope", .table = "t"}, Reader(Rows()), {})),
      ErrorClass::kMissingObject);
  EXPECT_EQ(ClassOf(session_->Ingest({.catalog = "datasets", .table = "t"},
                                     Reader(Rows()), {})),
            ErrorClass::kPermission);
  const std::string odd = "odd \"name'; DROP TABLE s.t; --";
  ASSERT_OK(Ingest(odd, IngestMode::kCreate, Reader(Rows())));
  ASSERT_OK_AND_ASSIGN(auto tables, session_->Tables({.table_pattern = "odd%"}));
  ASSERT_EQ(tables.size(), 1);
  EXPECT_EQ(tables[0].name, odd);
}

TEST_P(EngineIngestTest, KeepsEveryValueExactly) {
  auto batch = Batch({
      {"d38", Array(arrow::decimal128(38, 37),
                    R"(["1.2345678901234567890123456789012345678", null])")},
      {"d5", Array(arrow::decimal128(5, 2), R"(["-999.99", "0.01"])")},
      {"u64", Array(arrow::uint64(), "[18446744073709551615, null]")},
      {"f", Array(arrow::float64(), "[0.1, -0.0]")},
      {"ts",
       Array(arrow::timestamp(arrow::TimeUnit::NANO), "[1577836800123456789, null]")},
      {"b", Array(arrow::binary(), R"(["", null])")},
      {"l", Array(arrow::list(arrow::utf8()), R"([["x", null], []])")},
  });
  ASSERT_OK(Ingest("t", IngestMode::kCreate, Reader(batch)));
  ASSERT_OK_AND_ASSIGN(auto table, Query("FROM t"));
  ASSERT_EQ(table->num_columns(), batch->num_columns());
  for (int i = 0; i < batch->num_columns(); ++i) {
    EXPECT_TRUE(table->column(i)->chunk(0)->Equals(batch->column(i)))
        << batch->column_name(i) << ": " << table->column(i)->ToString();
  }
}

TEST_P(EngineIngestTest, LeavesNothingWhenTheDataBreakOff) {
  auto broken = [&] { return std::make_shared<BrokenReader>(Rows()); };
  const auto status = Ingest("t", IngestMode::kCreate, broken()).status();
  EXPECT_EQ(ClassOf(status), ErrorClass::kCancelled) << status;
  EXPECT_NE(status.message().find("went away"), std::string::npos) << status;
  EXPECT_EQ(ClassOf(Query("FROM t")), ErrorClass::kMissingObject);
  ASSERT_OK(Ingest("t", IngestMode::kCreate, Reader(Rows())));
  EXPECT_FALSE(Ingest("t", IngestMode::kAppend, broken()).ok());
  EXPECT_FALSE(Ingest("t", IngestMode::kReplace, broken()).ok());
  EXPECT_EQ(Value("SELECT count(*) FROM t"), "3");
}

// Says stop with its last batch, as a client that disconnects at the end.
class StoppingReader : public arrow::RecordBatchReader {
 public:
  StoppingReader(std::shared_ptr<arrow::RecordBatch> batch, std::stop_source* stop)
      : batch_(std::move(batch)), stop_(stop) {}
  std::shared_ptr<arrow::Schema> schema() const override { return batch_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    *batch = read_++ == 0 ? batch_ : nullptr;
    if (*batch == nullptr) stop_->request_stop();
    return arrow::Status::OK();
  }

 private:
  const std::shared_ptr<arrow::RecordBatch> batch_;
  std::stop_source* const stop_;
  int read_ = 0;
};

TEST_P(EngineIngestTest, IsNotCommittedWhenStoppedAtTheEnd) {
  std::stop_source stop;
  IngestOptions options;
  options.stop = stop.get_token();
  EXPECT_EQ(ClassOf(Ingest("t", IngestMode::kCreate,
                           std::make_shared<StoppingReader>(Rows(), &stop), options)),
            ErrorClass::kCancelled);
  EXPECT_EQ(ClassOf(Query("FROM t")), ErrorClass::kMissingObject);
}

TEST_P(EngineIngestTest, TakesPartInATransaction) {
  ASSERT_OK_AND_ASSIGN(auto id, session_->BeginTransaction());
  IngestOptions options;
  options.transaction_id = id;
  ASSERT_OK(Ingest("t", IngestMode::kCreate, Reader(Rows()), options));
  EXPECT_EQ(Value("SELECT count(*) FROM t", id), "3");
  EXPECT_EQ(ClassOf(Query("FROM t")), ErrorClass::kMissingObject);
  ASSERT_OK(session_->EndTransaction(id, TransactionEnd::kRollback));
  EXPECT_EQ(ClassOf(Query("FROM t")), ErrorClass::kMissingObject);
}

TEST_P(EngineIngestTest, TakesManyBatchesInOrder) {
  ASSERT_OK_AND_ASSIGN(auto stream,
                       Stream("SELECT x, x::VARCHAR AS s FROM range(500000) t(x)"));
  IngestOptions options;
  options.progress = std::make_shared<Progress>();
  ASSERT_OK_AND_ASSIGN(auto rows, Ingest("t", IngestMode::kCreate, stream, options));
  EXPECT_EQ(rows, 500000);
  EXPECT_EQ(options.progress->rows_sent, 500000);
  EXPECT_EQ(Value("SELECT count(*) FROM t WHERE s = x::VARCHAR"), "500000");
  EXPECT_EQ(Value("SELECT count(*) FROM (SELECT x, row_number() OVER () - 1 AS n FROM t) "
                  "WHERE x = n"),
            "500000");
}

// Threads take pieces that begin and end anywhere in the batches.
TEST_P(EngineIngestTest, KeepsWhatIsCutAnywhere) {
  constexpr int64_t kBatchRows = 77'777;
  for (const std::string value :
       {"x", "x::VARCHAR", "x % 3 = 0", "x::DECIMAL(12, 2)", "x::DECIMAL(30, 2)",
        "[x, NULL, x + 1][:x % 4]", "[x, NULL, x + 1]::BIGINT[3]",
        "{'a': x, 'b': x::VARCHAR}", "MAP {x::VARCHAR: x}", "encode(repeat('ü', x % 20))",
        "('bca'[x % 3 + 1])::ENUM('a', 'b', 'c')", "to_days(x::INTEGER)",
        "union_value(n := x)", "make_timestamp(x)", "NULL::INTEGER"}) {
    SCOPED_TRACE(value);
    ASSERT_OK_AND_ASSIGN(auto table,
                         Query("SELECT CASE WHEN x % 7 <> 2 THEN " + value +
                               " END AS v, x FROM range(200001) t(x) ORDER BY x"));
    ASSERT_OK_AND_ASSIGN(auto whole, table->CombineChunksToBatch());
    arrow::RecordBatchVector batches;
    for (int64_t begin = 0; begin < whole->num_rows(); begin += kBatchRows) {
      batches.push_back(whole->Slice(begin, kBatchRows));
      batches.push_back(whole->Slice(begin, 0));
    }
    ASSERT_OK_AND_ASSIGN(auto reader, arrow::RecordBatchReader::Make(batches));
    std::atomic<int64_t> checked{0};
    IngestOptions options;
    options.check = [&](const arrow::RecordBatch& batch) {
      checked += batch.num_rows();
      return batch.ValidateFull();
    };
    ASSERT_OK(Ingest("t", IngestMode::kReplace, reader, options));
    EXPECT_EQ(checked, whole->num_rows());
    ASSERT_OK_AND_ASSIGN(auto stored, Query("FROM t"));
    ASSERT_OK_AND_ASSIGN(auto back, stored->CombineChunksToBatch());
    EXPECT_TRUE(back->Equals(*whole));
  }
}

TEST_P(EngineIngestTest, TakesNothingOfBatchesThatDoNotPassTheCheck) {
  IngestOptions options;
  options.check = [](const arrow::RecordBatch&) {
    return arrow::Status::Invalid("these rows are no good");
  };
  const auto status = Ingest("t", IngestMode::kCreate, Reader(Rows()), options).status();
  EXPECT_NE(status.message().find("these rows are no good"), std::string::npos) << status;
  EXPECT_EQ(ClassOf(Query("FROM t")), ErrorClass::kMissingObject);
}

INSTANTIATE_TEST_SUITE_P(All, EngineParameterTest, testing::ValuesIn(EngineKinds()),
                         KindName);
INSTANTIATE_TEST_SUITE_P(All, EngineIngestTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine
