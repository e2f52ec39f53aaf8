#include "flight/batch_stream.h"

#include <algorithm>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/array/builder_base.h>
#include <arrow/util/compression.h>

#include "data/shared_values.h"

namespace pinion::flight {
namespace {

using arrow::Array;
using arrow::RecordBatch;
using arrow::Result;
using arrow::Status;
using arrow::flight::FlightPayload;
using arrow::ipc::IpcPayload;

int64_t SizeOf(const IpcPayload& payload) {
  return payload.metadata->size() + payload.body_length;
}

IpcPayload PayloadOf(const arrow::ipc::Message& message) {
  IpcPayload payload;
  payload.type = message.type();
  payload.metadata = message.metadata();
  payload.body_buffers = {message.body()};
  payload.body_length = payload.raw_body_length = message.body_length();
  return payload;
}

// The same values with none but those: copied into arrays of their own.
Result<std::shared_ptr<Array>> Compacted(const Array& array) {
  ARROW_ASSIGN_OR_RAISE(auto builder, arrow::MakeBuilder(array.type()));
  ARROW_RETURN_NOT_OK(builder->AppendArraySlice(*array.data(), 0, array.length()));
  return builder->Finish();
}

Result<std::shared_ptr<RecordBatch>> SliceOf(const RecordBatch& batch, int64_t row,
                                             int64_t rows) {
  std::vector<std::shared_ptr<Array>> columns;
  for (const auto& column : batch.columns()) {
    std::shared_ptr<Array> slice = column->Slice(row, rows);
    if (data::SharesValues(*slice->type())) {
      ARROW_ASSIGN_OR_RAISE(slice, Compacted(*slice));
    }
    columns.push_back(std::move(slice));
  }
  return RecordBatch::Make(batch.schema(), rows, std::move(columns));
}

}  // namespace

// Takes the messages from Arrow's writer, which knows when which dictionary is needed.
class BatchStream::PayloadCollector final
    : public arrow::ipc::internal::IpcPayloadWriter {
 public:
  explicit PayloadCollector(Payloads& payloads) : payloads_(payloads) {}

  Status Start() override { return Status::OK(); }
  Status WritePayload(const IpcPayload& payload) override {
    payloads_.push_back(payload);
    return Status::OK();
  }
  Status Close() override { return Status::OK(); }

 private:
  Payloads& payloads_;
};

Result<std::unique_ptr<BatchStream>> BatchStream::Create(
    std::shared_ptr<arrow::RecordBatchReader> reader, const ClientTraits& traits,
    std::shared_ptr<engine::MessageRows> messages) {
  auto options = arrow::ipc::IpcWriteOptions::Defaults();
  if (traits.codec != arrow::Compression::UNCOMPRESSED) {
    ARROW_ASSIGN_OR_RAISE(options.codec, arrow::util::Codec::Create(traits.codec));
  }
  std::unique_ptr<BatchStream> stream(
      new BatchStream(std::move(reader), std::move(messages), traits.max_ipc_bytes()));
  ARROW_ASSIGN_OR_RAISE(stream->writer_,
                        arrow::ipc::internal::OpenRecordBatchWriter(
                            std::make_unique<PayloadCollector>(stream->payloads_),
                            stream->reader_->schema(), options));
  return stream;
}

Result<FlightPayload> BatchStream::GetSchemaPayload() {
  FlightPayload payload(nullptr, nullptr, std::move(payloads_.front()));
  payloads_.pop_front();
  return payload;
}

Result<FlightPayload> BatchStream::Next() {
  while (payloads_.empty()) {
    ARROW_ASSIGN_OR_RAISE(const bool any, ReadSome());
    if (!any) return FlightPayload();
  }
  FlightPayload payload(nullptr, nullptr, std::move(payloads_.front()));
  payloads_.pop_front();
  return payload;
}

Result<bool> BatchStream::ReadSome() {
  if (batch_ == nullptr && messages_ != nullptr) {
    ARROW_ASSIGN_OR_RAISE(const auto message, messages_->ReadMessage(max_message_bytes_));
    if (message != nullptr) {
      payloads_.push_back(PayloadOf(*message));
      return true;
    }
  }
  if (batch_ == nullptr) {
    ARROW_RETURN_NOT_OK(reader_->ReadNext(&batch_));
    if (batch_ == nullptr) return false;
    row_ = 0;
    slice_rows_ = batch_->num_rows();
  }
  ARROW_RETURN_NOT_OK(WriteSome());
  return true;
}

Status BatchStream::WriteSome() {
  const int64_t rows = std::min(slice_rows_, batch_->num_rows() - row_);
  if (rows == batch_->num_rows()) {
    ARROW_RETURN_NOT_OK(writer_->WriteRecordBatch(*batch_));
  } else {
    ARROW_ASSIGN_OR_RAISE(const auto slice, SliceOf(*batch_, row_, rows));
    ARROW_RETURN_NOT_OK(writer_->WriteRecordBatch(*slice));
  }
  // The dictionaries before it stay: the writer will not give them again.
  if (SizeOf(payloads_.back()) > max_message_bytes_ && rows > 1) {
    slice_rows_ = RowsThatFit(rows, SizeOf(payloads_.back()));
    payloads_.pop_back();
    return Status::OK();
  }
  row_ += rows;
  if (row_ == batch_->num_rows()) batch_ = nullptr;
  return Status::OK();
}

int64_t BatchStream::RowsThatFit(int64_t rows, int64_t bytes) const {
  // A little less than in proportion, and always less than before.
  const double share = 0.95 * static_cast<double>(max_message_bytes_) / bytes;
  const auto fit = std::min(static_cast<int64_t>(rows * share), rows - 1);
  // Whole words of bitmaps can be sent without shifting their bits.
  return fit >= 64 ? fit / 64 * 64 : std::max<int64_t>(fit, 1);
}

}  // namespace pinion::flight
