#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <arrow/result.h>
#include <arrow/type_fwd.h>

namespace pinion::flight {

// A part of a dataset, as GetFlightInfo promised it.
struct DatasetTicket {
  std::string name;
  // Indices of fields; all if unset.
  std::optional<std::vector<int>> columns = std::nullopt;
  // The range of the dataset's batches; to the end if num_batches is unset.
  int64_t first_batch = 0;
  std::optional<int64_t> num_batches = std::nullopt;
  // At most so many rows.
  std::optional<int64_t> limit = std::nullopt;
  // SchemaHash of the dataset: another schema under the same name is not what was
  // promised.
  uint64_t schema_hash = 0;

  bool operator==(const DatasetTicket&) const = default;
};

// A query that plain Flight was asked for.
struct QueryTicket {
  std::string sql;

  bool operator==(const QueryTicket&) const = default;
};

// What a ticket of our own stands for. Opaque to clients; docs/wire_protocol.md describes
// the bytes. It holds all there is to know, so the server keeps nothing for it and it
// never expires.
struct OwnTicket {
  std::variant<DatasetTicket, QueryTicket> target;
  // The same for all tickets of a FlightInfo and no other, which is how CancelFlightInfo
  // finds the streams of its FlightInfo.
  std::string flight_id;

  bool operator==(const OwnTicket&) const = default;
};

std::string EncodeTicket(const OwnTicket& ticket);

// Whether the bytes are meant as a ticket of our own, damaged or not. Names and SQL never
// are: no text begins like one.
bool IsOwnTicket(std::string_view bytes);

// Invalid if it is damaged, or of another version of pinion.
arrow::Result<OwnTicket> DecodeTicket(std::string_view bytes);

// A new OwnTicket::flight_id.
std::string NewFlightId();

uint64_t SchemaHash(const arrow::Schema& schema);

}  // namespace pinion::flight
