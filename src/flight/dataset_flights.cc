#include "flight/dataset_flights.h"

#include <algorithm>
#include <optional>
#include <utility>

#include <arrow/type.h>

#include "base/like_pattern.h"
#include "base/near_names.h"
#include "flight/dataset_stream.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Schema;
using arrow::Status;
using arrow::flight::FlightDataStream;
using arrow::flight::FlightDescriptor;
using arrow::flight::FlightEndpoint;
using arrow::flight::FlightInfo;
using data::Dataset;

Result<int> ColumnIndex(const Schema& schema, const std::string& name) {
  const std::vector<int> indices = schema.GetAllFieldIndices(name);
  if (indices.empty()) {
    return Status::KeyError(base::UnknownName("column", name, schema.field_names()));
  }
  if (indices.size() > 1) {
    return Status::Invalid("several columns are named ", base::QuoteForMessage(name));
  }
  return indices.front();
}

Result<std::vector<int>> ColumnIndices(const Schema& schema,
                                       const std::vector<std::string>& names) {
  std::vector<int> indices;
  for (const std::string& name : names) {
    ARROW_ASSIGN_OR_RAISE(const int index, ColumnIndex(schema, name));
    if (std::find(indices.begin(), indices.end(), index) != indices.end()) {
      return Status::Invalid("the column ", base::QuoteForMessage(name),
                             " is asked for twice");
    }
    indices.push_back(index);
  }
  return indices;
}

Result<DatasetTicket> TicketFor(const Dataset& dataset, const DatasetCommand& command) {
  DatasetTicket ticket{.name = command.dataset,
                       .limit = command.limit,
                       .schema_hash = SchemaHash(*dataset.schema())};
  if (command.columns.has_value()) {
    ARROW_ASSIGN_OR_RAISE(ticket.columns,
                          ColumnIndices(*dataset.schema(), *command.columns));
  }
  return ticket;
}

std::shared_ptr<Schema> SchemaOf(const Dataset& dataset, const DatasetTicket& ticket) {
  if (!ticket.columns.has_value()) return dataset.schema();
  arrow::FieldVector fields;
  for (const int column : *ticket.columns)
    fields.push_back(dataset.schema()->field(column));
  return arrow::schema(std::move(fields), dataset.schema()->endianness(),
                       dataset.schema()->metadata());
}

int64_t RowsOf(const Dataset& dataset, const DatasetTicket& ticket) {
  const std::optional<int64_t> rows = dataset.num_rows();
  if (!rows.has_value()) return -1;
  return std::min(*rows, ticket.limit.value_or(*rows));
}

// The size of the file; unknown for a part of it.
int64_t BytesOf(const Dataset& dataset, const DatasetTicket& ticket) {
  const bool all = !ticket.columns.has_value() && !ticket.limit.has_value();
  return all ? dataset.num_bytes() : -1;
}

// Cuts the batches into at most `count` ranges of nearly the same size.
std::vector<DatasetTicket> Split(const DatasetTicket& ticket, int64_t num_batches,
                                 int64_t count) {
  // A limit counts from the first row, so it needs the rows in one stream.
  count = ticket.limit.has_value() ? 1 : std::min(count, num_batches);
  if (count <= 1) return {ticket};
  std::vector<DatasetTicket> parts(count, ticket);
  for (int64_t i = 0; i < count; ++i) {
    parts[i].first_batch = num_batches * i / count;
    parts[i].num_batches = num_batches * (i + 1) / count - parts[i].first_batch;
  }
  return parts;
}

Result<FlightInfo> InfoOf(const Dataset& dataset, const DatasetTicket& ticket,
                          int64_t num_endpoints, const FlightDescriptor& descriptor) {
  const std::string flight_id = NewFlightId();
  std::vector<FlightEndpoint> endpoints;
  for (DatasetTicket& part : Split(ticket, dataset.num_batches(), num_endpoints)) {
    FlightEndpoint& endpoint = endpoints.emplace_back();
    endpoint.ticket.ticket =
        EncodeTicket({.target = std::move(part), .flight_id = flight_id});
  }
  return FlightInfo::Make(SchemaOf(dataset, ticket), descriptor, endpoints,
                          RowsOf(dataset, ticket), BytesOf(dataset, ticket),
                          /*ordered=*/endpoints.size() > 1);
}

Status AdmitRead(const Call& call, std::string_view name) {
  return call.Admit({.subject = Purpose::Subject::kDataset, .name = name});
}

}  // namespace

Result<std::vector<FlightInfo>> DatasetFlights::List(std::string_view pattern) const {
  std::vector<FlightInfo> infos;
  for (const data::Catalog::Entry& entry : catalog_->List()) {
    if (!pattern.empty() && !base::MatchesLike(entry.name, pattern)) continue;
    ARROW_ASSIGN_OR_RAISE(const DatasetTicket ticket,
                          TicketFor(*entry.dataset, {.dataset = entry.name}));
    ARROW_ASSIGN_OR_RAISE(FlightInfo info,
                          InfoOf(*entry.dataset, ticket, /*num_endpoints=*/1,
                                 FlightDescriptor::Path({entry.name})));
    infos.push_back(std::move(info));
  }
  return infos;
}

Result<std::unique_ptr<FlightInfo>> DatasetFlights::Info(
    const Call& call, const DatasetCommand& command,
    const FlightDescriptor& descriptor) const {
  ARROW_RETURN_NOT_OK(AdmitRead(call, command.dataset));
  ARROW_ASSIGN_OR_RAISE(const auto dataset, catalog_->Find(command.dataset));
  ARROW_ASSIGN_OR_RAISE(const DatasetTicket ticket, TicketFor(*dataset, command));
  ARROW_ASSIGN_OR_RAISE(FlightInfo info,
                        InfoOf(*dataset, ticket, command.endpoints, descriptor));
  return std::make_unique<FlightInfo>(std::move(info));
}

Result<std::shared_ptr<Schema>> DatasetFlights::Schema(
    const Call& call, const DatasetCommand& command) const {
  ARROW_RETURN_NOT_OK(AdmitRead(call, command.dataset));
  ARROW_ASSIGN_OR_RAISE(const auto dataset, catalog_->Find(command.dataset));
  ARROW_ASSIGN_OR_RAISE(const DatasetTicket ticket, TicketFor(*dataset, command));
  return SchemaOf(*dataset, ticket);
}

Result<std::unique_ptr<FlightDataStream>> DatasetFlights::Stream(
    const Call& call, const DatasetCommand& command, const ClientTraits& traits) const {
  ARROW_RETURN_NOT_OK(AdmitRead(call, command.dataset));
  ARROW_ASSIGN_OR_RAISE(const auto dataset, catalog_->Find(command.dataset));
  ARROW_ASSIGN_OR_RAISE(const DatasetTicket ticket, TicketFor(*dataset, command));
  return Stream(call, ticket, traits);
}

Result<std::unique_ptr<FlightDataStream>> DatasetFlights::Stream(
    const Call& call, const DatasetTicket& ticket, const ClientTraits& traits) const {
  ARROW_RETURN_NOT_OK(AdmitRead(call, ticket.name));
  ARROW_ASSIGN_OR_RAISE(const auto dataset, catalog_->Find(ticket.name));
  if (SchemaHash(*dataset->schema()) != ticket.schema_hash) {
    return Status::Invalid("the dataset ", base::QuoteForMessage(ticket.name),
                           " has got another schema since the ticket was given; get a "
                           "new one with GetFlightInfo");
  }
  auto stop = std::make_unique<LinkedStop>(call.stop_token());
  const DatasetRequest request{.dataset = dataset,
                               .read = {.columns = ticket.columns,
                                        .first_batch = ticket.first_batch,
                                        .num_batches = ticket.num_batches,
                                        .stop = stop->token()},
                               .rows = {.count = ticket.limit}};
  return MakeDatasetStream(request, traits, std::move(stop), read_ahead_);
}

}  // namespace pinion::flight
