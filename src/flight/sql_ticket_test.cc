#include "flight/sql_ticket.h"

#include <arrow/testing/gtest_util.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "flight/sql_proto.h"

namespace pinion::flight {
namespace {

using ::testing::HasSubstr;

std::string HandleIn(const std::string& ticket) {
  return ParseHandle(UnpackSqlMessage(ticket).value().body).ValueOrDie();
}

SqlTicket Query() {
  SqlTicket ticket;
  ticket.kind = SqlTicket::Kind::kQuery;
  ticket.id = "0123456789abcdef";
  ticket.expires_at = std::chrono::system_clock::time_point(std::chrono::hours(500'000));
  ticket.session = "session";
  ticket.transaction = "transaction";
  ticket.schema_hash = 0xfedcba9876543210;
  ticket.sql = std::string("SELECT '\xc3\xa9\0'", 12);
  return ticket;
}

TEST(SqlTicket, AQueryComesBackAsItWas) {
  const SqlTicket sent = Query();
  ASSERT_OK_AND_ASSIGN(const SqlTicket got, ParseTicket(HandleIn(SerializeTicket(sent))));
  EXPECT_EQ(got.kind, sent.kind);
  EXPECT_EQ(got.id, sent.id);
  EXPECT_EQ(got.expires_at, sent.expires_at);
  EXPECT_EQ(got.session, sent.session);
  EXPECT_EQ(got.transaction, sent.transaction);
  EXPECT_EQ(got.schema_hash, sent.schema_hash);
  EXPECT_EQ(got.sql, sent.sql);
}

TEST(SqlTicket, AResultComesBackAsItWas) {
  SqlTicket sent;
  sent.kind = SqlTicket::Kind::kResult;
  sent.id = "id";
  ASSERT_OK_AND_ASSIGN(const SqlTicket got, ParseTicket(HandleIn(SerializeTicket(sent))));
  EXPECT_EQ(got.kind, SqlTicket::Kind::kResult);
  EXPECT_EQ(got.id, "id");
}

TEST(SqlTicket, EveryCutOfATicketIsRefused) {
  const std::string handle = HandleIn(SerializeTicket(Query()));
  for (size_t size = 0; size < handle.size(); ++size) {
    SCOPED_TRACE(size);
    EXPECT_RAISES_WITH_MESSAGE_THAT(Invalid, HasSubstr("GetFlightInfo"),
                                    ParseTicket(handle.substr(0, size)));
  }
  EXPECT_RAISES_WITH_MESSAGE_THAT(Invalid, HasSubstr("GetFlightInfo"),
                                  ParseTicket(handle + "x"));
}

TEST(SqlTicket, ATimeBeyondTheClockIsRefused) {
  // Kind and an empty id, then the largest number there is.
  const std::string handle = std::string("\x01\0", 2) + std::string(9, '\xff') + "\x01";
  EXPECT_RAISES_WITH_MESSAGE_THAT(Invalid, HasSubstr("GetFlightInfo"),
                                  ParseTicket(handle));
}

}  // namespace
}  // namespace pinion::flight
