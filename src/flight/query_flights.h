#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arrow/flight/server.h>
#include <arrow/result.h>

#include "engine/session.h"
#include "flight/call_gate.h"
#include "flight/client_traits.h"
#include "flight/read_ahead_stream.h"

namespace pinion::flight {

// The session of the engine that a caller's SQL runs in. Thread-safe.
using SessionSource =
    std::function<arrow::Result<std::shared_ptr<engine::Session>>(const Call& call)>;

// SQL text as flights. Only single queries that change nothing: a plain ticket may be
// redeemed several times or never, so what it runs must not matter. Flight SQL is for the
// rest.
//
// The tables of the engine that are no datasets are flights too: of the query that reads
// all of them.
//
// GetFlightInfo prepares the query for its schema, DoGet runs it; both in the caller's
// session.
//
// Thread-safe. Each call is admitted here for its text.
class QueryFlights {
 public:
  QueryFlights(SessionSource sessions, std::shared_ptr<ReadAheadShare> read_ahead)
      : sessions_(std::move(sessions)), read_ahead_(std::move(read_ahead)) {}

  arrow::Result<std::unique_ptr<arrow::flight::FlightInfo>> Info(
      const Call& call, const std::string& sql,
      const arrow::flight::FlightDescriptor& descriptor) const;

  // The tables of the engine, each under the path of its catalog, schema and name, except
  // for those that `skip` tells by the name.
  arrow::Result<std::vector<arrow::flight::FlightInfo>> ListTables(
      const Call& call, const std::function<bool(const std::string&)>& skip) const;

  // The query that reads a table, which `path` names as ListTables does or by the name
  // alone. Empty if there is none.
  arrow::Result<std::string> TableQuery(const Call& call,
                                        const std::vector<std::string>& path) const;

  arrow::Result<std::shared_ptr<arrow::Schema>> Schema(const Call& call,
                                                       const std::string& sql) const;

  arrow::Result<std::unique_ptr<arrow::flight::FlightDataStream>> Stream(
      const Call& call, const std::string& sql, const ClientTraits& traits) const;

 private:
  arrow::Result<std::shared_ptr<engine::Statement>> Prepare(const Call& call,
                                                            const std::string& sql) const;

  const SessionSource sessions_;
  const std::shared_ptr<ReadAheadShare> read_ahead_;
};

}  // namespace pinion::flight
