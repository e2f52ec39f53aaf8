#pragma once

#include <cstdint>
#include <memory>
#include <thread>

#include <arrow/flight/server.h>
#include <arrow/result.h>

#include "base/bounded_queue.h"
#include "flight/linked_stop.h"

namespace pinion::flight {

// Produces the next payloads of another stream on a thread of its own while gRPC writes
// the last, which Flight would do in turns. Bounded in bytes, so a slow client costs no
// more than that.
//
// The thread starts with the third payload: a result that fits in one batch does without.
// Used by one thread at a time; destruction stops and awaits the thread.
class ReadAheadStream final : public arrow::flight::FlightDataStream {
 public:
  // `stop` must be what stops `stream` when that waits for something.
  ReadAheadStream(std::unique_ptr<arrow::flight::FlightDataStream> stream,
                  std::unique_ptr<LinkedStop> stop, int64_t max_bytes);
  ~ReadAheadStream() override;

  std::shared_ptr<arrow::Schema> schema() override { return stream_->schema(); }
  arrow::Result<arrow::flight::FlightPayload> GetSchemaPayload() override;
  arrow::Result<arrow::flight::FlightPayload> Next() override;
  arrow::Status Close() override;

 private:
  void Produce();

  std::unique_ptr<LinkedStop> stop_;
  // The producer's once it runs.
  std::unique_ptr<arrow::flight::FlightDataStream> stream_;
  base::BoundedQueue<arrow::flight::FlightPayload> queue_;
  int payloads_sent_ = 0;
  std::thread producer_;
};

}  // namespace pinion::flight
