#pragma once

#include <memory>
#include <optional>
#include <string>

#include <arrow/ipc/message.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <duckdb/main/query_result_stream.hpp>

#include "base/mutex.h"
#include "engine/duckdb/connection.h"
#include "engine/duckdb/result_buffers.h"
#include "engine/duckdb/spill_buffer.h"
#include "engine/duckdb/wire_format.h"
#include "engine/message_rows.h"

namespace pinion::engine::duck {

// The result of one statement as it comes from DuckDB: its workers fill a bounded buffer,
// the reading thread helps them. When its connection is needed for another statement, the
// rest moves into a spill buffer.
//
// Thread-safe, for the connection's sake; one thread reads. It holds its connection until
// the end of the rows.
class ResultStream : public MessageRows {
 public:
  ResultStream(std::shared_ptr<Execution> execution,
               std::shared_ptr<Connection> connection, std::string sql,
               duckdb::unique_ptr<duckdb::QueryResult> result,
               std::unique_ptr<ResultBuffers::Share> ready);
  ~ResultStream() override;

  // Works until schema() is known, which is at once but for statements that expand into
  // several.
  arrow::Status AwaitSchema() PINION_EXCLUDES(mutex_);

  // After AwaitSchema. What it returns is a count, as DuckDB says it, or nothing at all.
  duckdb::StatementReturnType return_type() const { return return_type_; }

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override
      PINION_EXCLUDES(mutex_);
  arrow::Result<std::shared_ptr<arrow::ipc::Message>> ReadMessage(
      int64_t max_bytes) override PINION_EXCLUDES(mutex_);
  // Gives everything up at once.
  arrow::Status Close() override PINION_EXCLUDES(mutex_);

  // Reads what is left from the connection and keeps it; the connection is free then. An
  // error of the query is kept for the reader.
  void Buffer() PINION_EXCLUDES(mutex_);

  // Reads the single count that an update returns; -1 if it has none.
  arrow::Result<int64_t> ReadCount() PINION_EXCLUDES(mutex_);

 private:
  using Rows = duckdb::unique_ptr<WireFormat::T>;

  // The next rows from DuckDB; null at the end.
  arrow::Result<Rows> Fetch() PINION_REQUIRES(mutex_);
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> BatchOf(
      const WireFormat::T& rows) const;
  void CountRows(int64_t rows) PINION_REQUIRES(mutex_);
  // Runs one task or waits for one.
  void Work() PINION_REQUIRES(mutex_);
  arrow::Status Finish(arrow::Status status) PINION_REQUIRES(mutex_);
  // Finish before the end of the rows.
  arrow::Status Abandon(arrow::Status reason) PINION_REQUIRES(mutex_);
  arrow::Status SetSchema() PINION_REQUIRES(mutex_);

  const std::shared_ptr<Execution> execution_;
  const std::string sql_;
  base::Mutex mutex_;
  std::shared_ptr<Connection> connection_ PINION_GUARDED_BY(mutex_);
  std::unique_ptr<duckdb::QueryResultStream<WireFormat>> live_ PINION_GUARDED_BY(mutex_);
  // What ReadMessage left, of those from live_ the next; mostly null.
  Rows next_ PINION_GUARDED_BY(mutex_);
  // What may be ready in live_.
  std::unique_ptr<ResultBuffers::Share> ready_ PINION_GUARDED_BY(mutex_);
  std::unique_ptr<SpillBuffer> buffer_ PINION_GUARDED_BY(mutex_);
  // How the rows end: OK, or the error that comes after those that were buffered.
  arrow::Status end_ PINION_GUARDED_BY(mutex_);
  // Both set once, before the stream is handed out.
  std::shared_ptr<arrow::Schema> schema_;
  duckdb::StatementReturnType return_type_ = duckdb::StatementReturnType::NOTHING;
};

}  // namespace pinion::engine::duck
