#include "engine/batch_query.h"

#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/scalar.h>
#include <gtest/gtest.h>

#include "engine/error.h"
#include "tests/support/arrow_assert.h"

namespace pinion::engine {
namespace {

std::shared_ptr<arrow::Schema> Numbers() {
  return arrow::schema(
      {arrow::field("x", arrow::int64()),
       arrow::field("name", arrow::dictionary(arrow::int8(), arrow::utf8()))});
}

std::shared_ptr<arrow::RecordBatch> Batch(const std::string& x, const std::string& name) {
  auto numbers = arrow::json::ArrayFromJSONString(arrow::int64(), x).ValueOrDie();
  auto codes = arrow::json::ArrayFromJSONString(arrow::int8(), name).ValueOrDie();
  auto names =
      arrow::json::ArrayFromJSONString(arrow::utf8(), R"(["a", "b"])").ValueOrDie();
  auto dictionary =
      arrow::DictionaryArray::FromArrays(Numbers()->field(1)->type(), codes, names)
          .ValueOrDie();
  return arrow::RecordBatch::Make(Numbers(), numbers->length(), {numbers, dictionary});
}

std::string Text(const arrow::RecordBatch& batch, int column) {
  std::string text;
  for (int64_t i = 0; i < batch.num_rows(); ++i) {
    text += batch.column(column)->GetScalar(i).ValueOrDie()->ToString() + " ";
  }
  return text;
}

TEST(BatchQueryTest, RunsOverOneBatchAfterTheOther) {
  ASSERT_OK_AND_ASSIGN(
      auto query, BatchQuery::Create("SELECT x * 2 AS twice, name FROM batch WHERE x > 1",
                                     Numbers()));
  EXPECT_EQ(query->schema()->ToString(), "twice: int64\nname: string");
  ASSERT_OK_AND_ASSIGN(auto first, query->Run(Batch("[1, 2, 3]", "[0, 1, null]"), {}));
  EXPECT_EQ(Text(*first, 0), "4 6 ");
  EXPECT_EQ(Text(*first, 1), "b null ");
  ASSERT_OK_AND_ASSIGN(auto second, query->Run(Batch("[9]", "[0]"), {}));
  EXPECT_EQ(Text(*second, 0), "18 ");
  ASSERT_OK_AND_ASSIGN(auto none, query->Run(Batch("[0]", "[0]"), {}));
  EXPECT_EQ(none->num_rows(), 0);
  EXPECT_TRUE(none->schema()->Equals(*query->schema(), true));
}

TEST(BatchQueryTest, AggregatesEachBatchByItself) {
  ASSERT_OK_AND_ASSIGN(
      auto query,
      BatchQuery::Create("SELECT count(*) AS n, sum(batch.x) FROM batch", Numbers()));
  for (int i = 0; i < 3; ++i) {
    ASSERT_OK_AND_ASSIGN(auto batch, query->Run(Batch("[1, 2, 3]", "[0, 1, 1]"), {}));
    EXPECT_EQ(Text(*batch, 0), "3 ");
    EXPECT_EQ(Text(*batch, 1), "6 ");
  }
}

TEST(BatchQueryTest, GivesOneBatchHoweverLarge) {
  ASSERT_OK_AND_ASSIGN(auto query,
                       BatchQuery::Create("SELECT x + y AS z FROM batch, range(300000) "
                                          "t(y) ORDER BY z",
                                          Numbers()));
  ASSERT_OK_AND_ASSIGN(auto batch, query->Run(Batch("[1, 2]", "[0, 0]"), {}));
  EXPECT_EQ(batch->num_rows(), 600000);
}

TEST(BatchQueryTest, RefusesWhatIsNotOneSelectOverTheBatch) {
  const auto error = [](const std::string& sql) {
    const auto status = BatchQuery::Create(sql, Numbers()).status();
    const auto detail = GetErrorDetail(status);
    return detail ? detail->error_class() : ErrorClass::kInternal;
  };
  EXPECT_EQ(error("SELECT 1; SELECT 2"), ErrorClass::kNotSupported);
  EXPECT_EQ(error("CREATE TABLE t(i INTEGER)"), ErrorClass::kNotSupported);
  EXPECT_EQ(error("SELECT * FROM other"), ErrorClass::kMissingObject);
  EXPECT_EQ(error("SELECT * FROM '/etc/passwd'"), ErrorClass::kMissingObject);
  EXPECT_EQ(error("SELECT * FROM read_text('/etc/passwd')"), ErrorClass::kPermission);
  EXPECT_EQ(error("SELEC"), ErrorClass::kSyntax);
  EXPECT_EQ(error("SELECT nope FROM batch"), ErrorClass::kMissingObject);
  EXPECT_EQ(error("SELECT x + $1 FROM batch"), ErrorClass::kParameter);
}

TEST(BatchQueryTest, StaysUsableAfterAnErrorAndACancel) {
  ASSERT_OK_AND_ASSIGN(auto query,
                       BatchQuery::Create("SELECT 1 // (x - 1) AS q, "
                                          "(SELECT count(*) FROM range(batch.x)) AS n "
                                          "FROM batch",
                                          Numbers()));
  std::stop_source stopped;
  stopped.request_stop();
  const auto cancelled = query->Run(Batch("[7]", "[0]"), stopped.get_token()).status();
  EXPECT_TRUE(IsError(cancelled, ErrorClass::kCancelled)) << cancelled;
  ASSERT_OK_AND_ASSIGN(auto batch, query->Run(Batch("[3]", "[0]"), {}));
  EXPECT_EQ(Text(*batch, 1), "3 ");
}

}  // namespace
}  // namespace pinion::engine
