#pragma once

#include <string>
#include <string_view>

#include <arrow/status.h>

namespace pinion::flight {

// What a status becomes on the wire. Every status of every call passes here, and nothing
// else in pinion decides about codes:
//
// - Only Invalid, KeyError, NotImplemented, AlreadyExists and Cancelled keep their
// meaning
//   in Flight; every other one gets the Flight code that says the same, since it would
//   arrive as UNKNOWN. An engine's error goes by its class. A status that has a Flight
//   code already keeps it.
// - The message is cut to what the headers it travels in (twice) can carry, and made
// valid
//   UTF-8.
//
// docs/wire_protocol.md has the table.
arrow::Status ToWire(const arrow::Status& status);

// An engine's error about `sql` with the place in it: "... at line 2, column 8". Any
// other status as it is.
arrow::Status WithLocation(const arrow::Status& status, std::string_view sql);

// The refusals of the call gate and the life cycle, in the codes they have on the wire.
arrow::Status PermissionDenied(std::string message);
arrow::Status Unavailable(std::string message);

// The text with invalid UTF-8 replaced and cut, with "..." at the end, such that gRPC's
// encoding of it takes at most `max_bytes`.
std::string FitHeader(std::string_view text, size_t max_bytes);

}  // namespace pinion::flight
