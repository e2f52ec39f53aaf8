#include "cli/dataset_request.h"

#include <algorithm>
#include <utility>

#include <arrow/ipc/dictionary.h>
#include <nlohmann/json.hpp>

#include "base/near_names.h"
#include "cli/status_text.h"

namespace pinion::cli {

namespace {

namespace flight = arrow::flight;
using arrow::flight::FlightStatusCode;

std::string SelectionCommand(const std::string& dataset, const Selection& selection) {
  nlohmann::json command = {{"dataset", dataset}};
  if (!selection.columns.empty()) command["columns"] = selection.columns;
  if (selection.limit) command["limit"] = *selection.limit;
  // What is no UTF-8 cannot be asked for in JSON; the server will not find it.
  return command.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

arrow::Status CheckColumns(const arrow::Schema& schema, const Selection& selection) {
  for (const std::string& column : selection.columns) {
    if (schema.GetFieldIndex(column) >= 0) continue;
    if (!schema.GetAllFieldIndices(column).empty()) {
      return arrow::Status::Invalid("there are several columns ",
                                    base::QuoteForMessage(column));
    }
    return arrow::Status::KeyError(
        base::UnknownName("column", column, schema.field_names()));
  }
  return arrow::Status::OK();
}

// Whether these are the columns that were asked for.
bool Matches(const arrow::Schema& schema, const Selection& selection) {
  return selection.columns.empty() || schema.field_names() == selection.columns;
}

// Whether the server may have refused the command because it does not know its like.
bool MayBeUnknown(const arrow::Status& status) {
  return !status.IsCancelled() && !HasFlightCode(status, FlightStatusCode::Unavailable) &&
         !HasFlightCode(status, FlightStatusCode::Unauthenticated) &&
         !HasFlightCode(status, FlightStatusCode::Unauthorized);
}

// The stream of a selection made by the server, or nothing and the reason if this server
// makes none.
arrow::Result<std::unique_ptr<ResultStream>> AskServer(Client& client,
                                                       const std::string& command,
                                                       const Selection& selection,
                                                       std::string* reason) {
  auto info = client.GetInfo(flight::FlightDescriptor::Command(command));
  if (!info.ok()) {
    if (!MayBeUnknown(info.status())) return info.status();
    *reason = StatusText(info.status());
    return nullptr;
  }
  auto stream = ResultStream::Open(client, *std::move(info));
  if (!stream.ok()) {
    if (!MayBeUnknown(stream.status())) return stream.status();
    *reason = StatusText(stream.status());
    return nullptr;
  }
  if (!Matches(*(*stream)->schema(), selection)) {
    *reason = "it sends other columns";
    return nullptr;
  }
  return stream;
}

}  // namespace

arrow::Result<std::unique_ptr<RowSource>> RowSource::OpenDataset(
    Context& context, Client& client, const std::string& dataset,
    const Selection& selection) {
  ARROW_ASSIGN_OR_RAISE(flight::FlightInfo info,
                        client.GetInfo(flight::FlightDescriptor::Path({dataset})));
  arrow::ipc::DictionaryMemo memo;
  ARROW_ASSIGN_OR_RAISE(const auto schema, info.GetSchema(&memo));
  ARROW_RETURN_NOT_OK(CheckColumns(*schema, selection));
  std::string reason;
  std::unique_ptr<ResultStream> stream;
  if (!selection.is_everything()) {
    ARROW_ASSIGN_OR_RAISE(stream, AskServer(client, SelectionCommand(dataset, selection),
                                            selection, &reason));
  }
  const bool select_here = stream == nullptr && !selection.is_everything();
  if (stream == nullptr) {
    ARROW_ASSIGN_OR_RAISE(stream, ResultStream::Open(client, std::move(info)));
  }
  std::unique_ptr<RowSource> source(new RowSource(std::move(stream)));
  if (select_here) {
    Note(context, "this server does not select columns and rows, so that is done here (" +
                      reason + ")");
    ARROW_RETURN_NOT_OK(source->SelectHere(selection));
  } else if (selection.limit) {
    source->limit_ = source->rows_left_ = selection.limit;
  }
  return source;
}

arrow::Result<std::unique_ptr<RowSource>> RowSource::OpenQuery(Client& client,
                                                               const std::string& sql) {
  ARROW_ASSIGN_OR_RAISE(flight::FlightInfo info,
                        client.GetInfo(flight::FlightDescriptor::Command(sql)));
  ARROW_ASSIGN_OR_RAISE(auto stream, ResultStream::Open(client, std::move(info)));
  return std::unique_ptr<RowSource>(new RowSource(std::move(stream)));
}

arrow::Result<std::unique_ptr<RowSource>> RowSource::OpenStatement(
    Client& client, const std::string& sql) {
  ARROW_ASSIGN_OR_RAISE(flight::FlightInfo info, client.Execute(sql));
  ARROW_ASSIGN_OR_RAISE(auto stream, ResultStream::Open(client, std::move(info)));
  return std::unique_ptr<RowSource>(new RowSource(std::move(stream)));
}

arrow::Status RowSource::SelectHere(const Selection& selection) {
  // The stream's own columns count, should they differ from the announced ones.
  ARROW_RETURN_NOT_OK(CheckColumns(*schema_, selection));
  arrow::FieldVector fields;
  for (const std::string& column : selection.columns) {
    columns_.push_back(schema_->GetFieldIndex(column));
    fields.push_back(schema_->field(columns_.back()));
  }
  if (!columns_.empty()) schema_ = arrow::schema(std::move(fields), schema_->metadata());
  limit_ = rows_left_ = selection.limit;
  return arrow::Status::OK();
}

std::optional<int64_t> RowSource::total_rows() const {
  std::optional<int64_t> rows = stream_->total_rows();
  if (rows && limit_) rows = std::min(*rows, *limit_);
  return rows;
}

std::optional<int64_t> RowSource::total_bytes() const {
  // What is dropped here is counted there.
  return columns_.empty() && !limit_ ? stream_->total_bytes() : std::nullopt;
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> RowSource::Next() {
  if (rows_left_ == 0) return nullptr;
  ARROW_ASSIGN_OR_RAISE(auto batch, stream_->Next());
  if (batch == nullptr) return nullptr;
  if (!columns_.empty()) {
    ARROW_ASSIGN_OR_RAISE(batch, batch->SelectColumns(columns_));
    batch = batch->ReplaceSchemaMetadata(schema_->metadata());
  }
  if (rows_left_) {
    if (batch->num_rows() > *rows_left_) batch = batch->Slice(0, *rows_left_);
    *rows_left_ -= batch->num_rows();
  }
  return batch;
}

}  // namespace pinion::cli
