// The implementation is in a *_test.cc file so that it is no part of the library.
#include "pipeline/test_flight_server.h"

#include <thread>
#include <utility>

#include <arrow/flight/types.h>
#include <arrow/ipc/options.h>
#include <arrow/util/compression.h>

namespace pinion::internal {

namespace flight = arrow::flight;

namespace {

// Gives batches, then fails or hangs if told to.
class TroubledReader : public arrow::RecordBatchReader {
 public:
  TroubledReader(TestFlightServer::Batches batches, int break_after, bool hang,
                 TestFlightServer* server, const flight::ServerCallContext* context)
      : batches_(std::move(batches)),
        break_after_(break_after),
        hang_(hang),
        server_(server),
        context_(context) {}

  std::shared_ptr<arrow::Schema> schema() const override {
    return batches_.front()->schema();
  }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    if (break_after_ == static_cast<int>(next_)) {
      return flight::MakeFlightError(flight::FlightStatusCode::Unavailable,
                                     "the server died");
    }
    if (hang_ && next_ == 1) {
      server_->Hang(*context_, server_->hang_after_first);
      return arrow::Status::Cancelled("hung up");
    }
    *batch = next_ < batches_.size() ? batches_[next_++] : nullptr;
    return arrow::Status::OK();
  }

 private:
  const TestFlightServer::Batches batches_;
  const int break_after_;
  const bool hang_;
  TestFlightServer* const server_;
  const flight::ServerCallContext* const context_;
  size_t next_ = 0;
};

}  // namespace

arrow::Result<std::unique_ptr<TestFlightServer>> TestFlightServer::Start(
    std::vector<Batches> parts, int port) {
  std::unique_ptr<TestFlightServer> server(new TestFlightServer(std::move(parts)));
  ARROW_ASSIGN_OR_RAISE(auto location, flight::Location::ForGrpcTcp("127.0.0.1", port));
  ARROW_RETURN_NOT_OK(server->Init(flight::FlightServerOptions(location)));
  return server;
}

TestFlightServer::~TestFlightServer() {
  const auto deadline = std::chrono::system_clock::now() + std::chrono::seconds(1);
  (void)Shutdown(&deadline);
}

std::string TestFlightServer::uri() const {
  return "grpc://127.0.0.1:" + std::to_string(port());
}

void TestFlightServer::ReplaceAfterBreak(std::vector<Batches> parts) {
  base::MutexLock lock(mutex_);
  parts_after_break_ = std::move(parts);
}

std::shared_ptr<arrow::Table> TestFlightServer::uploaded() {
  base::MutexLock lock(mutex_);
  return uploaded_;
}
std::string TestFlightServer::asked_compression() {
  base::MutexLock lock(mutex_);
  return asked_compression_;
}

std::string TestFlightServer::uploaded_name() {
  base::MutexLock lock(mutex_);
  return uploaded_name_;
}

void TestFlightServer::Hang(const flight::ServerCallContext& context,
                            const std::atomic<bool>& hang) {
  ++waiting;
  while (hang && !context.is_cancelled()) std::this_thread::yield();
  --waiting;
}

arrow::Status TestFlightServer::GetFlightInfo(const flight::ServerCallContext& context,
                                              const flight::FlightDescriptor& request,
                                              std::unique_ptr<flight::FlightInfo>* info) {
  if (hang_in_planning) {
    Hang(context, hang_in_planning);
    return arrow::Status::Cancelled("hung up");
  }
  if (request.type == flight::FlightDescriptor::PATH &&
      request.path != std::vector<std::string>{"table"}) {
    return arrow::Status::KeyError("unknown dataset");
  }
  base::MutexLock lock(mutex_);
  std::vector<flight::FlightEndpoint> endpoints;
  int64_t rows = 0;
  for (size_t part = 0; part < parts_.size(); ++part) {
    flight::FlightEndpoint endpoint;
    endpoint.ticket.ticket = std::to_string(part);
    endpoints.push_back(std::move(endpoint));
    for (const auto& batch : parts_[part]) rows += batch->num_rows();
  }
  ARROW_ASSIGN_OR_RAISE(
      auto made,
      flight::FlightInfo::Make(parts_[0][0]->schema(), request, endpoints, rows, -1));
  if (without_schema) {
    flight::FlightInfo::Data data;
    data.descriptor = request;
    data.endpoints = made.endpoints();
    data.total_records = rows;
    data.total_bytes = -1;
    *info = std::make_unique<flight::FlightInfo>(std::move(data));
  } else {
    *info = std::make_unique<flight::FlightInfo>(std::move(made));
  }
  return arrow::Status::OK();
}

arrow::Status TestFlightServer::DoGet(const flight::ServerCallContext& context,
                                      const flight::Ticket& request,
                                      std::unique_ptr<flight::FlightDataStream>* stream) {
  ++streams_opened;
  if (hang_before_schema) {
    Hang(context, hang_before_schema);
    return arrow::Status::Cancelled("hung up");
  }
  base::MutexLock lock(mutex_);
  const auto asked = context.incoming_headers().find("x-pinion-compression");
  asked_compression_ =
      asked == context.incoming_headers().end() ? "" : std::string(asked->second);
  const auto part = static_cast<size_t>(std::stoi(request.ticket));
  int break_at = -1;
  Batches batches = parts_[part];
  if (streams_to_break > 0) {
    --streams_to_break;
    break_at = break_after;
    if (!parts_after_break_.empty()) parts_ = parts_after_break_;
  }
  auto write_options = arrow::ipc::IpcWriteOptions::Defaults();
  if (compress) {
    ARROW_ASSIGN_OR_RAISE(write_options.codec,
                          arrow::util::Codec::Create(arrow::Compression::LZ4_FRAME));
  }
  *stream = std::make_unique<flight::RecordBatchStream>(
      std::make_shared<TroubledReader>(std::move(batches), break_at, hang_after_first,
                                       this, &context),
      write_options);
  return arrow::Status::OK();
}

arrow::Status TestFlightServer::DoPut(
    const flight::ServerCallContext& context,
    std::unique_ptr<flight::FlightMessageReader> reader,
    std::unique_ptr<flight::FlightMetadataWriter> writer) {
  ARROW_ASSIGN_OR_RAISE(auto schema, reader->GetSchema());
  Batches batches;
  while (true) {
    auto chunk = reader->Next();
    if (context.is_cancelled() || !chunk.ok()) {
      ++uploads_cancelled;
      return chunk.status();
    }
    if (chunk->data == nullptr) break;
    batches.push_back(chunk->data);
    if (batches.size() == 1) ++uploads_begun;
    ARROW_RETURN_NOT_OK(writer->WriteMetadata(*arrow::Buffer::FromString("taken")));
    if (refuse_upload_after == static_cast<int>(batches.size())) {
      return flight::MakeFlightError(flight::FlightStatusCode::Unauthorized,
                                     "the disk of the server is full");
    }
  }
  ARROW_ASSIGN_OR_RAISE(auto table, arrow::Table::FromRecordBatches(schema, batches));
  base::MutexLock lock(mutex_);
  uploaded_ = std::move(table);
  uploaded_name_ = reader->descriptor().path.at(0);
  return arrow::Status::OK();
}

}  // namespace pinion::internal
