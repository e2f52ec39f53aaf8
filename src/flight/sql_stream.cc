#include "flight/sql_stream.h"

#include <functional>
#include <string_view>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>

#include "engine/error.h"
#include "flight/batch_stream.h"
#include "flight/call_gate.h"
#include "flight/client_traits.h"
#include "flight/read_ahead_stream.h"

namespace pinion::flight {
namespace {

using arrow::flight::FlightDataStream;
using arrow::flight::RecordBatchStream;
using arrow::flight::ServerCallContext;

// Tells the client the SQLSTATE of what its rows end with.
class ReportingReader final : public arrow::RecordBatchReader {
 public:
  ReportingReader(const ServerCallContext& context,
                  std::shared_ptr<arrow::RecordBatchReader> reader)
      : context_(context), reader_(std::move(reader)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return reader_->schema(); }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    arrow::Status status = reader_->ReadNext(batch);
    if (!status.ok()) SendSqlState(context_, status);
    return status;
  }

 private:
  const ServerCallContext& context_;
  const std::shared_ptr<arrow::RecordBatchReader> reader_;
};

}  // namespace

arrow::Result<std::unique_ptr<FlightDataStream>> MakeSqlStream(
    const ServerCallContext& context, std::shared_ptr<arrow::RecordBatchReader> reader,
    std::unique_ptr<LinkedStop> stop, std::shared_ptr<ReadAheadShare> read_ahead) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_ASSIGN_OR_RAISE(const ClientTraits traits, call->Traits());
  ARROW_ASSIGN_OR_RAISE(
      auto batches,
      BatchStream::Create(std::make_shared<ReportingReader>(context, std::move(reader)),
                          traits));
  return std::make_unique<ReadAheadStream>(std::move(batches), std::move(stop),
                                           std::move(read_ahead));
}

arrow::Result<std::unique_ptr<FlightDataStream>> EmptyStream() {
  ARROW_ASSIGN_OR_RAISE(auto reader,
                        arrow::RecordBatchReader::Make({}, arrow::schema({})));
  return std::make_unique<RecordBatchStream>(std::move(reader));
}

void SendSqlState(const ServerCallContext& context, const arrow::Status& status) {
  if (const auto detail = engine::GetErrorDetail(status)) {
    context.AddTrailer(kSqlStateTrailer, detail->sqlstate());
  }
}

arrow::Result<uint64_t> HashOf(const arrow::Schema& schema) {
  ARROW_ASSIGN_OR_RAISE(const auto message, arrow::ipc::SerializeSchema(schema));
  return std::hash<std::string_view>()(std::string_view(*message));
}

}  // namespace pinion::flight
