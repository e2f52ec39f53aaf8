#pragma once

#include <cstdint>

#include <arrow/flight/server.h>
#include <arrow/flight/sql/server.h>
#include <arrow/result.h>

#include "engine/session.h"
#include "flight/call_gate.h"
#include "flight/sql_transactions.h"

namespace pinion::flight {

// Copies an upload into a table and returns the number of its rows. All or nothing: of an
// upload that fails, is cancelled or breaks off, no row stays. `transaction` is null for
// none.
arrow::Result<int64_t> Ingest(const Call& call, engine::Session& session,
                              const SqlTransaction* transaction,
                              const arrow::flight::sql::StatementIngest& command,
                              arrow::flight::FlightMessageReader& upload);

}  // namespace pinion::flight
