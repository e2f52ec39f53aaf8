#pragma once

#include <memory>
#include <utility>

#include <arrow/flight/server.h>

#include "data/dataset.h"
#include "flight/linked_stop.h"

namespace pinion::flight {

// A dataset's messages on the wire as they lie in its file: nothing is decoded or copied,
// so there is nothing to read ahead either. Used by one thread at a time.
class MessageStream final : public arrow::flight::FlightDataStream {
 public:
  // `stop` is what stops the reader.
  MessageStream(std::unique_ptr<data::MessageReader> reader,
                std::unique_ptr<LinkedStop> stop)
      : stop_(std::move(stop)), reader_(std::move(reader)) {}

  std::shared_ptr<arrow::Schema> schema() override { return reader_->schema(); }
  arrow::Result<arrow::flight::FlightPayload> GetSchemaPayload() override;
  arrow::Result<arrow::flight::FlightPayload> Next() override;

 private:
  std::unique_ptr<LinkedStop> stop_;
  std::unique_ptr<data::MessageReader> reader_;
};

}  // namespace pinion::flight
