#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>

#include <arrow/flight/server.h>
#include <arrow/result.h>

#include "base/bounded_queue.h"
#include "flight/linked_stop.h"

namespace pinion::flight {

// What the streams of a server may read ahead together: so many of them at a time, each
// so many bytes. With more streams than that there is work enough for all cores anyway.
//
// Thread-safe. Shared by the streams.
class ReadAheadShare {
 public:
  static constexpr int kMaxStreams = 16;

  explicit ReadAheadShare(int64_t stream_bytes, int max_streams = kMaxStreams)
      : stream_bytes_(stream_bytes), places_(max_streams) {}

  // False if all places are taken; else the stream must Leave.
  bool TryEnter();
  void Leave() { ++places_; }

  int64_t stream_bytes() const { return stream_bytes_; }

 private:
  const int64_t stream_bytes_;
  std::atomic<int> places_;
};

// Produces the next payloads of another stream on a thread of its own while gRPC writes
// the last, which Flight would do in turns. Bounded in bytes, so a slow client costs no
// more than that.
//
// The thread starts with the third payload: a result that fits in one batch does without,
// and so does a stream as long as others take the whole share: it produces while its
// client waits.
// Used by one thread at a time; destruction stops and awaits the thread.
class ReadAheadStream final : public arrow::flight::FlightDataStream {
 public:
  // `stop` must be what stops `stream` when that waits for something.
  ReadAheadStream(std::unique_ptr<arrow::flight::FlightDataStream> stream,
                  std::unique_ptr<LinkedStop> stop,
                  std::shared_ptr<ReadAheadShare> share);
  ~ReadAheadStream() override;

  std::shared_ptr<arrow::Schema> schema() override { return stream_->schema(); }
  arrow::Result<arrow::flight::FlightPayload> GetSchemaPayload() override;
  arrow::Result<arrow::flight::FlightPayload> Next() override;
  arrow::Status Close() override;

 private:
  void Produce();

  const std::shared_ptr<ReadAheadShare> share_;
  std::unique_ptr<LinkedStop> stop_;
  // The producer's once it runs.
  std::unique_ptr<arrow::flight::FlightDataStream> stream_;
  base::BoundedQueue<arrow::flight::FlightPayload> queue_;
  int payloads_sent_ = 0;
  std::thread producer_;
};

}  // namespace pinion::flight
