// Every type of DuckDB's, over the wire and back; and docs/sql_support.md, whose tables
// are what these tests find.
#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include <arrow/compare.h>

#include "engine/duckdb/statement_policy.h"
#include "engine/engine_test.h"

namespace pinion::engine::duck {
namespace {

struct TypeCase {
  const char* type;   // as SQL writes it
  const char* value;  // an expression of that type
  // How the value sent becomes one of the type again.
  const char* back = "$1";
};

constexpr TypeCase kTypes[] = {
    {"BOOLEAN", "true"},
    {"TINYINT", "-128"},
    {"SMALLINT", "-32768"},
    {"INTEGER", "-2147483648"},
    {"BIGINT", "-9223372036854775808"},
    {"HUGEINT", "-99999999999999999999999999999999999999"},
    {"UTINYINT", "255"},
    {"USMALLINT", "65535"},
    {"UINTEGER", "4294967295"},
    {"UBIGINT", "18446744073709551615"},
    {"UHUGEINT", "99999999999999999999999999999999999999"},
    {"FLOAT", "1.5"},
    {"DOUBLE", "1e300"},
    {"DECIMAL(4,1)", "-999.9"},
    {"DECIMAL(18,6)", "123456789012.345678"},
    {"DECIMAL(38,10)", "1234567890123456789012345678.0123456789"},
    {"BIGNUM", "'123456789012345678901234567890123456789012345678901234567890'"},
    {"VARCHAR", "'text'"},
    {"JSON", "'{\"a\": 1}'"},
    {"UUID", "'6dad3a1a-0000-4000-8000-0123456789ab'"},
    {"ENUM('a', 'b')", "'b'"},
    {"BLOB", "'\\x00\\xFF'"},
    {"BIT", "'0101'"},
    {"DATE", "'2020-02-29'"},
    {"TIME", "'23:59:59.123456'"},
    {"TIME_NS", "'23:59:59.123456789'"},
    {"TIME WITH TIME ZONE", "'12:00:00+02'"},
    {"TIMESTAMP", "'2020-02-29 12:00:00.123456'"},
    {"TIMESTAMP_S", "'2020-02-29 12:00:00'"},
    {"TIMESTAMP_MS", "'2020-02-29 12:00:00.123'"},
    {"TIMESTAMP_NS", "'2020-02-29 12:00:00.123456789'"},
    {"TIMESTAMP WITH TIME ZONE", "'2020-02-29 12:00:00+02'"},
    {"TIMESTAMPTZ_NS", "'2020-02-29 12:00:00.123456789+02'"},
    {"INTERVAL", "'1 year 2 days 3 microseconds'"},
    {"GEOMETRY", "'POINT (1 2)'"},
    {"INTEGER[]", "[1, NULL, 3]"},
    {"INTEGER[3]", "[1, NULL, 3]"},
    {"STRUCT(a INTEGER, b VARCHAR)", "{'a': 1, 'b': 'x'}"},
    {"MAP(VARCHAR, INTEGER)", "MAP {'x': 1, 'y': NULL}"},
    {"UNION(n INTEGER, s VARCHAR)", "union_value(s := 'x')"},
    {"VARIANT", "{'a': [1, 2]}", "CAST($1 AS JSON)"},
    {"\"NULL\"", "NULL"},
};

std::string Cast(const TypeCase& type) {
  return "CAST(" + std::string(type.value) + " AS " + type.type + ")";
}

class TypeTableTest : public EngineTest {
 protected:
  std::shared_ptr<arrow::RecordBatch> Sent(const std::string& expression) {
    auto table = Query("SELECT " + expression + " AS v");
    EXPECT_TRUE(table.ok()) << expression << ": " << table.status();
    if (!table.ok()) return nullptr;
    auto batch = (*table)->CombineChunksToBatch();
    EXPECT_OK(batch);
    return *batch;
  }

  // What `sql`, with the value bound as $1, gives.
  std::string Bound(const std::string& sql,
                    const std::shared_ptr<arrow::RecordBatch>& batch) {
    auto statement = Prepare(sql);
    if (!statement.ok()) return statement.status().ToString();
    auto stream = (*statement)->Query(Reader(batch));
    if (!stream.ok()) return stream.status().ToString();
    auto table = (*stream)->ToTable();
    if (!table.ok()) return table.status().ToString();
    return (*table)->column(0)->GetScalar(0).ValueOrDie()->ToString();
  }

  std::string TypeRows() {
    std::string rows;
    for (const auto& type : kTypes) {
      const auto batch = Sent(Cast(type));
      if (batch == nullptr) continue;
      rows += "| `" + std::string(type.type) + "` | `" +
              batch->column(0)->type()->ToString() + "` | `" +
              Bound("SELECT typeof($1)", batch) + "` |\n";
    }
    return rows;
  }
};

TEST_P(TypeTableTest, CoversEveryTypeOfDuckDBs) {
  // A type of DuckDB's list that no column of a result has, and what those above are
  // called there.
  std::set<std::string> covered = {"TYPE", "LIST",    "ARRAY", "STRUCT", "MAP",
                                   "ENUM", "DECIMAL", "UNION", "NULL",   "TUPLE"};
  for (const auto& type : kTypes) covered.insert(type.type);
  ASSERT_OK_AND_ASSIGN(auto table,
                       Query("SELECT DISTINCT logical_type FROM duckdb_types() "
                             "WHERE database_name = 'system'"));
  for (int64_t i = 0; i < table->num_rows(); ++i) {
    const auto name = table->column(0)->GetScalar(i).ValueOrDie()->ToString();
    EXPECT_TRUE(covered.contains(name)) << name << " is not in the table of types";
  }
}

TEST_P(TypeTableTest, EveryTypeKeepsItsValueOverTheWireAndBack) {
  for (const auto& type : kTypes) {
    const auto batch = Sent(Cast(type));
    ASSERT_NE(batch, nullptr);
    ASSERT_OK(batch->ValidateFull());
    const std::string original = "(" + Cast(type) + ")::VARCHAR";
    const std::string returned =
        "CAST(" + std::string(type.back) + " AS " + type.type + ")::VARCHAR";
    std::string query = "SELECT " + returned;
    query.append(" IS NOT DISTINCT FROM ").append(original);
    EXPECT_EQ(Bound(query, batch), "true")
        << type.type << ": " << Bound("SELECT " + returned, batch);
    const auto null = Sent("CAST(NULL AS " + std::string(type.type) + ")");
    ASSERT_NE(null, nullptr);
    EXPECT_EQ(null->column(0)->ComputeLogicalNullCount(), 1) << type.type;
    EXPECT_TRUE(null->schema()->Equals(*batch->schema())) << type.type;
  }
}

TEST_P(TypeTableTest, EveryTypeIsConvertedInsideOfOthersToo) {
  for (const auto& type : kTypes) {
    const std::string value = Cast(type);
    const auto element = Sent(value)->column(0);
    const auto batch = Sent("[" + value + ", NULL]");
    ASSERT_NE(batch, nullptr);
    ASSERT_OK(batch->ValidateFull());
    const auto& list = static_cast<const arrow::ListArray&>(*batch->column(0));
    EXPECT_TRUE(list.value_slice(0)->Slice(0, 1)->Equals(*element)) << type.type;
    const auto nested = Sent("{'s': " + value + "}");
    ASSERT_NE(nested, nullptr);
    const auto& fields = static_cast<const arrow::StructArray&>(*nested->column(0));
    EXPECT_TRUE(fields.field(0)->Equals(*element)) << type.type;
  }
}

TEST_P(TypeTableTest, WhatDoesNotFitIsAnError) {
  EXPECT_EQ(ClassOf(Query("SELECT 170141183460469231731687303715884105727::HUGEINT")),
            ErrorClass::kType);
  EXPECT_EQ(ClassOf(Query("SELECT [340282366920938463463374607431768211455::UHUGEINT]")),
            ErrorClass::kType);
  EXPECT_EQ(ClassOf(Query("SELECT INTERVAL '4000000000 hours'")), ErrorClass::kType);
  EXPECT_EQ(ClassOf(Query("SELECT [{'i': INTERVAL '4000000000 hours'}]")),
            ErrorClass::kType);
}

TEST_P(TypeTableTest, IsInTheDocumentation) {
  std::string settings;
  for (size_t i = 0; i < kSafeSettingCount; ++i) {
    settings += "| `" + std::string(kSafeSettings[i].name) + "` | " +
                std::string(kSafeSettings[i].meaning) + " |\n";
  }
  std::ifstream file(PINION_SOURCE_DIR "/docs/sql_support.md");
  ASSERT_TRUE(file.good());
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  for (const auto& rows : {TypeRows(), settings}) {
    EXPECT_NE(text.find(rows), std::string::npos)
        << "docs/sql_support.md is out of date; these rows should be there:\n"
        << rows;
  }
}

INSTANTIATE_TEST_SUITE_P(DuckDB, TypeTableTest, testing::ValuesIn(EngineKinds()),
                         KindName);

}  // namespace
}  // namespace pinion::engine::duck
