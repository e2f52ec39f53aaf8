#include "flight/sql_transactions.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/testing/gtest_util.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/catalog.h"
#include "engine/engine.h"

namespace pinion::flight {
namespace {

using std::chrono::minutes;
using testing::HasSubstr;

class SqlTransactionsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_OK_AND_ASSIGN(engine_,
                         engine::Engine::Create({}, std::make_shared<data::Catalog>()));
    ASSERT_OK(Run("CREATE TABLE kept (id BIGINT)"));
  }

  arrow::Status Run(const std::string& sql, const std::string& transaction_id = "") {
    engine::PrepareOptions options;
    options.transaction_id = transaction_id;
    ARROW_ASSIGN_OR_RAISE(const auto statement, session()->Prepare(sql, options));
    return statement->Update(nullptr, {}).status();
  }

  std::shared_ptr<engine::Session> session() { return engine_->default_session(); }

  // Begins a transaction that inserts a row.
  arrow::Result<std::string> BeginWithARow() {
    ARROW_ASSIGN_OR_RAISE(std::string handle, transactions_.Begin(caller_, session()));
    ARROW_ASSIGN_OR_RAISE(const auto transaction, transactions_.Find(caller_, handle));
    ARROW_RETURN_NOT_OK(Run("INSERT INTO kept VALUES (1)", transaction->engine_id()));
    return handle;
  }

  // Of the table, as another transaction sees it.
  arrow::Result<int64_t> Rows() {
    ARROW_ASSIGN_OR_RAISE(const auto statement,
                          session()->Prepare("SELECT count(*) FROM kept", {}));
    ARROW_ASSIGN_OR_RAISE(const auto result, statement->Execute(nullptr, {}));
    ARROW_ASSIGN_OR_RAISE(const auto table, result.stream->ToTable());
    ARROW_ASSIGN_OR_RAISE(const auto count, table->column(0)->GetScalar(0));
    return static_cast<const arrow::Int64Scalar&>(*count).value;
  }

  std::unique_ptr<engine::Engine> engine_;
  Clock::time_point now_{};
  SqlTransactions transactions_{{.most = 10, .idle = minutes(5)},
                                [this] { return now_; }};
  const Caller caller_{.identity = "ann", .peer = "ipv4:127.0.0.1:1", .session = ""};
};

TEST_F(SqlTransactionsTest, AForgottenTransactionIsRolledBack) {
  ASSERT_OK_AND_ASSIGN(const std::string handle, BeginWithARow());
  now_ += minutes(6);
  transactions_.Expire();
  EXPECT_RAISES_WITH_MESSAGE_THAT(KeyError, HasSubstr("rolled back"),
                                  transactions_.Find(caller_, handle));
  EXPECT_RAISES_WITH_MESSAGE_THAT(
      KeyError, HasSubstr("rolled back"),
      transactions_.End(caller_, handle, engine::TransactionEnd::kCommit));
  ASSERT_OK_AND_EQ(0, Rows());
}

TEST_F(SqlTransactionsTest, EachUseGivesATransactionMoreTime) {
  ASSERT_OK_AND_ASSIGN(const std::string handle, BeginWithARow());
  for (int i = 0; i < 3; ++i) {
    now_ += minutes(4);
    transactions_.Expire();
    ASSERT_OK(transactions_.Find(caller_, handle));
  }
  EXPECT_OK(transactions_.End(caller_, handle, engine::TransactionEnd::kCommit));
  ASSERT_OK_AND_EQ(1, Rows());
}

TEST_F(SqlTransactionsTest, OneInUseDoesNotExpire) {
  ASSERT_OK_AND_ASSIGN(const std::string handle, BeginWithARow());
  ASSERT_OK_AND_ASSIGN(const auto transaction, transactions_.Find(caller_, handle));
  now_ += minutes(60);
  transactions_.Expire();
  EXPECT_OK(Run("INSERT INTO kept VALUES (2)", transaction->engine_id()));
  EXPECT_OK(transactions_.End(caller_, handle, engine::TransactionEnd::kCommit));
  ASSERT_OK_AND_EQ(2, Rows());
}

}  // namespace
}  // namespace pinion::flight
