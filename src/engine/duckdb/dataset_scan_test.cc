// How datasets are scanned: what is read, what is skipped, and that no value differs.
#include "engine/duckdb/dataset_scan.h"

#include <iterator>
#include <random>

#include "engine/duckdb/duck_engine_test.h"

namespace pinion::engine::duck {
namespace {

constexpr int64_t kRows = 300'000;

void Replace(std::string& text, const std::string& old, const std::string& by) {
  for (size_t at = text.find(old); at != std::string::npos; at = text.find(old, at)) {
    text.replace(at, old.size(), by);
    at += by.size();
  }
}

class DatasetScanTest : public DuckEngineTest {
 protected:
  // Serves the rows of `sql` as the Feather dataset `name` and keeps them as the table
  // `name`_copy to compare with.
  void ServeCopy(const std::string& name, const std::string& sql, int64_t batch_rows,
                 data::Format format = data::Format::kFeather) {
    ASSERT_OK(Run("CREATE OR REPLACE TABLE " + name + "_copy AS " + sql));
    ASSERT_OK_AND_ASSIGN(auto table, Query("FROM " + name + "_copy"));
    ServeTable(name, format, *table, batch_rows);
  }

  // Values of many types in no order, a third of them NULL, and some in order.
  void ServeMixture() {
    ServeCopy("d",
              "SELECT x AS id, x // 1000 AS step, hash(x) % 100000 AS any_order, "
              "CASE WHEN hash(x) % 3 = 0 THEN NULL ELSE (x % 70000)::INTEGER END AS n, "
              "CASE WHEN x % 50000 = 7 THEN 'nan'::DOUBLE ELSE x / 7 END AS f, "
              "(x / 8)::FLOAT AS f4, -x AS down, (x % 250)::UTINYINT AS tiny, "
              "(x / 100)::DECIMAL(12, 2) AS dec, (x / 3)::DECIMAL(30, 5) AS big, "
              "DATE '1990-01-01' + (x // 100)::INTEGER AS day, "
              "TIMESTAMP '2001-02-03 04:05:06' + to_seconds(x) AS ts, "
              "'text ' || lpad(x::VARCHAR, 9, '0') AS s, "
              "repeat('long', (x // 2000)::INTEGER) AS long_s, "
              "CASE WHEN x < 150000 THEN NULL ELSE x END AS half, "
              "{'a': x, 'b': [x]} AS nested, x % 2 = 0 AS even "
              "FROM range(" +
                  std::to_string(kRows) + ") t(x)",
              20'000);
  }
};

TEST_P(DatasetScanTest, FiltersGiveTheSameRowsHoweverOftenTheyAreAsked) {
  ServeMixture();
  for (const char* filter : {"id = 123456",
                             "id < 1000",
                             "id <= 0",
                             "id > 299990",
                             "id >= 299999",
                             "id < 0",
                             "1000 > id",
                             "id BETWEEN 200000 AND 200100",
                             "id > 5 AND id < 9 AND n IS NOT NULL",
                             "id = 7 OR id = 280000",
                             "NOT (id > 100)",
                             "id <> 3 AND id < 5",
                             "id IN (1, 250000, 299999)",
                             "any_order = 4711",
                             "n = 69999",
                             "n > 69990",
                             "n IS NULL AND id < 20",
                             "f > 42850",
                             "f < 1",
                             "f = 'nan'::DOUBLE",
                             "f >= 'nan'::DOUBLE",
                             "f4 < 0.5",
                             "f4 > 37499",
                             "down > -5",
                             "down < -299990",
                             "tiny > 248 AND id < 1000",
                             "dec < 1.5",
                             "dec = 2999.99",
                             "big > 99999",
                             "day = DATE '1990-01-05'",
                             "day > DATE '1998-03-15'",
                             "ts < TIMESTAMP '2001-02-03 04:05:10'",
                             "s = 'text 000000042'",
                             "s < 'text 000000005'",
                             "s >= 'text 000299998'",
                             "s > 'u'",
                             "s LIKE 'text 0000001%'",
                             "long_s = ''",
                             "length(long_s) > 590",
                             "half < 150005",
                             "half IS NULL AND id < 5",
                             "nested.a = 77",
                             "even AND id < 10",
                             "id::VARCHAR = '99'",
                             "step = 299"}) {
    const std::string query =
        std::string("SELECT * FROM ") + "TABLE_NAME WHERE " + filter + " ORDER BY ALL";
    auto of = [&](const std::string& name) {
      auto text = query;
      Replace(text, "TABLE_NAME", name);
      return Query(text);
    };
    ASSERT_OK_AND_ASSIGN(auto expected, of("d_copy"));
    for (int i = 0; i < 2; ++i) {
      ASSERT_OK_AND_ASSIGN(auto found, of("d"));
      ASSERT_OK_AND_ASSIGN(auto found_one, found->CombineChunks());
      ASSERT_OK_AND_ASSIGN(auto expected_one, expected->CombineChunks());
      EXPECT_TRUE(found_one->Equals(*expected_one,
                                    arrow::EqualOptions::Defaults().nans_equal(true)))
          << filter;
      EXPECT_EQ(found->num_rows(), expected->num_rows()) << filter;
    }
  }
}

TEST_P(DatasetScanTest, FiltersOfOneStatementDoNotTouchEachOther) {
  ServeMixture();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Value("SELECT (SELECT sum(id) FROM d WHERE id < 10) * 1000000000 + "
                    "(SELECT sum(id) FROM d WHERE id > 299998)"),
              "45000299999");
    EXPECT_EQ(Value("SELECT count(*) FROM (FROM d WHERE id < 10 UNION ALL "
                    "FROM d WHERE id > 299998 UNION ALL FROM d)"),
              std::to_string(kRows + 11));
    EXPECT_EQ(Value("SELECT count(*) FROM d a JOIN d b ON a.id = b.id + 250000 "
                    "WHERE a.id > 250009 AND b.id < 20"),
              "10");
    EXPECT_EQ(Value("SELECT count(*) FROM d LEFT JOIN (FROM d WHERE id < 3) e "
                    "ON d.id = e.id"),
              std::to_string(kRows));
    EXPECT_EQ(Value("WITH c AS (FROM d) SELECT (SELECT count(*) FROM c WHERE id < 3) + "
                    "(SELECT count(*) FROM c WHERE id >= 3)"),
              std::to_string(kRows));
  }
}

// A condition made of random parts, of one column or several.
std::string RandomFilter(std::mt19937& random, int depth) {
  const auto pick = [&](const auto& of) -> std::string {
    return of[random() % std::size(of)];
  };
  const auto number = [&] { return std::to_string(random() % 50'000); };
  constexpr const char* kNumbers[] = {"id",   "any_order", "n",   "f",    "f4",
                                      "down", "dec",       "big", "half", "nested.a"};
  constexpr const char* kComparisons[] = {
      "=", "<", "<=", ">", ">=", "<>", "IS DISTINCT FROM"};
  constexpr const char* kOthers[] = {
      "n IS NULL",
      "half IS NOT NULL",
      "even",
      "NOT even",
      "s LIKE 'text 00002%'",
      "s LIKE '%77%'",
      "s IN ('text 000000009', 'text 000030001', 'none')",
      "s > 'text 000033000'",
      "f = 'nan'::DOUBLE",
      "f > 5000",
      "f4 = -0.0",
      "zero = 0.0",
      "zero < 0",
      "few = 'b'",
      "few IN ('a', 'long text of a few')",
      "few COLLATE NOCASE = 'B'",
      "few IS NULL",
      "length(long_s) > 40",
      "day BETWEEN DATE '1990-02-01' AND DATE '1990-03-01'",
      "ts < TIMESTAMP '2001-02-03 08:00:00'",
      "tiny IN (1, 5, 249)",
      "nested.b[1] < 1000",
      "step = 17",
      "id % 7 = 3",
      "n > half",
      "coded = 'c3'"};
  if (depth > 0 && random() % 3 == 0) {
    return "(" + RandomFilter(random, depth - 1) + " OR " +
           RandomFilter(random, depth - 1) + ")";
  }
  if (depth > 0 && random() % 2 == 0) {
    return RandomFilter(random, depth - 1) + " AND " + RandomFilter(random, depth - 1);
  }
  if (random() % 2 == 0) return pick(kOthers);
  return pick(kNumbers) + " " + pick(kComparisons) + " " + number();
}

TEST_P(DatasetScanTest, RandomFiltersGiveTheSameRowsInEveryFormat) {
  const std::string rows =
      "SELECT x AS id, x // 1000 AS step, hash(x) % 50000 AS any_order, "
      "CASE WHEN hash(x) % 3 = 0 THEN NULL ELSE (x % 30000)::INTEGER END AS n, "
      "CASE WHEN x % 5000 = 7 THEN 'nan'::DOUBLE ELSE x / 7 END AS f, "
      "(x / 8)::FLOAT AS f4, -x AS down, (x % 250)::UTINYINT AS tiny, "
      "CASE x % 3 WHEN 0 THEN -0.0 WHEN 1 THEN 0.0 ELSE 1 END::DOUBLE AS zero, "
      "(x / 100)::DECIMAL(12, 2) AS dec, (x / 3)::DECIMAL(30, 5) AS big, "
      "DATE '1990-01-01' + (x // 100)::INTEGER AS day, "
      "TIMESTAMP '2001-02-03 04:05:06' + to_seconds(x) AS ts, "
      "'text ' || lpad(x::VARCHAR, 9, '0') AS s, "
      "CASE hash(x) % 5 WHEN 0 THEN 'a' WHEN 1 THEN 'b' WHEN 2 THEN '' "
      "WHEN 3 THEN 'long text of a few' END AS few, "
      "repeat('long', (x // 2000)::INTEGER) AS long_s, "
      "CASE WHEN x < 20000 THEN NULL ELSE x END AS half, "
      "{'a': x, 'b': [x]} AS nested, x % 2 = 0 AS even, "
      "('c' || (x % 10))::ENUM('c0', 'c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', "
      "'c9') AS coded FROM range(40000) t(x)";
  std::mt19937 random(20);
  for (const auto format :
       {data::Format::kFeather, data::Format::kIpcStream, data::Format::kParquet}) {
    auto served = rows;
    // DuckDB's reader of Parquet loses NaN: a file's statistics are without.
    if (format == data::Format::kParquet) Replace(served, "'nan'", "NULL");
    ServeCopy("d", served, 3'000, format);
    for (int i = 0; i < 60; ++i) {
      const auto filter = RandomFilter(random, 2);
      for (const char* select : {"count(*)::UBIGINT, bit_xor(hash(t::VARCHAR))",
                                 "count(*)", "sum(id)::VARCHAR, max(long_s), min(few)"}) {
        const auto value = [&](const char* table) {
          std::string query = "SELECT [";
          query.append(select).append("]::VARCHAR FROM ").append(table);
          return Value(query.append(" t WHERE ").append(filter));
        };
        EXPECT_EQ(value("d"), value("d_copy")) << select << " where " << filter;
      }
    }
  }
}

TEST_P(DatasetScanTest, WhatJoinsAndLimitsRuleOutIsLeftOut) {
  ServeMixture();
  for (
      const char* query :
      {"SELECT count(*), sum(d.n), max(d.s) FROM NAME d JOIN (SELECT x * 1000 AS k FROM "
       "range(17) t(x)) few ON d.id = few.k",
       "SELECT count(*), sum(d.n), max(d.s) FROM NAME d JOIN (SELECT 'text ' || lpad((x "
       "* "
       "31)::VARCHAR, 9, '0') AS k FROM range(900) t(x)) few ON d.s = few.k",
       "SELECT count(*), min(d.s) FROM NAME d WHERE d.n IN (SELECT n + 1 FROM NAME WHERE "
       "id BETWEEN 5 AND 5000)",
       "SELECT count(*), min(d.s) FROM NAME d WHERE d.n NOT IN (SELECT n FROM NAME WHERE "
       "id > 70000 AND n IS NOT NULL)",
       "SELECT sum(any_order), min(s) FROM (FROM NAME ORDER BY any_order, id LIMIT 50)",
       "SELECT sum(id), min(s) FROM (FROM NAME ORDER BY id DESC LIMIT 50)",
       "SELECT count(*), sum(id) FROM (FROM NAME ORDER BY n NULLS FIRST, id LIMIT 9000)",
       "SELECT count(*), sum(a.id) FROM NAME a LEFT JOIN (FROM NAME WHERE id < 100) b ON "
       "a.n = b.n WHERE a.even"}) {
    std::string found = query;
    std::string expected = query;
    Replace(found, "NAME", "d");
    Replace(expected, "NAME", "d_copy");
    for (auto* text : {&found, &expected})
      *text = "SELECT t::VARCHAR FROM (" + *text + ") t";
    EXPECT_EQ(Value(found), Value(expected)) << query;
    EXPECT_EQ(Value(found), Value(expected)) << "again: " << query;
  }
}

TEST_P(DatasetScanTest, AFilterThatFailsFailsItsQueryAlone) {
  ServeMixture();
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(Query("SELECT count(*) FROM d WHERE s::INTEGER > 3").ok());
    EXPECT_FALSE(Query("SELECT count(*) FROM d WHERE id > 10 AND s::DATE IS NULL").ok());
    // What others rule out does not fail.
    EXPECT_EQ(Value("SELECT count(*) FROM d WHERE s[1] = 'x' AND s::INTEGER > 3"), "0");
    EXPECT_EQ(Value("SELECT count(*) FROM d WHERE id = 5 AND s <> ''"), "1");
  }
}

TEST_P(DatasetScanTest, TextsOfEveryLengthKeepTheirBytes) {
  // The last texts of a batch are followed by nothing.
  for (const char* text :
       {"repeat('x', (x % 18)::INTEGER)", "left('abcdefghijklmnopqr', (x % 19)::INTEGER)",
        "CASE WHEN x % 3 > 0 THEN left('ÄÖÜäöüß€', (x % 8)::INTEGER) END", "''",
        "CASE WHEN x = 76 THEN 'the only one' END", "chr(97 + (x % 26)::INTEGER)"}) {
    ServeCopy("d", "SELECT x, " + std::string(text) + " AS t FROM range(77) r(x)", 10);
    ASSERT_OK_AND_ASSIGN(auto found, Query("FROM d WHERE true"));
    ASSERT_OK_AND_ASSIGN(auto expected, Query("FROM d_copy"));
    EXPECT_TRUE(found->Equals(*expected)) << text;
    const std::string groups = " SELECT count(*) FROM (SELECT DISTINCT t FROM ";
    EXPECT_EQ(Value(groups + "d)"), Value(groups + "d_copy)")) << text;
  }
}

TEST_P(DatasetScanTest, DecimalsOfEveryWidthKeepTheirValues) {
  std::string columns;
  for (int precision = 1; precision <= 38; ++precision) {
    std::string column =
        "CASE x % 5 WHEN 0 THEN NULL WHEN 1 THEN 'MOST'::TYPE WHEN 2 THEN '-MOST'::TYPE "
        "WHEN 3 THEN 0::TYPE ELSE ((x % 7) / 2)::TYPE END AS dNUMBER, ";
    const auto number = std::to_string(precision);
    const auto scale = std::to_string(precision / 3);
    Replace(column, "TYPE", "DECIMAL(NUMBER, SCALE)");
    Replace(column, "SCALE", scale);
    Replace(column, "MOST", std::string(precision - precision / 3, '9'));
    Replace(column, "NUMBER", number);
    columns += column;
  }
  ServeCopy("d", "SELECT " + columns + " FROM range(10000) t(x)", 3'000);
  ASSERT_OK_AND_ASSIGN(auto found, Query("FROM d WHERE true"));
  ASSERT_OK_AND_ASSIGN(auto expected, Query("FROM d_copy"));
  EXPECT_TRUE(found->Equals(*expected));
  EXPECT_EQ(Value("SELECT count(*) FROM d WHERE d15 > 1 OR d9 < 0 OR d4 = 1.5"),
            Value("SELECT count(*) FROM d_copy WHERE d15 > 1 OR d9 < 0 OR d4 = 1.5"));
}

TEST_P(DatasetScanTest, DecimalsWithMoreDigitsThanTheirTypeAreAnError) {
  // Nobody checks them when they are written.
  const auto wide =
      Array(arrow::decimal128(38, 0),
            R"(["1", "99999999999999999999", null, "-99999999999999999999"])");
  for (const int precision : {5, 9, 10, 18}) {
    const auto type = arrow::decimal128(precision, 0);
    for (const int64_t row : {1, 3}) {
      auto data = wide->Slice(row, 1)->data()->Copy();
      data->type = type;
      const auto table = arrow::Table::Make(arrow::schema({arrow::field("d", type)}),
                                            {arrow::MakeArray(data)});
      ServeTable("d", data::Format::kFeather, *table, 10);
      const auto found = Query("FROM d WHERE true");
      EXPECT_EQ(ClassOf(found), ErrorClass::kIo) << found.status();
    }
    // What lies under a NULL is no value.
    auto data = wide->Slice(0, 3)->data()->Copy();
    data->type = type;
    data->buffers[0] = arrow::Buffer::FromString(std::string(1, '\1'));
    data->null_count = 2;
    const auto table = arrow::Table::Make(arrow::schema({arrow::field("d", type)}),
                                          {arrow::MakeArray(data)});
    ServeTable("d", data::Format::kFeather, *table, 10);
    EXPECT_EQ(Value("SELECT sum(d) FROM d"), "1");
  }
}

TEST_P(DatasetScanTest, ParametersAreFiltersToo) {
  ServeMixture();
  ASSERT_OK_AND_ASSIGN(auto statement, Prepare("SELECT sum(id) FROM d WHERE id < $1"));
  for (const char* most : {"[1]", "[100]", "[300000]", "[2]", "[299999]", "[0]"}) {
    auto bound = Array(arrow::int64(), most);
    ASSERT_OK_AND_ASSIGN(auto stream, statement->Query(Reader(Batch({{"1", bound}}))));
    ASSERT_OK_AND_ASSIGN(auto table, stream->ToTable());
    const int64_t n = static_cast<const arrow::Int64Array&>(*bound).Value(0);
    const auto sum = table->column(0)->GetScalar(0).ValueOrDie();
    EXPECT_EQ(sum->ToString(), n == 0 ? "null" : std::to_string(n * (n - 1) / 2)) << most;
  }
}

TEST_P(DatasetScanTest, CountsWithoutReading) {
  ServeMixture();
  EXPECT_EQ(Plan("SELECT count(*) FROM d").find("PINION_DATASET"), std::string::npos)
      << Plan("SELECT count(*) FROM d");
  EXPECT_EQ(Value("SELECT count(*) FROM d"), std::to_string(kRows));
  EXPECT_EQ(Value("SELECT count(*) FROM d WHERE id >= 10"), std::to_string(kRows - 10));
  EXPECT_EQ(Value("SELECT count(n) FROM d"), Value("SELECT count(n) FROM d_copy"));
  EXPECT_EQ(Value("SELECT count(*) FROM (FROM d LIMIT 5)"), "5");
  EXPECT_EQ(Value("SELECT count(*) FROM d, (FROM d LIMIT 2)"), std::to_string(2 * kRows));
}

TEST_P(DatasetScanTest, ReadsOnlyTheColumnsThatAreAskedFor) {
  ServeMixture();
  const auto plan = Plan("SELECT n FROM d WHERE id < 10");
  const auto scan = plan.substr(plan.find("PINION_DATASET"));
  EXPECT_NE(scan.find("id"), std::string::npos) << plan;
  EXPECT_EQ(scan.find("nested"), std::string::npos) << plan;
  const auto all = Plan("SELECT n + 1 FROM d");
  EXPECT_NE(all.find("300,000"), std::string::npos) << "no exact cardinality: " << all;
}

TEST_P(DatasetScanTest, TheOptimizerKnowsWhatScansHaveFoundOut) {
  ServeMixture();
  const std::string impossible = "FROM d WHERE id > 300000 OR tiny > 250";
  EXPECT_EQ(Plan(impossible).find("Empty Result"), std::string::npos);
  ASSERT_OK(Query("SELECT count(id), count(tiny), count(n) FROM d"));
  EXPECT_NE(Plan(impossible).find("Empty Result"), std::string::npos) << Plan(impossible);
  // A column with NULL keeps it, one without has none.
  EXPECT_EQ(Value("SELECT count(*) FROM d WHERE n IS NULL"),
            Value("SELECT count(*) FROM d_copy WHERE n IS NULL"));
  EXPECT_EQ(Value("SELECT count(n) FROM d"), Value("SELECT count(n) FROM d_copy"));
  EXPECT_EQ(Value("SELECT count(*) FROM d WHERE id IS NULL"), "0");
  EXPECT_EQ(Value("SELECT count(*) FROM d WHERE n >= 0"),
            Value("SELECT count(*) FROM d_copy WHERE n >= 0"));
}

TEST_P(DatasetScanTest, WhatWasFoundOutGoesWithTheDataset) {
  ServeCopy("d", "SELECT x FROM range(300000) t(x)", 20'000);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Value("SELECT count(*) FROM d WHERE x > 299990"), "9");
  }
  ServeCopy("d", "SELECT 300000 - x AS x FROM range(300000) t(x)", 20'000);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(Value("SELECT count(*) FROM d WHERE x > 299990"), "10");
  }
}

INSTANTIATE_TEST_SUITE_P(DuckDB, DatasetScanTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine::duck
