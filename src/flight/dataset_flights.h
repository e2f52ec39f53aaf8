#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/flight/server.h>
#include <arrow/result.h>

#include "data/catalog.h"
#include "flight/call_gate.h"
#include "flight/client_traits.h"
#include "flight/command.h"
#include "flight/read_ahead_stream.h"
#include "flight/ticket.h"

namespace pinion::flight {

// The datasets of a catalog as flights: what each has, and its rows.
//
// Feather files go out as their messages lie there where the client takes them so; any
// other dataset, and any other client, gets decoded batches, read ahead.
//
// Thread-safe. Each call is admitted here for the dataset that it names.
class DatasetFlights {
 public:
  DatasetFlights(std::shared_ptr<const data::Catalog> catalog,
                 std::shared_ptr<ReadAheadShare> read_ahead)
      : catalog_(std::move(catalog)), read_ahead_(std::move(read_ahead)) {}

  // Those whose name matches a pattern of LIKE, all if it is empty.
  arrow::Result<std::vector<arrow::flight::FlightInfo>> List(
      std::string_view pattern) const;

  arrow::Result<std::unique_ptr<arrow::flight::FlightInfo>> Info(
      const Call& call, const DatasetCommand& command,
      const arrow::flight::FlightDescriptor& descriptor) const;

  arrow::Result<std::shared_ptr<arrow::Schema>> Schema(
      const Call& call, const DatasetCommand& command) const;

  arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> Stream(
      const Call& call, const DatasetTicket& ticket, const ClientTraits& traits) const;

  // Like a ticket that Info would give.
  arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> Stream(
      const Call& call, const DatasetCommand& command, const ClientTraits& traits) const;

 private:
  std::shared_ptr<const data::Catalog> catalog_;
  const std::shared_ptr<ReadAheadShare> read_ahead_;
};

}  // namespace pinion::flight
