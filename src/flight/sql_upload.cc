#include "flight/sql_upload.h"

#include <utility>
#include <vector>

#include <arrow/table.h>
#include <arrow/util/align_util.h>
#include <arrow/util/byte_size.h>

#include "data/value_check.h"
#include "engine/error.h"

namespace pinion::flight {
namespace {

// The next batch; null at the end.
arrow::Result<std::shared_ptr<arrow::RecordBatch>> NextBatch(
    arrow::flight::FlightMessageReader& messages) {
  while (true) {
    ARROW_ASSIGN_OR_RAISE(arrow::flight::FlightStreamChunk chunk, messages.Next());
    if (chunk.data != nullptr || chunk.app_metadata == nullptr) return chunk.data;
  }
}

}  // namespace

arrow::Status CheckUploaded(const arrow::RecordBatch& batch) {
  const arrow::Status valid = data::CheckValues(batch);
  if (valid.ok()) return arrow::Status::OK();
  return arrow::Status::Invalid("the uploaded data is not valid Arrow: ",
                                valid.message());
}

arrow::Result<std::shared_ptr<UploadReader>> UploadReader::Open(
    Kind kind, arrow::flight::FlightMessageReader& messages, const Call& call) {
  auto schema = messages.GetSchema();
  if (!schema.ok()) {
    ARROW_RETURN_NOT_OK(call.CheckAlive());
    return arrow::Status::Invalid("the upload has no schema: ",
                                  schema.status().message());
  }
  return std::shared_ptr<UploadReader>(
      new UploadReader(kind, messages, call, *std::move(schema)));
}

arrow::Status UploadReader::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  ARROW_ASSIGN_OR_RAISE(*batch, NextBatch(messages_));
  if (kind_ == Kind::kTable) {
    return *batch != nullptr ? (*batch)->Validate() : call_.CheckUploadEnded();
  }
  if (*batch == nullptr) return call_.CheckAlive();
  ARROW_ASSIGN_OR_RAISE(*batch, arrow::util::EnsureAlignment(
                                    std::move(*batch), arrow::util::kValueAlignment,
                                    arrow::default_memory_pool()));
  return CheckUploaded(**batch);
}

arrow::Result<std::shared_ptr<UploadReader>> OpenParameters(
    arrow::flight::FlightMessageReader& messages, const Call& call) {
  const auto schema = messages.GetSchema();
  if (!schema.ok()) {
    ARROW_RETURN_NOT_OK(call.CheckAlive());
    return nullptr;
  }
  if ((*schema)->num_fields() == 0) return nullptr;
  return UploadReader::Open(UploadReader::Kind::kParameters, messages, call);
}

arrow::Result<std::shared_ptr<arrow::Table>> ReadParameters(UploadReader& rows,
                                                            int64_t max_bytes) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  int64_t bytes = 0;
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    ARROW_RETURN_NOT_OK(rows.ReadNext(&batch));
    if (batch == nullptr) break;
    bytes += arrow::util::TotalBufferSize(*batch);
    if (bytes > max_bytes) {
      return engine::MakeError(
          engine::ErrorClass::kLimit,
          "the parameters take more than " + std::to_string(max_bytes >> 20) +
              " MiB: bind fewer rows at a time, or use bulk ingestion");
    }
    batches.push_back(std::move(batch));
  }
  return arrow::Table::FromRecordBatches(rows.schema(), batches);
}

}  // namespace pinion::flight
