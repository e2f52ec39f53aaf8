#include "flight/sql_stream.h"

#include <functional>
#include <string_view>
#include <utility>

#include <arrow/buffer.h>
#include <arrow/ipc/writer.h>

#include "engine/error.h"
#include "flight/batch_stream.h"
#include "flight/call_gate.h"
#include "flight/dataset_stream.h"
#include "flight/read_ahead_stream.h"

namespace pinion::flight {
namespace {

using arrow::Status;
using arrow::flight::FlightDataStream;
using arrow::flight::FlightPayload;
using arrow::flight::RecordBatchStream;
using arrow::flight::ServerCallContext;

// Half a millisecond of a client's time, while batches of files take it ten or more.
constexpr int64_t kFirstRows = 8192;

// Tells the client the SQLSTATE of what its rows end with.
class ReportingStream final : public FlightDataStream {
 public:
  ReportingStream(const ServerCallContext& context,
                  std::unique_ptr<FlightDataStream> stream)
      : context_(context), stream_(std::move(stream)) {}

  std::shared_ptr<arrow::Schema> schema() override { return stream_->schema(); }
  arrow::Result<FlightPayload> GetSchemaPayload() override {
    return stream_->GetSchemaPayload();
  }
  arrow::Result<FlightPayload> Next() override {
    arrow::Result<FlightPayload> payload = stream_->Next();
    if (payload.ok()) return payload;
    Status status = payload.status();
    if (status.IsIOError() && engine::GetErrorDetail(status) == nullptr) {
      // Of the dataset's file: the engine has not seen it.
      status = engine::MakeError(engine::ErrorClass::kIo, status.message());
    }
    SendSqlState(context_, status);
    return status;
  }
  arrow::Status Close() override { return stream_->Close(); }

 private:
  const ServerCallContext& context_;
  const std::unique_ptr<FlightDataStream> stream_;
};

// Null where the client, or the file, does not allow for it.
arrow::Result<std::unique_ptr<MessageStream>> MakeDirectStream(const ResultRows& rows,
                                                               const ClientTraits& traits,
                                                               const LinkedStop& stop) {
  if (rows.dataset_rows == nullptr) return nullptr;
  const auto& selection = rows.dataset_rows->selection();
  const DatasetRequest request{
      .dataset = selection.dataset,
      .read = {.columns = selection.columns, .stop = stop.token()},
      .rows = selection.rows,
      .first_rows = kFirstRows,
      .schema = rows.reader->schema(),
      .on_rows = [rows = rows.dataset_rows](int64_t count) { return rows->Pass(count); }};
  return MakeMessageStream(request, traits);
}

}  // namespace

arrow::Result<std::unique_ptr<FlightDataStream>> MakeRowStream(
    ResultRows rows, const ClientTraits& traits, std::unique_ptr<LinkedStop> stop,
    std::shared_ptr<ReadAheadShare> read_ahead) {
  ARROW_ASSIGN_OR_RAISE(auto direct, MakeDirectStream(rows, traits, *stop));
  if (direct != nullptr) {
    // The reader holds what the result needs.
    direct->Keep(std::make_shared<std::pair<std::unique_ptr<LinkedStop>, ResultRows>>(
        std::move(stop), std::move(rows)));
    return direct;
  }
  ARROW_ASSIGN_OR_RAISE(auto batches, BatchStream::Create(std::move(rows.reader), traits,
                                                          std::move(rows.messages)));
  return std::make_unique<ReadAheadStream>(std::move(batches), std::move(stop),
                                           std::move(read_ahead));
}

arrow::Result<std::unique_ptr<FlightDataStream>> MakeSqlStream(
    const ServerCallContext& context, ResultRows rows, const ClientTraits& traits,
    std::unique_ptr<LinkedStop> stop, std::shared_ptr<ReadAheadShare> read_ahead) {
  ARROW_ASSIGN_OR_RAISE(
      auto stream,
      MakeRowStream(std::move(rows), traits, std::move(stop), std::move(read_ahead)));
  return std::make_unique<ReportingStream>(context, std::move(stream));
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
