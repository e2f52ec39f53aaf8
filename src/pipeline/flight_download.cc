#include "pipeline/flight_download.h"

#include <utility>

#include <arrow/ipc/message.h>
#include <arrow/ipc/options.h>

namespace pinion::internal {

namespace flight = arrow::flight;

// The call under the reader.
struct FlightDownload::Wire {
  std::unique_ptr<flight::internal::ClientDataStream> stream;
  bool finished = false;

  // Brings the server's verdict, once. Blocks until the call has ended.
  arrow::Status Finish() {
    if (std::exchange(finished, true)) return arrow::Status::OK();
    return stream->Finish(arrow::Status::OK());
  }
};

namespace {

template <typename Wire>
class WireMessages : public arrow::ipc::MessageReader {
 public:
  explicit WireMessages(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

  arrow::Result<std::unique_ptr<arrow::ipc::Message>> ReadNextMessage() override {
    while (true) {
      flight::internal::FlightData data;
      if (!wire_->stream->ReadData(&data)) {
        ARROW_RETURN_NOT_OK(wire_->Finish());
        return nullptr;
      }
      // Messages that hold nothing but application metadata have no batch.
      if (data.metadata != nullptr) return data.OpenMessage();
    }
  }

 private:
  const std::shared_ptr<Wire> wire_;
};

}  // namespace

arrow::Result<std::unique_ptr<FlightDownload>> FlightDownload::Open(
    std::unique_ptr<FlightConnection> connection, const flight::Ticket& ticket,
    const std::stop_token& stop) {
  std::unique_ptr<FlightDownload> download(new FlightDownload);
  download->connection_ = std::move(connection);
  download->wire_ = std::make_shared<Wire>();
  ARROW_ASSIGN_OR_RAISE(download->wire_->stream, download->connection_->Get(ticket));
  download->cancel_ = std::make_unique<std::stop_callback<std::function<void()>>>(
      stop, [wire = download->wire_] { wire->stream->TryCancel(); });
  auto messages = std::make_unique<WireMessages<Wire>>(download->wire_);
  ARROW_ASSIGN_OR_RAISE(download->reader_,
                        arrow::ipc::RecordBatchStreamReader::Open(
                            std::move(messages), download->connection_->read_options()));
  download->schema_ = download->reader_->schema();
  return download;
}

FlightDownload::~FlightDownload() {
  cancel_.reset();
  if (wire_ == nullptr || wire_->stream == nullptr || wire_->finished) return;
  wire_->stream->TryCancel();
  (void)wire_->Finish();  // says that it was cancelled
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> FlightDownload::Next() {
  std::shared_ptr<arrow::RecordBatch> batch;
  ARROW_RETURN_NOT_OK(reader_->ReadNext(&batch));
  return batch;
}

}  // namespace pinion::internal
