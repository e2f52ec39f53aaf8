#include "flight/sql_proto.h"

#include <arrow/flight/sql/server.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/reader.h>
#include <arrow/testing/gtest_util.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::flight {
namespace {

using ::testing::HasSubstr;

// "query" = 1, "transaction_id" = 2, as protobuf writes them.
std::string Bytes(char field, std::string_view content) {
  std::string bytes(1, static_cast<char>((field << 3) | 2));
  bytes.push_back(static_cast<char>(content.size()));
  return bytes.append(content);
}

TEST(SqlProto, AMessageOfFlightSqlComesOutOfItsAny) {
  const auto message = UnpackSqlMessage(PackSqlMessage("CommandStatementQuery", "body"));
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->name, "CommandStatementQuery");
  EXPECT_EQ(message->body, "body");
}

TEST(SqlProto, OtherBytesAreNoMessageOfFlightSql) {
  EXPECT_FALSE(UnpackSqlMessage("SELECT 1").has_value());
  EXPECT_FALSE(UnpackSqlMessage("").has_value());
  EXPECT_FALSE(UnpackSqlMessage("\x0a\xff\xff\xff\xff\x0f").has_value());
}

TEST(SqlProto, ReadsTextAndTransactionInAnyOrderAndPassesOverTheRest) {
  const std::string unknown = "\x18\x01";  // field 3, a number
  ASSERT_OK_AND_ASSIGN(const SqlText text,
                       ParseSqlText(Bytes(2, "tx") + unknown + Bytes(1, "SELECT 1")));
  EXPECT_EQ(text.query, "SELECT 1");
  EXPECT_EQ(text.transaction_id, "tx");
}

TEST(SqlProto, RefusesBytesThatAreNoMessage) {
  EXPECT_RAISES_WITH_MESSAGE_THAT(Invalid, HasSubstr("malformed"),
                                  ParseSqlText("\x0a\x7fshort"));
  EXPECT_RAISES_WITH_MESSAGE_THAT(Invalid, HasSubstr("malformed"), ParseSqlText("\x0f"));
  EXPECT_RAISES_WITH_MESSAGE_THAT(Invalid, HasSubstr("malformed"),
                                  ParseSqlText(std::string(1, '\0') + "rest"));
}

TEST(SqlProto, RefusesTextThatIsNotUtf8) {
  EXPECT_RAISES_WITH_MESSAGE_THAT(Invalid, HasSubstr("not UTF-8"),
                                  ParseSqlText(Bytes(1, "SELECT '\xff'")));
}

TEST(SqlProto, WhatArrowWritesAsATicketParses) {
  ASSERT_OK_AND_ASSIGN(const std::string ticket,
                       arrow::flight::sql::CreateStatementQueryTicket("handle"));
  const auto message = UnpackSqlMessage(ticket);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->name, "TicketStatementQuery");
  ASSERT_OK_AND_EQ("handle", ParseHandle(message->body));
  EXPECT_EQ(SerializeHandle("handle"), message->body);
}

TEST(SqlProto, APreparedStatementSaysWhetherItIsAnUpdate) {
  PreparedStatementReply reply;
  reply.handle = "h";
  reply.parameter_schema = arrow::schema({arrow::field("1", arrow::int32())});
  reply.is_update = true;
  ASSERT_OK_AND_ASSIGN(const std::string bytes, SerializePreparedStatement(reply));
  const auto message = UnpackSqlMessage(bytes);
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(message->name, "ActionCreatePreparedStatementResult");
  EXPECT_TRUE(message->body.starts_with(Bytes(1, "h")));
  // No dataset schema, then the parameters, then is_update.
  EXPECT_EQ(message->body[3], (3 << 3) | 2);
  EXPECT_TRUE(message->body.ends_with("\x20\x01"));
}

}  // namespace
}  // namespace pinion::flight
