#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <arrow/flight/server.h>

#include "data/catalog.h"
#include "flight/dataset_flights.h"
#include "flight/query_flights.h"
#include "flight/read_ahead_stream.h"
#include "flight/uploads.h"

namespace pinion::flight {

// A DoPut with this header replaces a dataset that there is.
inline constexpr char kPutHeader[] = "x-pinion-put";

struct PlainOptions {
  // What one stream may produce ahead of its client.
  std::shared_ptr<ReadAheadShare> read_ahead =
      std::make_shared<ReadAheadShare>(int64_t{16} << 20);
  // Where uploaded datasets are kept; empty refuses them.
  std::string upload_folder = {};
  arrow::Compression::type upload_compression = arrow::Compression::LZ4_FRAME;
};

// The plain Flight part of a server: datasets by name, and SQL as bare text. Called by
// Service, never a server on its own.
//
// Thread-safe.
class PlainService final : public arrow::flight::FlightServerBase {
 public:
  PlainService(const std::shared_ptr<data::Catalog>& catalog, SessionSource sessions,
               const PlainOptions& options);

  // Adds the uploads of earlier servers to the catalog.
  arrow::Status AddEarlierUploads() { return uploads_.AddEarlier(); }

  arrow::Status ListFlights(
      const arrow::flight::ServerCallContext& context,
      const arrow::flight::Criteria* criteria,
      std::unique_ptr<arrow::flight::FlightListing>* listings) override;
  arrow::Status GetFlightInfo(const arrow::flight::ServerCallContext& context,
                              const arrow::flight::FlightDescriptor& request,
                              std::unique_ptr<arrow::flight::FlightInfo>* info) override;
  arrow::Status PollFlightInfo(const arrow::flight::ServerCallContext& context,
                               const arrow::flight::FlightDescriptor& request,
                               std::unique_ptr<arrow::flight::PollInfo>* info) override;
  arrow::Status GetSchema(const arrow::flight::ServerCallContext& context,
                          const arrow::flight::FlightDescriptor& request,
                          std::unique_ptr<arrow::flight::SchemaResult>* schema) override;
  arrow::Status DoGet(const arrow::flight::ServerCallContext& context,
                      const arrow::flight::Ticket& request,
                      std::unique_ptr<arrow::flight::FlightDataStream>* stream) override;
  arrow::Status DoPut(
      const arrow::flight::ServerCallContext& context,
      std::unique_ptr<arrow::flight::FlightMessageReader> reader,
      std::unique_ptr<arrow::flight::FlightMetadataWriter> writer) override;
  arrow::Status DoExchange(
      const arrow::flight::ServerCallContext& context,
      std::unique_ptr<arrow::flight::FlightMessageReader> reader,
      std::unique_ptr<arrow::flight::FlightMessageWriter> writer) override;
  arrow::Status DoAction(const arrow::flight::ServerCallContext& context,
                         const arrow::flight::Action& action,
                         std::unique_ptr<arrow::flight::ResultStream>* result) override;

 private:
  // What a text names: a dataset, `<dataset>_ticket`, a table, a command, else SQL.
  arrow::Result<Command> Resolve(const Call& call, const std::string& text) const;
  // What a path names: a dataset, else a table.
  arrow::Result<Command> ResolvePath(const Call& call,
                                     const std::vector<std::string>& path) const;
  arrow::Result<Command> Resolve(const Call& call,
                                 const arrow::flight::FlightDescriptor& descriptor) const;

  std::shared_ptr<const data::Catalog> catalog_;
  DatasetFlights datasets_;
  QueryFlights queries_;
  Uploads uploads_;
};

}  // namespace pinion::flight
