#include "flight/sql_info.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::flight {
namespace {

using arrow::flight::sql::SqlInfoOptions;
using arrow::flight::sql::SqlInfoResult;

engine::EngineInfo SomeEngine() {
  engine::EngineInfo engine;
  engine.name = "Some";
  engine.version = "v1";
  engine.keywords = {"QUALIFY"};
  engine.conversions = {{0, 3}, {0, 7}};
  return engine;
}

template <typename T>
T Get(int32_t code, const engine::EngineInfo& engine, const SqlInfoServer& server = {}) {
  return std::get<T>(MakeSqlInfo(engine, server).at(code));
}

// Whatever else FlightSql.proto numbers is in ranges of its own; the last has no value.
TEST(SqlInfo, EveryCodeOfTheProtocolHasAValueExceptTheSubstraitVersions) {
  const auto info = MakeSqlInfo(SomeEngine(), {});
  for (int32_t code = 0; code <= 11; ++code) {
    EXPECT_EQ(info.contains(code), code != 6 && code != 7) << code;
  }
  for (int32_t code = 100; code <= 101; ++code) EXPECT_TRUE(info.contains(code)) << code;
  for (int32_t code = 500; code <= 576; ++code) EXPECT_TRUE(info.contains(code)) << code;
  EXPECT_EQ(info.size(), 10 + 2 + 77);
}

TEST(SqlInfo, TransactionSupportIsAnInt32ForTheAdbcDriver) {
  engine::EngineInfo engine = SomeEngine();
  EXPECT_EQ(Get<int32_t>(SqlInfoOptions::FLIGHT_SQL_SERVER_TRANSACTION, engine), 1);
  engine.supports_savepoints = true;
  EXPECT_EQ(Get<int32_t>(SqlInfoOptions::FLIGHT_SQL_SERVER_TRANSACTION, engine), 2);
}

// The types that the JDBC driver casts to, code by code: Integer for a mask, Long for a
// limit, and it throws for the other one.
TEST(SqlInfo, ValuesHaveTheTypesThatTheJdbcDriverCastsThemTo) {
  const auto info = MakeSqlInfo(SomeEngine(), {});
  for (const int32_t code : {522, 525, 526, 528, 533, 534, 535, 538, 540, 564, 567}) {
    EXPECT_TRUE(std::holds_alternative<int32_t>(info.at(code))) << code;
  }
  for (int32_t code = 541; code <= 562; ++code) {
    if (code == 556) continue;
    EXPECT_TRUE(std::holds_alternative<int64_t>(info.at(code))) << code;
  }
  for (const int32_t code : {3,   515, 516, 518, 519, 520, 521, 523, 524, 527, 532, 536,
                             537, 539, 556, 563, 565, 566, 572, 573, 574, 575, 576}) {
    EXPECT_TRUE(std::holds_alternative<bool>(info.at(code))) << code;
  }
  for (const int32_t code : {0, 1, 504, 513, 514, 529, 530, 531}) {
    EXPECT_TRUE(std::holds_alternative<std::string>(info.at(code))) << code;
  }
  for (const int32_t code : {508, 509, 510, 511, 512}) {
    EXPECT_TRUE(std::holds_alternative<std::vector<std::string>>(info.at(code))) << code;
  }
}

TEST(SqlInfo, AReadOnlyServerSaysSoAndHasNoDefinitions) {
  const SqlInfoServer server{.read_only = true};
  EXPECT_TRUE(
      Get<bool>(SqlInfoOptions::FLIGHT_SQL_SERVER_READ_ONLY, SomeEngine(), server));
  EXPECT_FALSE(Get<bool>(SqlInfoOptions::SQL_DDL_TABLE, SomeEngine(), server));
  EXPECT_FALSE(Get<bool>(SqlInfoOptions::FLIGHT_SQL_SERVER_READ_ONLY, SomeEngine()));
  EXPECT_TRUE(Get<bool>(SqlInfoOptions::SQL_DDL_TABLE, SomeEngine()));
}

TEST(SqlInfo, MasksSetTheBitOfEachOrdinal) {
  EXPECT_EQ(Get<int32_t>(SqlInfoOptions::SQL_OUTER_JOINS_SUPPORT_LEVEL, SomeEngine()),
            0b110);
  EXPECT_EQ(Get<int32_t>(SqlInfoOptions::SQL_SUPPORTED_SUBQUERIES, SomeEngine()), 0b1111);
  EXPECT_EQ(Get<int32_t>(SqlInfoOptions::SQL_SUPPORTED_UNIONS, SomeEngine()), 0b11);
}

TEST(SqlInfo, ConversionsAreGroupedByTheTypeTheyStartFrom) {
  using Map = std::unordered_map<int32_t, std::vector<int32_t>>;
  EXPECT_EQ(Get<Map>(SqlInfoOptions::SQL_SUPPORTS_CONVERT, SomeEngine()),
            (Map{{0, {3, 7}}}));
}

TEST(SqlInfo, TimeoutsAreInMilliseconds) {
  const SqlInfoServer server{.prepared_statement_timeout = std::chrono::minutes(30),
                             .transaction_timeout = std::chrono::hours(10'000)};
  EXPECT_EQ(Get<int32_t>(SqlInfoOptions::FLIGHT_SQL_SERVER_STATEMENT_TIMEOUT,
                         SomeEngine(), server),
            1'800'000);
  // More than an int32 holds.
  EXPECT_EQ(Get<int32_t>(SqlInfoOptions::FLIGHT_SQL_SERVER_TRANSACTION_TIMEOUT,
                         SomeEngine(), server),
            2'147'483'647);
}

}  // namespace
}  // namespace pinion::flight
