#include "flight/ticket.h"

#include <limits>
#include <string>

#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion::flight {
namespace {

OwnTicket FullTicket() {
  return {.target = DatasetTicket{.name = "größe '\" / x",
                                  .columns = std::vector<int>{3, 0, 200},
                                  .first_batch = 1'000'000,
                                  .num_batches = 0,
                                  .limit = std::numeric_limits<int64_t>::max() - 1,
                                  .schema_hash = 0xfedcba9876543210},
          .flight_id = NewFlightId()};
}

TEST(Ticket, SurvivesTheWire) {
  for (const OwnTicket& ticket :
       {FullTicket(),
        OwnTicket{.target = DatasetTicket{.name = "t"}, .flight_id = NewFlightId()},
        OwnTicket{.target = DatasetTicket{.name = "t", .columns = std::vector<int>{}},
                  .flight_id = NewFlightId()},
        OwnTicket{.target = QueryTicket{.sql = "SELECT 1\n"}, .flight_id = NewFlightId()},
        OwnTicket{.target = QueryTicket{.sql = std::string(100'000, 'x')},
                  .flight_id = NewFlightId()}}) {
    const std::string bytes = EncodeTicket(ticket);
    EXPECT_TRUE(IsOwnTicket(bytes));
    const auto decoded = DecodeTicket(bytes);
    ASSERT_TRUE(decoded.ok()) << decoded.status();
    EXPECT_EQ(*decoded, ticket);
  }
}

TEST(Ticket, IsInvalidWhenCut) {
  const std::string bytes = EncodeTicket(FullTicket());
  for (size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_TRUE(DecodeTicket(bytes.substr(0, size)).status().IsInvalid()) << size;
  }
  EXPECT_TRUE(DecodeTicket(bytes + "x").status().IsInvalid());
}

TEST(Ticket, IsInvalidWhenAnyBitIsWrong) {
  const std::string bytes = EncodeTicket(FullTicket());
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    std::string damaged = bytes;
    damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_TRUE(DecodeTicket(damaged).status().IsInvalid()) << bit;
  }
}

TEST(Ticket, IsNoText) {
  EXPECT_FALSE(IsOwnTicket(""));
  EXPECT_FALSE(IsOwnTicket("SELECT 1"));
  EXPECT_FALSE(IsOwnTicket("großes"));
}

TEST(Ticket, HasAFlightIdOfItsOwn) { EXPECT_NE(NewFlightId(), NewFlightId()); }

TEST(SchemaHash, TellsSchemasApart) {
  const auto schema = arrow::schema({arrow::field("a", arrow::int32())});
  EXPECT_EQ(SchemaHash(*schema),
            SchemaHash(*arrow::schema({arrow::field("a", arrow::int32())})));
  EXPECT_NE(SchemaHash(*schema),
            SchemaHash(*arrow::schema({arrow::field("a", arrow::int32(), false)})));
}

}  // namespace
}  // namespace pinion::flight
