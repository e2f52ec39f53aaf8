#include "flight/service.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/near_names.h"
#include "flight/call_stream.h"
#include "flight/plain_service.h"
#include "flight/sql_message.h"
#include "flight/sql_service.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::Action;
using arrow::flight::ActionType;
using arrow::flight::FlightDescriptor;
using arrow::flight::FlightServerBase;
using arrow::flight::ServerCallContext;
using arrow::flight::Ticket;

Status Admit(const ServerCallContext& context, const Purpose& purpose) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return call->Admit(purpose);
}

// For the end of a call: what its caller is told.
Status Outcome(const ServerCallContext& context, const Status& status) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  return call->Outcome(status);
}

// What the bytes of a Flight SQL message want is known to the SQL part.
constexpr Purpose kUnopened{.subject = Purpose::Subject::kServer};

Purpose PurposeOf(const FlightDescriptor& descriptor) {
  if (descriptor.type != FlightDescriptor::PATH || descriptor.path.empty()) {
    return kUnopened;
  }
  return {.subject = Purpose::Subject::kDataset, .name = descriptor.path.front()};
}

bool IsSql(const FlightDescriptor& descriptor) {
  return descriptor.type == FlightDescriptor::CMD && SqlMessageName(descriptor.cmd);
}

bool IsSql(const Ticket& ticket) { return SqlMessageName(ticket.ticket).has_value(); }

// Whose endpoints an action on endpoints is about; std::nullopt for other actions.
Result<std::optional<Ticket>> TicketOf(const Action& action) {
  const std::string_view body =
      action.body == nullptr ? "" : std::string_view(*action.body);
  if (action.type == ActionType::kCancelFlightInfo.type) {
    ARROW_ASSIGN_OR_RAISE(const auto request,
                          arrow::flight::CancelFlightInfoRequest::Deserialize(body));
    if (request.info == nullptr || request.info->endpoints().empty()) {
      return Status::Invalid("CancelFlightInfo needs a FlightInfo with its endpoints");
    }
    return request.info->endpoints().front().ticket;
  }
  if (action.type == ActionType::kRenewFlightEndpoint.type) {
    ARROW_ASSIGN_OR_RAISE(const auto request,
                          arrow::flight::RenewFlightEndpointRequest::Deserialize(body));
    return request.endpoint.ticket;
  }
  return std::nullopt;
}

std::vector<ActionType> ActionsOf(const SqlService& sql) {
  std::vector<ActionType> actions = {ActionType::kCancelFlightInfo,
                                     ActionType::kRenewFlightEndpoint};
  for (ActionType& action : sql.Actions()) actions.push_back(std::move(action));
  return actions;
}

}  // namespace

Result<FlightServerBase*> Service::PartFor(const ServerCallContext& context,
                                           const FlightDescriptor& descriptor) const {
  ARROW_RETURN_NOT_OK(Admit(context, PurposeOf(descriptor)));
  if (IsSql(descriptor)) return &sql_;
  return &plain_;
}

Result<FlightServerBase*> Service::PartFor(const ServerCallContext& context,
                                           const Action& action) const {
  ARROW_RETURN_NOT_OK(Admit(context, kUnopened));
  const std::vector<ActionType> actions = ActionsOf(sql_);
  const auto offered = [&](const ActionType& type) { return type.type == action.type; };
  if (std::none_of(actions.begin(), actions.end(), offered)) {
    std::vector<std::string> names;
    for (const ActionType& type : actions) names.push_back(type.type);
    return Status::NotImplemented(base::UnknownName("action", action.type, names));
  }
  ARROW_ASSIGN_OR_RAISE(const std::optional<Ticket> ticket, TicketOf(action));
  if (ticket.has_value() && !IsSql(*ticket)) return &plain_;
  return &sql_;
}

Status Service::ListFlights(const ServerCallContext& context,
                            const arrow::flight::Criteria* criteria,
                            std::unique_ptr<arrow::flight::FlightListing>* listings) {
  ARROW_RETURN_NOT_OK(Admit(context, {.subject = Purpose::Subject::kServer}));
  return Outcome(context, plain_.ListFlights(context, criteria, listings));
}

Status Service::GetFlightInfo(const ServerCallContext& context,
                              const FlightDescriptor& request,
                              std::unique_ptr<arrow::flight::FlightInfo>* info) {
  ARROW_ASSIGN_OR_RAISE(FlightServerBase * part, PartFor(context, request));
  return Outcome(context, part->GetFlightInfo(context, request, info));
}

Status Service::PollFlightInfo(const ServerCallContext& context,
                               const FlightDescriptor& request,
                               std::unique_ptr<arrow::flight::PollInfo>* info) {
  ARROW_ASSIGN_OR_RAISE(FlightServerBase * part, PartFor(context, request));
  return Outcome(context, part->PollFlightInfo(context, request, info));
}

Status Service::GetSchema(const ServerCallContext& context,
                          const FlightDescriptor& request,
                          std::unique_ptr<arrow::flight::SchemaResult>* schema) {
  ARROW_ASSIGN_OR_RAISE(FlightServerBase * part, PartFor(context, request));
  return Outcome(context, part->GetSchema(context, request, schema));
}

Status Service::DoGet(const ServerCallContext& context, const Ticket& request,
                      std::unique_ptr<arrow::flight::FlightDataStream>* stream) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_RETURN_NOT_OK(call->Admit(kUnopened));
  FlightServerBase* part = &plain_;
  if (IsSql(request)) part = &sql_;
  ARROW_RETURN_NOT_OK(call->Outcome(part->DoGet(context, request, stream)));
  if (*stream != nullptr) {
    *stream = std::make_unique<CallStream>(std::move(*stream), *call);
  }
  return Status::OK();
}

Status Service::DoPut(const ServerCallContext& context,
                      std::unique_ptr<arrow::flight::FlightMessageReader> reader,
                      std::unique_ptr<arrow::flight::FlightMetadataWriter> writer) {
  ARROW_ASSIGN_OR_RAISE(FlightServerBase * part, PartFor(context, reader->descriptor()));
  return Outcome(context, part->DoPut(context, std::move(reader), std::move(writer)));
}

Status Service::DoExchange(const ServerCallContext& context,
                           std::unique_ptr<arrow::flight::FlightMessageReader> reader,
                           std::unique_ptr<arrow::flight::FlightMessageWriter> writer) {
  ARROW_ASSIGN_OR_RAISE(FlightServerBase * part, PartFor(context, reader->descriptor()));
  return Outcome(context,
                 part->DoExchange(context, std::move(reader), std::move(writer)));
}

Status Service::DoAction(const ServerCallContext& context, const Action& action,
                         std::unique_ptr<arrow::flight::ResultStream>* result) {
  Result<FlightServerBase*> part = PartFor(context, action);
  if (!part.ok()) return Outcome(context, part.status());
  return Outcome(context, (*part)->DoAction(context, action, result));
}

Status Service::ListActions(const ServerCallContext& context,
                            std::vector<ActionType>* actions) {
  ARROW_RETURN_NOT_OK(Admit(context, {.subject = Purpose::Subject::kServer}));
  *actions = ActionsOf(sql_);
  return Status::OK();
}

}  // namespace pinion::flight
