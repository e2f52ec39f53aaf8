#include "engine/duckdb/result_stream.h"

#include <utility>

#include <arrow/array.h>
#include <arrow/type.h>

#include "engine/duckdb/batch_message.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/wire_type.h"
#include "engine/error.h"

namespace pinion::engine::duck {

using duckdb::QueryResultState;

ResultStream::ResultStream(std::shared_ptr<Execution> execution,
                           std::shared_ptr<Connection> connection, std::string sql,
                           duckdb::unique_ptr<duckdb::QueryResult> result,
                           std::unique_ptr<ResultBuffers::Share> ready)
    : execution_(std::move(execution)),
      sql_(std::move(sql)),
      connection_(std::move(connection)),
      live_(std::make_unique<duckdb::QueryResultStream<WireFormat>>(std::move(result))),
      ready_(std::move(ready)) {
  execution_->control().Attach(connection_->context());
}

ResultStream::~ResultStream() {
  base::MutexLock lock(mutex_);
  if (live_ != nullptr) (void)Abandon(arrow::Status::OK());
}

arrow::Status ResultStream::AwaitSchema() {
  base::MutexLock lock(mutex_);
  return Guard([&]() PINION_REQUIRES(mutex_) -> arrow::Status {
    while (!live_->MetadataAvailable()) {
      ARROW_RETURN_NOT_OK(execution_->control().Check());
      Work();
      if (live_->HasError()) {
        return Finish(execution_->control().Translate(live_->GetErrorObject(), sql_));
      }
    }
    return SetSchema();
  });
}

arrow::Status ResultStream::SetSchema() {
  return_type_ = live_->GetStatementProperties().return_type;
  if (return_type_ == duckdb::StatementReturnType::NOTHING) {
    schema_ = arrow::schema({});
    return arrow::Status::OK();
  }
  ARROW_ASSIGN_OR_RAISE(schema_, WireSchema(live_->GetNames(), live_->GetTypes()));
  return arrow::Status::OK();
}

void ResultStream::Work() {
  const auto state = live_->ExecuteTask();
  if (state == QueryResultState::BLOCKED ||
      state == QueryResultState::NO_TASKS_AVAILABLE) {
    live_->WaitForTask();
  }
}

arrow::Result<ResultStream::Rows> ResultStream::Fetch() {
  if (next_ != nullptr) return std::move(next_);
  if (live_ == nullptr) return nullptr;
  auto fetched = Guard(
      [&]() PINION_REQUIRES(mutex_) -> arrow::Result<Rows> {
        for (;;) {
          ARROW_RETURN_NOT_OK(execution_->control().Check());
          Rows unit;
          const auto state = live_->TryFetch(unit);
          if (unit) return unit;
          if (state == QueryResultState::FINISHED) return nullptr;
          if (state == QueryResultState::EXECUTION_ERROR) {
            return execution_->control().Translate(live_->GetErrorObject(), sql_);
          }
          Work();
          const auto& progress = execution_->progress();
          if (progress != nullptr) {
            const double percent =
                connection_->context().GetQueryProgress().GetPercentage();
            if (percent >= 0) progress->fraction = percent / 100;
          }
        }
      },
      sql_);
  if (!fetched.ok()) return Finish(fetched.status());
  if (*fetched == nullptr) ARROW_RETURN_NOT_OK(Finish(arrow::Status::OK()));
  return fetched;
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> ResultStream::BatchOf(
    const WireFormat::T& rows) const {
  if (rows.message == nullptr) return rows.batch;
  return DecodeBatch(*rows.message, schema_);
}

void ResultStream::CountRows(int64_t rows) {
  const auto& progress = execution_->progress();
  if (progress != nullptr) progress->rows_sent += rows;
}

arrow::Status ResultStream::Finish(arrow::Status status) {
  execution_->control().Detach();
  end_ = std::move(status);
  auto closed = Guard([&]() PINION_REQUIRES(mutex_) -> arrow::Status {
    live_.reset();
    return arrow::Status::OK();
  });
  if (end_.ok()) end_ = std::move(closed);
  ready_.reset();
  connection_.reset();
  return end_;
}

arrow::Status ResultStream::Abandon(arrow::Status reason) {
  // Without it DuckDB waits for what may not end: the inner pipelines of WITH RECURSIVE.
  connection_->context().Interrupt();
  return Finish(std::move(reason));
}

arrow::Status ResultStream::ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) {
  base::MutexLock lock(mutex_);
  batch->reset();
  if (buffer_ != nullptr) {
    ARROW_RETURN_NOT_OK(execution_->control().Check());
    ARROW_ASSIGN_OR_RAISE(*batch, buffer_->Next());
    if (*batch == nullptr) buffer_.reset();
  }
  if (*batch == nullptr) {
    ARROW_ASSIGN_OR_RAISE(const Rows rows, Fetch());
    if (rows == nullptr) return end_;
    ARROW_ASSIGN_OR_RAISE(*batch, BatchOf(*rows));
  }
  CountRows((*batch)->num_rows());
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<arrow::ipc::Message>> ResultStream::ReadMessage(
    int64_t max_bytes) {
  base::MutexLock lock(mutex_);
  if (buffer_ != nullptr) return nullptr;
  ARROW_ASSIGN_OR_RAISE(next_, Fetch());
  if (next_ == nullptr || next_->message == nullptr) return nullptr;
  const auto& message = *next_->message;
  if (message.metadata()->size() + message.body_length() > max_bytes) return nullptr;
  CountRows(next_->rows);
  return std::exchange(next_, nullptr)->message;
}

arrow::Status ResultStream::Close() {
  base::MutexLock lock(mutex_);
  if (buffer_ == nullptr && live_ == nullptr) return arrow::Status::OK();
  // A reader who comes back must not take this for the end of the rows.
  auto reason = execution_->control().Check();
  if (reason.ok()) reason = MakeError(ErrorClass::kCancelled, "the result was closed");
  buffer_.reset();
  next_.reset();
  if (live_ != nullptr) (void)Abandon(arrow::Status::OK());
  end_ = std::move(reason);
  return arrow::Status::OK();
}

void ResultStream::Buffer() {
  base::MutexLock lock(mutex_);
  if (live_ == nullptr) return;
  buffer_ = std::make_unique<SpillBuffer>(schema_, execution_->core()->spill());
  const auto keep = [&](const WireFormat::T& rows) PINION_REQUIRES(mutex_) {
    ARROW_ASSIGN_OR_RAISE(auto batch, BatchOf(rows));
    return buffer_->Append(std::move(batch));
  };
  while (live_ != nullptr) {
    const auto rows = Fetch();
    if (!rows.ok() || *rows == nullptr) return;
    auto kept = keep(**rows);
    if (!kept.ok()) (void)Abandon(std::move(kept));
  }
}

arrow::Result<int64_t> ResultStream::ReadCount() {
  int64_t count = -1;
  std::shared_ptr<arrow::RecordBatch> batch;
  do {
    ARROW_RETURN_NOT_OK(ReadNext(&batch));
    if (batch != nullptr && count < 0 && batch->num_rows() == 1 &&
        batch->num_columns() == 1 && batch->column(0)->type_id() == arrow::Type::INT64 &&
        return_type_ == duckdb::StatementReturnType::CHANGED_ROWS) {
      count = static_cast<const arrow::Int64Array&>(*batch->column(0)).Value(0);
    }
  } while (batch != nullptr);
  return count;
}

}  // namespace pinion::engine::duck
