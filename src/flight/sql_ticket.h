#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include <arrow/result.h>

namespace pinion::flight {

// What a TicketStatementQuery of ours holds.
//
// A query that only reads is named by its text, so that its ticket works again and again
// until it expires, and costs the server nothing that a client could exhaust. It gives no
// more rights than sending the text would: the call that brings it is admitted as if it
// had, and the text is run only if it reads. Everything else is a result the server
// holds.
struct SqlTicket {
  enum class Kind : uint8_t {
    kQuery = 1,    // `sql`, to be run
    kResult = 2,   // a result that is held or to come, named by `id`
    kNothing = 3,  // of a statement that was run and returned no rows
  };

  Kind kind = Kind::kNothing;
  // Unguessable; what CancelFlightInfo finds a running query by.
  std::string id;

  // For kQuery:
  std::chrono::system_clock::time_point expires_at;
  // The session's name and the transaction's handle, or empty.
  std::string session;
  std::string transaction;
  // Of the schema that was promised.
  uint64_t schema_hash = 0;
  std::string sql;
};

// As the bytes of a Ticket, Any included.
std::string SerializeTicket(const SqlTicket& ticket);

// From the statement_handle of a TicketStatementQuery. An error if it is not one of ours.
arrow::Result<SqlTicket> ParseTicket(std::string_view statement_handle);

}  // namespace pinion::flight
