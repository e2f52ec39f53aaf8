#include "flight/sql_result.h"

#include <utility>

#include <arrow/util/byte_size.h>

#include "engine/error.h"

namespace pinion::flight {
namespace {

using StopCallback = std::stop_callback<std::function<void()>>;

arrow::Status Cancelled() {
  return engine::MakeError(engine::ErrorClass::kCancelled, "the statement was cancelled");
}

}  // namespace

// Hands on what is held, then what the engine still makes.
class SqlResult::Reader final : public arrow::RecordBatchReader {
 public:
  Reader(std::shared_ptr<SqlResult> result, std::stop_token call_stop)
      : result_(std::move(result)),
        on_stop_(std::move(call_stop), [result = result_.get()] { result->Cancel(); }) {}

  std::shared_ptr<arrow::Schema> schema() const override {
    return result_->outcome_.schema;
  }
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    return result_->Next().Value(batch);
  }

 private:
  const std::shared_ptr<SqlResult> result_;
  // Last: must not call into a result that is gone.
  const StopCallback on_stop_;
};

SqlResult::SqlResult(std::shared_ptr<engine::Statement> statement,
                     std::shared_ptr<arrow::Table> parameters,
                     std::shared_ptr<void> keep_alive,
                     std::shared_ptr<arrow::Schema> promised)
    : statement_(std::move(statement)),
      parameters_(std::move(parameters)),
      keep_alive_(std::move(keep_alive)),
      promised_(std::move(promised)) {}

SqlResult::~SqlResult() {
  Cancel();
  // Started: its run uses the members.
  if (thread_.joinable()) thread_.join();
}

void SqlResult::Cancel() { stop_.request_stop(); }

std::optional<double> SqlResult::progress() const {
  const double fraction = progress_->fraction.load();
  if (fraction < 0 || fraction > 1) return std::nullopt;
  return fraction;
}

arrow::Status SqlResult::Run(std::stop_token call_stop) {
  {
    base::MutexLock lock(mutex_);
    if (state_ != State::kNew) {
      return arrow::Status::Invalid("this statement has been run already");
    }
    state_ = State::kRunning;
  }
  const StopCallback on_stop(std::move(call_stop), [this] { Cancel(); });
  arrow::Status status = Execute();
  if (status.ok()) status = Hold(kHeldBytes);
  return Settle(std::move(status));
}

void SqlResult::Start() {
  {
    base::MutexLock lock(mutex_);
    state_ = State::kRunning;
  }
  thread_ = std::jthread([this] {
    arrow::Status status = Execute();
    if (status.ok()) status = Hold(kHeldBytes);
    (void)Settle(std::move(status));
  });
}

arrow::Status SqlResult::Settle(arrow::Status status) {
  base::MutexLock lock(mutex_);
  status_ = status;
  state_ = State::kDone;
  changed_.NotifyAll();
  return status;
}

arrow::Status SqlResult::Execute(arrow::Compression::type compression) {
  if (stop_.stop_requested()) return Cancelled();
  std::shared_ptr<arrow::RecordBatchReader> parameters;
  if (parameters_ != nullptr) {
    parameters = std::make_shared<arrow::TableBatchReader>(parameters_);
  }
  engine::ExecuteOptions options;
  options.stop = stop_.get_token();
  options.progress = progress_;
  options.compression = compression;
  ARROW_ASSIGN_OR_RAISE(engine::ExecutionResult result,
                        statement_->Execute(std::move(parameters), options));
  outcome_.affected_rows = result.affected_rows;
  if (result.stream == nullptr) {
    outcome_.schema = arrow::schema({});
    return arrow::Status::OK();
  }
  outcome_.schema = result.stream->schema();
  tail_ = std::move(result.stream);
  dataset_rows_ = std::move(result.dataset_rows);
  messages_ = std::move(result.messages);
  return arrow::Status::OK();
}

arrow::Status SqlResult::Hold(int64_t max_bytes) {
  // They wait in the dataset.
  if (dataset_rows_ != nullptr) return arrow::Status::OK();
  int64_t bytes = 0;
  while (tail_ != nullptr && bytes < max_bytes) {
    std::shared_ptr<arrow::RecordBatch> batch;
    ARROW_RETURN_NOT_OK(tail_->ReadNext(&batch));
    if (batch == nullptr) {
      tail_.reset();
      break;
    }
    bytes += arrow::util::TotalBufferSize(*batch);
    held_.push_back(std::move(batch));
  }
  return arrow::Status::OK();
}

bool SqlResult::Wait(std::stop_token call_stop,
                     std::chrono::steady_clock::time_point deadline) {
  base::MutexLock lock(mutex_);
  return changed_.WaitUntil(mutex_, std::move(call_stop), deadline,
                            [this]() PINION_REQUIRES(mutex_) {
                              return state_ == State::kDone || state_ == State::kFetched;
                            });
}

arrow::Result<SqlResult::Outcome> SqlResult::outcome() const {
  base::MutexLock lock(mutex_);
  ARROW_RETURN_NOT_OK(status_);
  return outcome_;
}

arrow::Result<std::shared_ptr<arrow::RecordBatch>> SqlResult::Next() {
  std::shared_ptr<arrow::RecordBatch> batch;
  if (!held_.empty()) {
    batch = std::move(held_.front());
    held_.pop_front();
    return batch;
  }
  if (tail_ == nullptr) return nullptr;
  ARROW_RETURN_NOT_OK(tail_->ReadNext(&batch));
  return batch;
}

arrow::Result<ResultRows> SqlResult::Fetch(std::shared_ptr<SqlResult> self,
                                           std::stop_token call_stop,
                                           arrow::Compression::type compression) {
  bool run = false;
  {
    base::MutexLock lock(self->mutex_);
    run = self->state_ == State::kNew;
    if (run) {
      self->state_ = State::kRunning;
    } else {
      self->changed_.Wait(self->mutex_, call_stop, [&]() PINION_REQUIRES(self->mutex_) {
        return self->state_ != State::kRunning;
      });
      if (self->state_ == State::kRunning) return Cancelled();
      ARROW_RETURN_NOT_OK(self->status_);
      if (self->state_ == State::kFetched) {
        return arrow::Status::KeyError(
            "this result has been fetched already: run the statement again");
      }
      self->state_ = State::kFetched;
    }
  }
  if (run) {
    const StopCallback on_stop(call_stop, [&self] { self->Cancel(); });
    ARROW_RETURN_NOT_OK(self->Settle(self->Execute(compression)));
    base::MutexLock lock(self->mutex_);
    self->state_ = State::kFetched;
  }
  ResultRows rows;
  rows.dataset_rows = self->dataset_rows_;
  rows.messages = self->messages_;
  rows.reader = std::make_shared<Reader>(std::move(self), std::move(call_stop));
  return rows;
}

}  // namespace pinion::flight
