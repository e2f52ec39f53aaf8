#include "pipeline/flight_upload.h"

#include <utility>

#include <arrow/buffer.h>

namespace pinion::internal {

namespace flight = arrow::flight;

// Puts IPC messages on the wire, the descriptor with the first.
class FlightUpload::Payloads : public arrow::ipc::internal::IpcPayloadWriter {
 public:
  Payloads(flight::internal::ClientDataStream* stream, std::string descriptor)
      : stream_(stream), descriptor_(arrow::Buffer::FromString(std::move(descriptor))) {}

  arrow::Status WritePayload(const arrow::ipc::IpcPayload& message) override {
    flight::FlightPayload payload;
    payload.descriptor = std::exchange(descriptor_, nullptr);
    payload.ipc_message = message;
    ARROW_ASSIGN_OR_RAISE(const bool taken, stream_->WriteData(payload));
    // Why not, End tells.
    return taken ? arrow::Status::OK()
                 : arrow::Status::IOError("the server ended the upload");
  }
  arrow::Status Close() override { return arrow::Status::OK(); }

 private:
  flight::internal::ClientDataStream* const stream_;
  std::shared_ptr<arrow::Buffer> descriptor_;
};

arrow::Result<std::unique_ptr<FlightUpload>> FlightUpload::Open(
    std::unique_ptr<FlightConnection> connection,
    const flight::FlightDescriptor& descriptor,
    const std::shared_ptr<arrow::Schema>& schema) {
  ARROW_ASSIGN_OR_RAISE(std::string wire_descriptor, descriptor.SerializeToString());
  std::unique_ptr<FlightUpload> upload(new FlightUpload);
  upload->connection_ = std::move(connection);
  ARROW_ASSIGN_OR_RAISE(upload->stream_, upload->connection_->Put());
  auto* stream = upload->stream_.get();
  upload->answers_ = std::thread([stream] {
    std::shared_ptr<arrow::Buffer> answer;
    while (stream->ReadPutMetadata(&answer) && answer != nullptr) {
    }
  });
  ARROW_ASSIGN_OR_RAISE(
      upload->writer_, arrow::ipc::internal::OpenRecordBatchWriter(
                           std::make_unique<Payloads>(stream, std::move(wire_descriptor)),
                           schema, arrow::ipc::IpcWriteOptions::Defaults()));
  return upload;
}

FlightUpload::~FlightUpload() {
  if (ended_ || stream_ == nullptr) return;
  Cancel();
  (void)End();  // says that it was cancelled
}

void FlightUpload::Cancel() { stream_->TryCancel(); }

arrow::Status FlightUpload::Write(const arrow::RecordBatch& batch) {
  arrow::Status written = writer_->WriteRecordBatch(batch);
  if (!written.IsIOError()) return written;
  arrow::Status verdict = End();
  return verdict.ok() ? written : verdict;
}

arrow::Status FlightUpload::Finish() {
  // Writes the schema, if nothing else was.
  arrow::Status written = writer_->Close();
  if (written.ok()) written = stream_->WritesDone();
  arrow::Status verdict = End();
  return verdict.ok() ? written : verdict;
}

arrow::Status FlightUpload::End() {
  ended_ = true;
  answers_.join();
  return stream_->Finish(arrow::Status::OK());
}

}  // namespace pinion::internal
