#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include <arrow/flight/server.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "flight/call_gate.h"

namespace pinion::flight {

// Whether a batch is what its schema says, down to each value: of what was uploaded
// nothing else has looked at that. Slow enough to be done side by side.
arrow::Status CheckUploaded(const arrow::RecordBatch& batch);

// What a client uploads.
//
// A client that cancels, vanishes, or sends a message above the limit looks to Arrow like
// one that finished; here it is an error, so that half an upload is not taken for a whole
// one. (Of a message that is no protobuf at all gRPC does not say how it differs from an
// end.)
//
// Used by one thread at a time. Borrows the call and its messages, for its length.
class UploadReader final : public arrow::RecordBatchReader {
 public:
  enum class Kind {
    // Its batches have the buffers that they need, not aligned, and have yet to pass
    // CheckUploaded.
    kTable,
    // Checked, and aligned, which gRPC's buffers are not. Small and often: not worth the
    // milliseconds of Call::CheckUploadEnded.
    kParameters,
  };

  // Waits for the schema. Fails when the client sends none.
  static arrow::Result<std::shared_ptr<UploadReader>> Open(
      Kind kind, arrow::flight::FlightMessageReader& messages, const Call& call);

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;

 private:
  UploadReader(Kind kind, arrow::flight::FlightMessageReader& messages, const Call& call,
               std::shared_ptr<arrow::Schema> schema)
      : kind_(kind), messages_(messages), call_(call), schema_(std::move(schema)) {}

  const Kind kind_;
  arrow::flight::FlightMessageReader& messages_;
  const Call& call_;
  const std::shared_ptr<arrow::Schema> schema_;
};

// The rows of parameters that come with a call, or null when there is no table of them:
// some clients send a bare descriptor for a statement without parameters, others an empty
// schema, and those may wait for the answer before they end the upload. Reads only as far
// as the schema.
arrow::Result<std::shared_ptr<UploadReader>> OpenParameters(
    arrow::flight::FlightMessageReader& messages, const Call& call);

// All rows, to be kept for later. Fails above `max_bytes`.
arrow::Result<std::shared_ptr<arrow::Table>> ReadParameters(UploadReader& rows,
                                                            int64_t max_bytes);

}  // namespace pinion::flight
