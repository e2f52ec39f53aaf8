#pragma once

#include <memory>
#include <vector>

#include <arrow/flight/server.h>
#include <arrow/status.h>

#include "flight/call_gate.h"

namespace pinion::flight {

class PlainService;
class SqlService;

// What one listener serves: tells Flight SQL from plain Flight and hands each call on.
//
// Arrow's FlightSqlServerBase refuses whatever is not a Flight SQL message, so it cannot
// be the server itself; it is called from here. A message packed in an Any of the Flight
// SQL package goes to `sql`, by whatever method it comes; so do the actions that Flight
// SQL names. Everything else is plain Flight.
//
// Every call passes `Admit` here with what its message shows, then again in the part that
// knows more of it; every status that leaves passes ToWire.
//
// Thread-safe. Borrows the parts, which all listeners of a server share.
class Service final : public arrow::flight::FlightServerBase {
 public:
  Service(PlainService& plain, SqlService& sql) : plain_(plain), sql_(sql) {}

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
  arrow::Status ListActions(const arrow::flight::ServerCallContext& context,
                            std::vector<arrow::flight::ActionType>* actions) override;

 private:
  // The part that a descriptor or an action belongs to, once the call is admitted.
  arrow::Result<arrow::flight::FlightServerBase*> PartFor(
      const arrow::flight::ServerCallContext& context,
      const arrow::flight::FlightDescriptor& descriptor) const;
  arrow::Result<arrow::flight::FlightServerBase*> PartFor(
      const arrow::flight::ServerCallContext& context,
      const arrow::flight::Action& action) const;

  PlainService& plain_;
  SqlService& sql_;
};

}  // namespace pinion::flight
