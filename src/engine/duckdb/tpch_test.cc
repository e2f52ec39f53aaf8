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
      ASSERT_OK(Run("CREATE TABLE native." + name + " AS " + sql)) << name;
      ASSERT_OK_AND_ASSIGN(auto table, Query("FROM native." + name));
      ServeTable(name + "_feather", data::Format::kFeather, *table, 2000);
      ServeTable(name + "_parquet", data::Format::kParquet, *table, 2000);
      for (const std::string kind : {"feather", "parquet"}) {
        ASSERT_OK(Run("CREATE VIEW " + kind + "." + name + " AS FROM datasets.\"" + name +
                      "_" + kind + "\""));
      }
    }
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
