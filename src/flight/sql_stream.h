#pragma once

#include <cstdint>
#include <memory>

#include <arrow/flight/server.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "flight/linked_stop.h"
#include "flight/read_ahead_stream.h"

namespace pinion::flight {

// The rows of a statement as the stream of a DoGet, in messages that the client takes,
// some of them read ahead. An error in the middle of it carries its SQLSTATE too. `stop`
// must be what stops `reader`.
arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> MakeSqlStream(
    const arrow::flight::ServerCallContext& context,
    std::shared_ptr<arrow::RecordBatchReader> reader, std::unique_ptr<LinkedStop> stop,
    std::shared_ptr<ReadAheadShare> read_ahead);

// Of a statement that returned no rows: no fields, no batches.
arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> EmptyStream();

// The trailer that names the SQLSTATE of a failed call: Flight has no field for it.
inline constexpr char kSqlStateTrailer[] = "x-pinion-sqlstate";

// Adds it if the error has one.
void SendSqlState(const arrow::flight::ServerCallContext& context,
                  const arrow::Status& status);

// Differs for different schemas, metadata included. The same as long as the server runs.
arrow::Result<uint64_t> HashOf(const arrow::Schema& schema);

}  // namespace pinion::flight
