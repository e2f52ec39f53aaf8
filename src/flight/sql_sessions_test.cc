// Sessions over the wire. A client of Arrow keeps cookies if it is told to.
#include "flight/sql_sessions.h"

#include <memory>
#include <string>

#include <gmock/gmock.h>

#include "flight/sql_service_test.h"

namespace pinion::flight {
namespace {

using testing::HasSubstr;

class SqlSessionsTest : public SqlServiceTest {
 protected:
  void SetUp() override {
    ASSERT_NO_FATAL_FAILURE(SqlServiceTest::SetUp());
    ASSERT_OK_AND_ASSIGN(keeper_, ConnectWithCookies());
    // The first answer brings the cookie that shows that it keeps cookies.
    ASSERT_OK(keeper_->Execute({}, "SELECT 1"));
  }

  Status Keep(const std::string& text) {
    return keeper_->ExecuteUpdate({}, text).status();
  }

  std::unique_ptr<FlightSqlClient> keeper_;
};

TEST_F(SqlSessionsTest, AStatementThatNeedsASessionOpensOne) {
  ASSERT_OK(Keep("CREATE TEMP TABLE mine (id BIGINT)"));
  ASSERT_OK(Keep("INSERT INTO mine VALUES (1)"));
  ASSERT_OK(keeper_->Execute({}, "SELECT * FROM mine"));
  ASSERT_RAISES(KeyError, client_->Execute({}, "SELECT * FROM mine"));
}

TEST_F(SqlSessionsTest, APreparedStatementThatNeedsASessionOpensOne) {
  ASSERT_OK(Update("CREATE SCHEMA apart"));
  ASSERT_OK(Update("CREATE TABLE apart.inside (id BIGINT)"));
  ASSERT_OK_AND_ASSIGN(const auto statement,
                       keeper_->Prepare({}, "SET schema = 'apart'"));
  ASSERT_OK(statement->ExecuteUpdate());
  ASSERT_OK(statement->Close());
  ASSERT_OK(keeper_->Execute({}, "SELECT * FROM inside"));
  ASSERT_RAISES(KeyError, client_->Execute({}, "SELECT * FROM inside"));
}

TEST_F(SqlSessionsTest, ATransactionMayBeginAndEndAsText) {
  ASSERT_OK(Update("CREATE TABLE by_text (id BIGINT)"));
  ASSERT_OK(Keep("BEGIN TRANSACTION"));
  ASSERT_OK(Keep("INSERT INTO by_text VALUES (1)"));
  ASSERT_OK_AND_EQ(0, Number("SELECT count(*) FROM by_text"));
  ASSERT_OK(Keep("COMMIT"));
  ASSERT_OK_AND_EQ(1, Number("SELECT count(*) FROM by_text"));
}

TEST_F(SqlSessionsTest, ATemporaryTableIsIngestedIntoASession) {
  ASSERT_OK_AND_ASSIGN(const auto batch, Ids({1, 2}));
  ASSERT_OK_AND_ASSIGN(auto reader, arrow::RecordBatchReader::Make({batch}));
  ASSERT_OK_AND_EQ(2, keeper_->ExecuteIngest({}, reader, kCreate, "mine", {}, {},
                                             /*temporary=*/true));
  ASSERT_OK(keeper_->Execute({}, "SELECT * FROM mine"));
  ASSERT_RAISES(KeyError, client_->Execute({}, "SELECT * FROM mine"));
}

TEST_F(SqlSessionsTest, TheSessionGoesWhenItIsClosed) {
  ASSERT_OK(Keep("CREATE TEMP TABLE mine (id BIGINT)"));
  ASSERT_OK(keeper_->CloseSession({}, {}));
  ASSERT_RAISES(KeyError, keeper_->Execute({}, "SELECT * FROM mine"));
  ASSERT_OK(Keep("CREATE TEMP TABLE mine (id BIGINT)"));
}

// What it made would be gone with the next call.
TEST_F(SqlSessionsTest, AClientWithoutCookiesIsToldThatItNeedsThem) {
  for (const char* text : {"CREATE TEMP TABLE mine (id BIGINT)", "SET schema = 'main'"}) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_RAISES_WITH_MESSAGE_THAT(NotImplemented, HasSubstr("keeps cookies"),
                                      Update(text));
    }
  }
  ASSERT_OK_AND_ASSIGN(const auto batch, Ids({1, 2}));
  ASSERT_OK_AND_ASSIGN(auto reader, arrow::RecordBatchReader::Make({batch}));
  EXPECT_RAISES_WITH_MESSAGE_THAT(
      NotImplemented, HasSubstr("keeps cookies"),
      client_->ExecuteIngest({}, reader, kCreate, "mine", {}, {}, /*temporary=*/true));
}

}  // namespace
}  // namespace pinion::flight
