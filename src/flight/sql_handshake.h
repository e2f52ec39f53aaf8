#pragma once

#include <arrow/flight/server.h>

namespace pinion::flight {

// Makes a server answer Handshake, which clients call that were given a name and
// password, and take a refusal of for a failed connection.
//
// Nothing is authenticated: any credentials are accepted, and the bearer token that comes
// back, because clients insist on one, is ignored in the calls that bring it.
void AnswerHandshake(arrow::flight::FlightServerOptions& options);

}  // namespace pinion::flight
