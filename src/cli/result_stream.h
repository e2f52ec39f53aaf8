#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include <arrow/flight/types.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "cli/client.h"

namespace pinion::cli {

// The rows behind a FlightInfo: its endpoints' streams one after the other, as one.
//
// An endpoint without locations, or one of whose locations is the connected server or
// says only "this machine" (0.0.0.0), is read over the client's own connection; others
// over a connection to the first location that answers. A stop request of the client
// ends a read in progress. One thread; the client must outlive it. Dropping it before
// the end cancels what is still on its way.
class ResultStream {
 public:
  // Opens the first endpoint, to know the schema; an info without endpoints needs one.
  static arrow::Result<std::unique_ptr<ResultStream>> Open(
      Client& client, arrow::flight::FlightInfo info);

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  // As announced; nothing where the server does not know.
  std::optional<int64_t> total_rows() const { return Known(info_.total_records()); }
  std::optional<int64_t> total_bytes() const { return Known(info_.total_bytes()); }

  // The next batch, or null at the end.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Next();

 private:
  ResultStream(Client& client, arrow::flight::FlightInfo info)
      : client_(client), info_(std::move(info)) {}

  static std::optional<int64_t> Known(int64_t total) {
    return total < 0 ? std::nullopt : std::optional(total);
  }
  // Opens endpoint number endpoint_.
  arrow::Status OpenEndpoint();
  arrow::Result<Client*> ClientFor(const arrow::flight::FlightEndpoint& endpoint);
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> NextOfEndpoint();

  Client& client_;
  arrow::flight::FlightInfo info_;
  std::shared_ptr<arrow::Schema> schema_;
  size_t endpoint_ = 0;
  // Another server's, while an endpoint is read from there.
  std::unique_ptr<Client> other_;
  std::unique_ptr<internal::FlightDownload> reader_;
  int64_t rows_ = 0;
};

// The bytes of a batch's buffers, each counted once.
int64_t BatchBytes(const arrow::RecordBatch& batch);

}  // namespace pinion::cli
