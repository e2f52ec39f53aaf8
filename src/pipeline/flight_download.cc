#include "pipeline/flight_download.h"

#include <algorithm>
#include <thread>
#include <utility>

#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/message.h>
#include <arrow/ipc/options.h>
#include <arrow/util/endian.h>

#include "pipeline/decode_ahead.h"

namespace pinion::internal {

namespace flight = arrow::flight;

int DefaultDecoders() {
  // One receiving thread gives work to about as many, if batches are compressed by ZSTD.
  constexpr int kMost = 4;
  return std::clamp(static_cast<int>(std::thread::hardware_concurrency()) / 2, 1, kMost);
}

// A stream this long is worth threads.
constexpr int64_t kShortStreamBytes = int64_t{256} << 10;

// The call under the reader.
struct FlightDownload::Wire {
  std::unique_ptr<flight::internal::ClientDataStream> stream;
  bool finished = false;
  int64_t received_bytes = 0;
  // Receives in our stead once the stream is long.
  std::unique_ptr<DecodeAhead> ahead;

  // Brings the server's verdict, once. Blocks until the call has ended.
  arrow::Status Finish() {
    if (std::exchange(finished, true)) return arrow::Status::OK();
    return stream->Finish(arrow::Status::OK());
  }

  arrow::Result<std::unique_ptr<arrow::ipc::Message>> Receive() {
    while (true) {
      flight::internal::FlightData data;
      if (!stream->ReadData(&data)) {
        ARROW_RETURN_NOT_OK(Finish());
        return nullptr;
      }
      // Messages that hold nothing but application metadata have no batch.
      if (data.metadata == nullptr) continue;
      if (data.body != nullptr) received_bytes += data.body->size();
      return data.OpenMessage();
    }
  }
};

namespace {

template <typename Wire>
class WireMessages : public arrow::ipc::MessageReader {
 public:
  explicit WireMessages(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

  arrow::Result<std::unique_ptr<arrow::ipc::Message>> ReadNextMessage() override {
    return wire_->ahead != nullptr ? wire_->ahead->NextMessage() : wire_->Receive();
  }

 private:
  const std::shared_ptr<Wire> wire_;
};

}  // namespace

arrow::Result<std::unique_ptr<FlightDownload>> FlightDownload::Open(
    std::shared_ptr<FlightConnection> connection, const flight::Ticket& ticket,
    int decoders, const std::stop_token& stop) {
  std::unique_ptr<FlightDownload> download(new FlightDownload);
  download->connection_ = std::move(connection);
  download->decoders_ = decoders;
  download->wire_ = std::make_shared<Wire>();
  ARROW_ASSIGN_OR_RAISE(download->wire_->stream, download->connection_->Get(ticket));
  download->cancel_ = std::make_unique<std::stop_callback<std::function<void()>>>(
      stop, [wire = download->wire_] { wire->stream->TryCancel(); });
  auto messages = std::make_unique<WireMessages<Wire>>(download->wire_);
  ARROW_ASSIGN_OR_RAISE(download->reader_,
                        arrow::ipc::RecordBatchStreamReader::Open(
                            std::move(messages), download->connection_->read_options()));
  download->schema_ = download->reader_->schema();
  const arrow::ipc::DictionaryFieldMapper dictionaries(*download->schema_);
  download->independent_ =
      dictionaries.num_fields() == 0 &&
      download->reader_->stats().original_endianness == arrow::Endianness::Native;
  return download;
}

FlightDownload::~FlightDownload() {
  cancel_.reset();
  if (wire_ == nullptr || wire_->stream == nullptr) return;
  wire_->stream->TryCancel();
  wire_->ahead.reset();
  (void)wire_->Finish();  // says that it was cancelled
}

void FlightDownload::BeginAhead() {
  arrow::ipc::IpcReadOptions options = connection_->read_options();
  options.use_threads = false;  // Batches side by side rather than columns.
  wire_->ahead = std::make_unique<DecodeAhead>(
      [wire = wire_.get()] { return wire->Receive(); },
      [schema = schema_, options](const arrow::ipc::Message& message) {
        const arrow::ipc::DictionaryMemo no_dictionaries;
        return arrow::ipc::ReadRecordBatch(message, schema, &no_dictionaries, options);
      },
      independent_ ? decoders_ : 0);
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> FlightDownload::Next() {
  if (wire_->ahead == nullptr && decoders_ > 0 && !wire_->finished &&
      wire_->received_bytes > kShortStreamBytes) {
    BeginAhead();
  }
  if (wire_->ahead != nullptr && independent_) return wire_->ahead->Next();
  std::shared_ptr<arrow::RecordBatch> batch;
  ARROW_RETURN_NOT_OK(reader_->ReadNext(&batch));
  return batch;
}

}  // namespace pinion::internal
