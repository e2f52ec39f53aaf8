// The queries of TPC-H over Feather, Parquet and DuckDB's own tables: the same rows.
#include "tests/support/tpch.h"

#include "engine/duckdb/duck_engine_test.h"

namespace pinion::engine::duck {
namespace {

class TpchTest : public DuckEngineTest {
 protected:
  void SetUp() override {
    DuckEngineTest::SetUp();
    for (const char* schema : {"feather", "parquet", "native"}) {
      ASSERT_OK(Run(std::string("CREATE SCHEMA ") + schema));
    }
    for (const auto& [name, sql] : tests::TpchTables(0.01)) {
      const std::string table_name = "native." + name;
      std::string create = "CREATE TABLE ";
      ASSERT_OK(Run(create.append(table_name).append(" AS ").append(sql)));
      ASSERT_OK_AND_ASSIGN(auto table, Query("FROM " + table_name));
      ServeAs(name, "feather", data::Format::kFeather, *table);
      ServeAs(name, "parquet", data::Format::kParquet, *table);
    }
  }

  void ServeAs(const std::string& name, const std::string& kind, data::Format format,
               const arrow::Table& table) {
    const std::string dataset = name + "_" + kind;
    ServeTable(dataset, format, table, 2000);
    ASSERT_OK(Run("CREATE VIEW " + kind + "." + name + " AS FROM datasets.\"" + dataset +
                  "\""));
  }

  std::shared_ptr<arrow::Table> Rows(const std::string& schema, const std::string& sql) {
    EXPECT_OK(session_->SetOption("schema", schema));
    auto table = Query(sql);
    EXPECT_OK(table) << sql;
    if (!table.ok()) return nullptr;
    return (*table)->CombineChunks().ValueOrDie();
  }
};

TEST_P(TpchTest, HasTheSameAnswersWhateverItsTablesAre) {
  size_t number = 0;
  for (const auto& sql : tests::TpchQueries()) {
    ++number;
    const auto expected = Rows("native", sql);
    ASSERT_NE(expected, nullptr);
    EXPECT_GT(expected->num_rows(), 0) << "nothing to compare in " << number;
    // Once more, when the scans know what they can skip.
    for (const char* schema : {"feather", "parquet", "feather"}) {
      const auto found = Rows(schema, sql);
      ASSERT_NE(found, nullptr);
      EXPECT_TRUE(found->Equals(*expected))
          << number << " of " << schema << ": " << found->ToString() << " instead of "
          << expected->ToString();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(DuckDB, TpchTest, testing::ValuesIn(EngineKinds()), KindName);

}  // namespace
}  // namespace pinion::engine::duck
