#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <arrow/flight/server.h>
#include <arrow/record_batch.h>
#include <arrow/table.h>

#include "base/mutex.h"

namespace pinion::internal {

// A Flight server for tests: one table, in parts that are endpoints of their own, with
// troubles on request. What is put to it is kept if it came whole.
class TestFlightServer : public arrow::flight::FlightServerBase {
 public:
  using Batches = std::vector<std::shared_ptr<arrow::RecordBatch>>;

  // Listens on a port of its own choice (or on `port`) on loopback.
  static arrow::Result<std::unique_ptr<TestFlightServer>> Start(
      std::vector<Batches> parts, int port = 0);
  ~TestFlightServer() override;

  std::string uri() const;

  // The next so many streams break as if the server died, after so many batches.
  std::atomic<int> streams_to_break{0};
  std::atomic<int> break_after{0};
  // Streams wait, before their schema or after their first batch, until they are
  // cancelled.
  std::atomic<bool> hang_before_schema{false};
  std::atomic<bool> hang_after_first{false};
  std::atomic<bool> hang_in_planning{false};
  std::atomic<bool> without_schema{false};
  // Streams are compressed by LZ4.
  std::atomic<bool> compress{false};
  // What replaces the parts when a stream has broken.
  void ReplaceAfterBreak(std::vector<Batches> parts);
  // An upload is refused after so many batches, if not negative.
  std::atomic<int> refuse_upload_after{-1};

  std::atomic<int> streams_opened{0};
  std::atomic<int> waiting{0};
  std::atomic<int> uploads_begun{0};
  std::atomic<int> uploads_cancelled{0};
  // Null until an upload has come whole.
  std::shared_ptr<arrow::Table> uploaded();
  std::string uploaded_name();
  // What the last stream's client asked for.
  std::string asked_compression();

  arrow::Status GetFlightInfo(const arrow::flight::ServerCallContext& context,
                              const arrow::flight::FlightDescriptor& request,
                              std::unique_ptr<arrow::flight::FlightInfo>* info) override;
  arrow::Status DoGet(const arrow::flight::ServerCallContext& context,
                      const arrow::flight::Ticket& request,
                      std::unique_ptr<arrow::flight::FlightDataStream>* stream) override;
  arrow::Status DoPut(
      const arrow::flight::ServerCallContext& context,
      std::unique_ptr<arrow::flight::FlightMessageReader> reader,
      std::unique_ptr<arrow::flight::FlightMetadataWriter> writer) override;

  void Hang(const arrow::flight::ServerCallContext& context,
            const std::atomic<bool>& hang);

 private:
  explicit TestFlightServer(std::vector<Batches> parts) : parts_(std::move(parts)) {}

  base::Mutex mutex_;
  std::vector<Batches> parts_ PINION_GUARDED_BY(mutex_);
  std::vector<Batches> parts_after_break_ PINION_GUARDED_BY(mutex_);
  std::shared_ptr<arrow::Table> uploaded_ PINION_GUARDED_BY(mutex_);
  std::string uploaded_name_ PINION_GUARDED_BY(mutex_);
  std::string asked_compression_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::internal
