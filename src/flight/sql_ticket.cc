#include "flight/sql_ticket.h"

#include <arrow/status.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "flight/sql_proto.h"

namespace pinion::flight {
namespace {

namespace io = google::protobuf::io;
using std::chrono::milliseconds;
using std::chrono::system_clock;

void Write(io::CodedOutputStream& output, const std::string& bytes) {
  output.WriteVarint32(static_cast<uint32_t>(bytes.size()));
  output.WriteString(bytes);
}

bool Read(io::CodedInputStream& input, std::string& bytes) {
  uint32_t size;
  return input.ReadVarint32(&size) && size <= INT32_MAX &&
         input.ReadString(&bytes, static_cast<int>(size));
}

bool ReadQuery(io::CodedInputStream& input, SqlTicket& ticket) {
  uint64_t expires_at;
  if (!input.ReadVarint64(&expires_at)) return false;
  // Another value would overflow the clock's finer unit.
  const auto latest = std::chrono::duration_cast<milliseconds>(
      system_clock::time_point::max().time_since_epoch());
  if (expires_at > static_cast<uint64_t>(latest.count())) return false;
  ticket.expires_at =
      system_clock::time_point(milliseconds(static_cast<int64_t>(expires_at)));
  return Read(input, ticket.session) && Read(input, ticket.transaction) &&
         input.ReadLittleEndian64(&ticket.schema_hash) && Read(input, ticket.sql);
}

}  // namespace

std::string SerializeTicket(const SqlTicket& ticket) {
  std::string handle;
  {
    io::StringOutputStream sink(&handle);
    io::CodedOutputStream output(&sink);
    output.WriteVarint32(static_cast<uint32_t>(ticket.kind));
    Write(output, ticket.id);
    if (ticket.kind == SqlTicket::Kind::kQuery) {
      const auto expires_at =
          std::chrono::duration_cast<milliseconds>(ticket.expires_at.time_since_epoch());
      output.WriteVarint64(static_cast<uint64_t>(expires_at.count()));
      Write(output, ticket.session);
      Write(output, ticket.transaction);
      output.WriteLittleEndian64(ticket.schema_hash);
      Write(output, ticket.sql);
    }
  }
  return PackSqlMessage("TicketStatementQuery", SerializeHandle(handle));
}

arrow::Result<SqlTicket> ParseTicket(std::string_view statement_handle) {
  io::CodedInputStream input(reinterpret_cast<const uint8_t*>(statement_handle.data()),
                             static_cast<int>(statement_handle.size()));
  SqlTicket ticket;
  uint32_t kind;
  bool good = input.ReadVarint32(&kind) &&
              kind >= static_cast<uint32_t>(SqlTicket::Kind::kQuery) &&
              kind <= static_cast<uint32_t>(SqlTicket::Kind::kNothing) &&
              Read(input, ticket.id);
  if (good) {
    ticket.kind = static_cast<SqlTicket::Kind>(kind);
    if (ticket.kind == SqlTicket::Kind::kQuery) good = ReadQuery(input, ticket);
  }
  if (!good || input.CurrentPosition() != static_cast<int>(statement_handle.size())) {
    return arrow::Status::Invalid(
        "this ticket is not from this server: get one with GetFlightInfo");
  }
  return ticket;
}

}  // namespace pinion::flight
