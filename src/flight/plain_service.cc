#include "flight/plain_service.h"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include <arrow/buffer.h>

#include "base/like_pattern.h"
#include "base/near_names.h"
#include "flight/command.h"

namespace pinion::flight {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::Action;
using arrow::flight::ActionType;
using arrow::flight::FlightDataStream;
using arrow::flight::FlightDescriptor;
using arrow::flight::FlightInfo;
using arrow::flight::ServerCallContext;

// The tickets of the servers that pinion stands in for: "<dataset>_ticket".
constexpr std::string_view kTicketSuffix = "_ticket";

std::string_view Trimmed(std::string_view text) {
  constexpr char kSpace[] = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::string_view WithoutTicketSuffix(std::string_view text) {
  if (text.ends_with(kTicketSuffix)) text.remove_suffix(kTicketSuffix.size());
  return text;
}

// One word is no SQL statement, so it is meant as a name.
bool IsWord(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char character) {
    const auto byte = static_cast<unsigned char>(character);
    return std::isspace(byte) || character == ';' || character == '(';
  });
}

std::string JoinedPath(const std::vector<std::string>& path) {
  std::string name;
  for (const std::string& part : path) {
    if (!name.empty()) name.push_back('/');
    name.append(part);
  }
  return name;
}

Result<std::unique_ptr<arrow::flight::ResultStream>> OneResult(
    Result<std::shared_ptr<arrow::Buffer>> body) {
  ARROW_ASSIGN_OR_RAISE(auto buffer, std::move(body));
  return std::make_unique<arrow::flight::SimpleResultStream>(
      std::vector<arrow::flight::Result>{arrow::flight::Result(std::move(buffer))});
}

// Stops the streams of a FlightInfo that run now. Its tickets stay good.
Result<std::unique_ptr<arrow::flight::ResultStream>> CancelFlightInfo(
    const Call& call, std::string_view body) {
  ARROW_ASSIGN_OR_RAISE(const auto request,
                        arrow::flight::CancelFlightInfoRequest::Deserialize(body));
  int stopped = 0;
  for (const auto& endpoint : request.info->endpoints()) {
    if (!IsOwnTicket(endpoint.ticket.ticket)) continue;
    ARROW_ASSIGN_OR_RAISE(const OwnTicket ticket, DecodeTicket(endpoint.ticket.ticket));
    stopped += call.gate().StopFlight(ticket.flight_id);
  }
  const arrow::flight::CancelFlightInfoResult result(
      stopped > 0 ? arrow::flight::CancelStatus::kCancelled
                  : arrow::flight::CancelStatus::kNotCancellable);
  return OneResult(result.SerializeToBuffer());
}

// Tickets do not expire, so there is nothing to renew in one that is good.
Result<std::unique_ptr<arrow::flight::ResultStream>> RenewFlightEndpoint(
    std::string_view body) {
  ARROW_ASSIGN_OR_RAISE(auto request,
                        arrow::flight::RenewFlightEndpointRequest::Deserialize(body));
  if (IsOwnTicket(request.endpoint.ticket.ticket)) {
    ARROW_RETURN_NOT_OK(DecodeTicket(request.endpoint.ticket.ticket));
  }
  request.endpoint.expiration_time = std::nullopt;
  return OneResult(request.endpoint.SerializeToBuffer());
}

Result<bool> IsReplacing(const ServerCallContext& context) {
  const auto header = context.incoming_headers().find(kPutHeader);
  if (header == context.incoming_headers().end() || header->second == "create") {
    return false;
  }
  if (header->second == "replace") return true;
  return Status::Invalid("the header ", kPutHeader, " is ",
                         base::QuoteForMessage(header->second),
                         "; it can be create or replace");
}

}  // namespace

PlainService::PlainService(const std::shared_ptr<data::Catalog>& catalog,
                           SessionSource sessions, const PlainOptions& options)
    : catalog_(catalog),
      datasets_(catalog, options.read_ahead),
      queries_(std::move(sessions), options.read_ahead),
      uploads_(catalog, options.upload_folder, options.upload_compression) {}

Result<Command> PlainService::Resolve(const Call& call, const std::string& text) const {
  const std::string trimmed(Trimmed(text));
  if (catalog_->FindOrNull(trimmed) != nullptr) {
    return DatasetCommand{.dataset = trimmed};
  }
  const std::string name(WithoutTicketSuffix(trimmed));
  if (catalog_->FindOrNull(name) != nullptr) return DatasetCommand{.dataset = name};
  if (!name.empty() && IsWord(name) && name.front() != '{') {
    return ResolvePath(call, {name});
  }
  return ParseCommand(text);
}

Result<Command> PlainService::ResolvePath(const Call& call,
                                          const std::vector<std::string>& path) const {
  if (path.empty()) {
    return Status::Invalid("the path is empty; expected the name of a dataset");
  }
  const std::string name = JoinedPath(path);
  const Result<std::shared_ptr<const data::Dataset>> dataset = catalog_->Find(name);
  if (dataset.ok()) return DatasetCommand{.dataset = name};
  ARROW_ASSIGN_OR_RAISE(const std::string query, queries_.TableQuery(call, path));
  // The catalog's error says what there is.
  if (query.empty()) return dataset.status();
  return QueryCommand{.sql = query};
}

Result<Command> PlainService::Resolve(const Call& call,
                                      const FlightDescriptor& descriptor) const {
  return descriptor.type == FlightDescriptor::CMD ? Resolve(call, descriptor.cmd)
                                                  : ResolvePath(call, descriptor.path);
}

Status PlainService::ListFlights(
    const ServerCallContext& context, const arrow::flight::Criteria* criteria,
    std::unique_ptr<arrow::flight::FlightListing>* listings) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  const std::string pattern = criteria == nullptr ? "" : criteria->expression;
  ARROW_ASSIGN_OR_RAISE(std::vector<FlightInfo> infos, datasets_.List(pattern));
  ARROW_ASSIGN_OR_RAISE(const std::vector<FlightInfo> tables,
                        queries_.ListTables(*call, [&](const std::string& name) {
                          // A dataset is listed already, and not once more as the view
                          // that SQL has of it.
                          return catalog_->FindOrNull(name) != nullptr ||
                                 !(pattern.empty() || base::MatchesLike(name, pattern));
                        }));
  infos.insert(infos.end(), tables.begin(), tables.end());
  *listings = std::make_unique<arrow::flight::SimpleFlightListing>(std::move(infos));
  return Status::OK();
}

Status PlainService::GetFlightInfo(const ServerCallContext& context,
                                   const FlightDescriptor& request,
                                   std::unique_ptr<FlightInfo>* info) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(const Command command, Resolve(*call, request));
  if (const auto* dataset = std::get_if<DatasetCommand>(&command)) {
    ARROW_ASSIGN_OR_RAISE(*info, datasets_.Info(*call, *dataset, request));
  } else {
    const std::string& sql = std::get<QueryCommand>(command).sql;
    ARROW_ASSIGN_OR_RAISE(*info, queries_.Info(*call, sql, request));
  }
  return Status::OK();
}

// Nothing runs before DoGet, so the first answer is the last.
Status PlainService::PollFlightInfo(const ServerCallContext& context,
                                    const FlightDescriptor& request,
                                    std::unique_ptr<arrow::flight::PollInfo>* info) {
  auto poll = std::make_unique<arrow::flight::PollInfo>();
  ARROW_RETURN_NOT_OK(GetFlightInfo(context, request, &poll->info));
  poll->progress = 1.0;
  *info = std::move(poll);
  return Status::OK();
}

Status PlainService::GetSchema(const ServerCallContext& context,
                               const FlightDescriptor& request,
                               std::unique_ptr<arrow::flight::SchemaResult>* schema) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(const Command command, Resolve(*call, request));
  std::shared_ptr<arrow::Schema> result;
  if (const auto* dataset = std::get_if<DatasetCommand>(&command)) {
    ARROW_ASSIGN_OR_RAISE(result, datasets_.Schema(*call, *dataset));
  } else {
    const std::string& sql = std::get<QueryCommand>(command).sql;
    ARROW_ASSIGN_OR_RAISE(result, queries_.Schema(*call, sql));
  }
  return arrow::flight::SchemaResult::Make(*result).Value(schema);
}

Status PlainService::DoGet(const ServerCallContext& context,
                           const arrow::flight::Ticket& request,
                           std::unique_ptr<FlightDataStream>* stream) {
  ARROW_ASSIGN_OR_RAISE(Call * call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(const ClientTraits traits, call->Traits());
  if (IsOwnTicket(request.ticket)) {
    ARROW_ASSIGN_OR_RAISE(const OwnTicket ticket, DecodeTicket(request.ticket));
    call->SetFlight(ticket.flight_id);
    if (const auto* dataset = std::get_if<DatasetTicket>(&ticket.target)) {
      return datasets_.Stream(*call, *dataset, traits).Value(stream);
    }
    const std::string& sql = std::get<QueryTicket>(ticket.target).sql;
    return queries_.Stream(*call, sql, traits).Value(stream);
  }
  ARROW_ASSIGN_OR_RAISE(const Command command, Resolve(*call, request.ticket));
  if (const auto* dataset = std::get_if<DatasetCommand>(&command)) {
    return datasets_.Stream(*call, *dataset, traits).Value(stream);
  }
  const std::string& sql = std::get<QueryCommand>(command).sql;
  return queries_.Stream(*call, sql, traits).Value(stream);
}

Status PlainService::DoPut(const ServerCallContext& context,
                           std::unique_ptr<arrow::flight::FlightMessageReader> reader,
                           std::unique_ptr<arrow::flight::FlightMetadataWriter>) {
  const FlightDescriptor& descriptor = reader->descriptor();
  if (descriptor.type != FlightDescriptor::PATH || descriptor.path.empty()) {
    return Status::Invalid(
        "an upload needs a path descriptor with the dataset's name; Flight SQL takes "
        "statements");
  }
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(const bool replace, IsReplacing(context));
  return uploads_.Receive(*call, JoinedPath(descriptor.path), replace, *reader);
}

Status PlainService::DoExchange(const ServerCallContext&,
                                std::unique_ptr<arrow::flight::FlightMessageReader>,
                                std::unique_ptr<arrow::flight::FlightMessageWriter>) {
  return Status::NotImplemented("DoExchange is not offered; use DoPut and DoGet");
}

Status PlainService::DoAction(const ServerCallContext& context, const Action& action,
                              std::unique_ptr<arrow::flight::ResultStream>* result) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  const std::string_view body =
      action.body == nullptr ? "" : std::string_view(*action.body);
  if (action.type == ActionType::kCancelFlightInfo.type) {
    return CancelFlightInfo(*call, body).Value(result);
  }
  if (action.type == ActionType::kRenewFlightEndpoint.type) {
    return RenewFlightEndpoint(body).Value(result);
  }
  return Status::NotImplemented("unknown action ", base::QuoteForMessage(action.type));
}

}  // namespace pinion::flight
