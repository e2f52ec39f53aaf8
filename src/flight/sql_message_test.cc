#include "flight/sql_message.h"

#include <string>

#include <arrow/flight/sql/server.h>
#include <google/protobuf/any.pb.h>
#include <gtest/gtest.h>

namespace pinion::flight {
namespace {

std::string Packed(const std::string& type_url, const std::string& value) {
  google::protobuf::Any any;
  any.set_type_url(type_url);
  any.set_value(value);
  return any.SerializeAsString();
}

const char kPrefix[] = "type.googleapis.com/arrow.flight.protocol.sql.";

TEST(SqlMessageName, IsTheTypeOfAPackedCommand) {
  const std::string bytes =
      Packed(std::string(kPrefix) + "CommandStatementQuery", std::string(300, 'x'));
  EXPECT_EQ(SqlMessageName(bytes), "CommandStatementQuery");
}

TEST(SqlMessageName, IsFoundInATicketMadeByArrow) {
  const std::string ticket =
      arrow::flight::sql::CreateStatementQueryTicket("handle").ValueOrDie();
  EXPECT_EQ(SqlMessageName(ticket), "TicketStatementQuery");
}

TEST(SqlMessageName, DoesNotNeedAValue) {
  const std::string bytes = Packed(std::string(kPrefix) + "CommandGetCatalogs", "");
  EXPECT_EQ(SqlMessageName(bytes), "CommandGetCatalogs");
}

TEST(SqlMessageName, DoesNotNeedTheFieldsInOrder) {
  const std::string bytes = Packed("", "value") + Packed(std::string(kPrefix) + "X", "");
  EXPECT_EQ(SqlMessageName(bytes), "X");
}

TEST(SqlMessageName, IsNothingForOtherBytes) {
  EXPECT_EQ(SqlMessageName(""), std::nullopt);
  EXPECT_EQ(SqlMessageName("SELECT 1"), std::nullopt);
  EXPECT_EQ(SqlMessageName("\nSELECT 1"), std::nullopt);
  EXPECT_EQ(SqlMessageName("{\"query\": \"SELECT 1\"}"), std::nullopt);
  EXPECT_EQ(SqlMessageName(Packed("type.googleapis.com/google.protobuf.Empty", "")),
            std::nullopt);
  EXPECT_EQ(SqlMessageName(kPrefix), std::nullopt);
}

TEST(SqlMessageName, IsNothingForACutMessage) {
  const std::string bytes =
      Packed(std::string(kPrefix) + "CommandStatementQuery", "value");
  const size_t end_of_type = bytes.size() - (2 + 5);
  for (size_t size = 0; size < bytes.size(); ++size) {
    if (size == end_of_type) continue;  // a whole message again, without a value
    EXPECT_EQ(SqlMessageName(std::string_view(bytes).substr(0, size)), std::nullopt)
        << size;
  }
}

TEST(SqlMessageName, IsNothingForALengthThatNeverEnds) {
  EXPECT_EQ(SqlMessageName("\n" + std::string(20, '\xff')), std::nullopt);
}

}  // namespace
}  // namespace pinion::flight
