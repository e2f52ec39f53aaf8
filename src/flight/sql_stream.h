#pragma once

#include <cstdint>
#include <memory>

#include <arrow/flight/server.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "engine/dataset_rows.h"
#include "engine/message_rows.h"
#include "flight/client_traits.h"
#include "flight/linked_stop.h"
#include "flight/read_ahead_stream.h"

namespace pinion::flight {

// What is sent of a statement.
struct ResultRows {
  std::shared_ptr<arrow::RecordBatchReader> reader;
  // What `reader` reads if that is rows of a dataset, else null.
  std::shared_ptr<engine::DatasetRows> dataset_rows;
  // What `reader` reads if the engine has made messages of it, else null.
  std::shared_ptr<engine::MessageRows> messages;
};

// The rows as the stream of a DoGet, in messages that the client takes: those of the
// dataset where that is possible, else new ones, some of them read ahead. `stop` must be
// what stops the reader.
arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> MakeRowStream(
    ResultRows rows, const ClientTraits& traits, std::unique_ptr<LinkedStop> stop,
    std::shared_ptr<ReadAheadShare> read_ahead);

// The same for a client of Flight SQL: an error in the middle of it carries its SQLSTATE
// too.
arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> MakeSqlStream(
    const arrow::flight::ServerCallContext& context, ResultRows rows,
    const ClientTraits& traits, std::unique_ptr<LinkedStop> stop,
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
