#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/flight/types.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "cli/client.h"
#include "cli/context.h"
#include "cli/result_stream.h"

namespace pinion::cli {

// What is wanted of a dataset.
struct Selection {
  // In this order; all if empty.
  std::vector<std::string> columns = {};
  std::optional<int64_t> limit = std::nullopt;

  bool is_everything() const { return columns.empty() && !limit; }
};

// The rows of a dataset or of a query, after what the client itself has to drop of them.
// One thread.
class RowSource {
 public:
  // Borrows the client. A selection is asked of the server as a command descriptor (see
  // docs/wire_protocol.md); from a server that does not know it, everything is read and
  // the rest dropped here, which a note says.
  static arrow::Result<std::unique_ptr<RowSource>> OpenDataset(
      Context& context, Client& client, const std::string& dataset,
      const Selection& selection);
  // The text as a command descriptor, which servers without Flight SQL may know, too.
  static arrow::Result<std::unique_ptr<RowSource>> OpenQuery(Client& client,
                                                             const std::string& sql);
  // By Flight SQL. What has no rows, but changed some, says so in its total_rows and has
  // no columns.
  static arrow::Result<std::unique_ptr<RowSource>> OpenStatement(Client& client,
                                                                 const std::string& sql);

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  // Nothing where the server does not know.
  std::optional<int64_t> total_rows() const;
  std::optional<int64_t> total_bytes() const;

  // The next batch, or null at the end.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Next();

 private:
  explicit RowSource(std::unique_ptr<ResultStream> stream)
      : stream_(std::move(stream)), schema_(stream_->schema()) {}

  // Makes this drop what the server did not.
  arrow::Status SelectHere(const Selection& selection);

  std::unique_ptr<ResultStream> stream_;
  std::shared_ptr<arrow::Schema> schema_;
  // Indices of the columns to keep; all if empty.
  std::vector<int> columns_;
  // Rows still to come at most.
  std::optional<int64_t> rows_left_;
  std::optional<int64_t> limit_;
};

}  // namespace pinion::cli
