#include "cli/result_stream.h"

#include <string>
#include <utility>

#include <arrow/ipc/dictionary.h>
#include <arrow/util/byte_size.h>
#include <arrow/util/uri.h>

#include "cli/number_text.h"
#include "cli/status_text.h"

namespace pinion::cli {

namespace {

namespace flight = arrow::flight;

// A server that listens on every address of its machine does not know by which it was
// reached.
bool IsWildcard(const flight::Location& location) {
  arrow::util::Uri uri;
  return uri.Parse(location.ToString()).ok() &&
         (uri.host() == "0.0.0.0" || uri.host() == "::" || uri.host().empty()) &&
         location.scheme() != "grpc+unix";
}

arrow::Status LostConnection(const arrow::Status& status, int64_t rows) {
  if (!HasFlightCode(status, flight::FlightStatusCode::Unavailable)) return status;
  return status.WithMessage("the connection to the server broke after ",
                            GroupedNumber(rows), " rows: ", ConnectionProblem(status));
}

}  // namespace

int64_t BatchBytes(const arrow::RecordBatch& batch) {
  return arrow::util::ReferencedBufferSize(batch).ValueOr(
      arrow::util::TotalBufferSize(batch));
}

arrow::Result<std::unique_ptr<ResultStream>> ResultStream::Open(Client& client,
                                                                flight::FlightInfo info) {
  std::unique_ptr<ResultStream> stream(new ResultStream(client, std::move(info)));
  if (stream->info_.endpoints().empty()) {
    arrow::ipc::DictionaryMemo memo;
    ARROW_ASSIGN_OR_RAISE(stream->schema_, stream->info_.GetSchema(&memo));
    return stream;
  }
  ARROW_RETURN_NOT_OK(stream->OpenEndpoint());
  return stream;
}

arrow::Result<Client*> ResultStream::ClientFor(const flight::FlightEndpoint& endpoint) {
  if (endpoint.locations.empty()) return &client_;
  for (const flight::Location& location : endpoint.locations) {
    if (location == client_.location() || IsWildcard(location) ||
        location == flight::Location::ReuseConnection()) {
      return &client_;
    }
  }
  arrow::Status problem;
  for (const flight::Location& location : endpoint.locations) {
    if (other_ != nullptr && other_->location() == location) return other_.get();
    auto connected = Client::Connect(location, client_.stop());
    if (connected.ok()) {
      other_ = *std::move(connected);
      return other_.get();
    }
    problem = connected.status();
  }
  return problem.WithMessage("the server says that the data is elsewhere, but: ",
                             StatusText(problem));
}

arrow::Status ResultStream::OpenEndpoint() {
  const flight::FlightEndpoint& endpoint = info_.endpoints()[endpoint_];
  ARROW_ASSIGN_OR_RAISE(Client * client, ClientFor(endpoint));
  auto opened = client->Open(endpoint.ticket);
  if (client_.stop().stop_requested()) return Interrupted();
  if (!opened.ok()) return LostConnection(opened.status(), rows_);
  reader_ = *std::move(opened);
  std::shared_ptr<arrow::Schema> schema = reader_->schema();
  if (schema_ == nullptr) {
    schema_ = std::move(schema);
  } else if (!schema_->Equals(*schema, /*check_metadata=*/false)) {
    return arrow::Status::Invalid("part ", endpoint_ + 1, " of ",
                                  info_.endpoints().size(),
                                  " of the data has other columns than the first");
  }
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> ResultStream::NextOfEndpoint() {
  auto batch = reader_->Next();
  if (client_.stop().stop_requested()) return Interrupted();
  if (!batch.ok()) return LostConnection(batch.status(), rows_);
  return batch;
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> ResultStream::Next() {
  while (true) {
    if (reader_ != nullptr) {
      ARROW_ASSIGN_OR_RAISE(auto batch, NextOfEndpoint());
      if (batch != nullptr) {
        rows_ += batch->num_rows();
        return batch;
      }
      reader_ = nullptr;
      ++endpoint_;
    }
    if (endpoint_ >= info_.endpoints().size()) return nullptr;
    ARROW_RETURN_NOT_OK(OpenEndpoint());
  }
}

}  // namespace pinion::cli
