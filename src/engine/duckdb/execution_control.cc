#include "engine/duckdb/execution_control.h"

#include <algorithm>
#include <functional>
#include <utility>

#include <duckdb/main/client_context.hpp>

#include "engine/duckdb/error_translation.h"
#include "engine/error.h"

namespace pinion::engine::duck {

arrow::Status StopStatus(StopReason reason) {
  switch (reason) {
    case StopReason::kNone:
      return arrow::Status::OK();
    case StopReason::kCancelled:
      return MakeError(ErrorClass::kCancelled, "the statement was cancelled");
    case StopReason::kTimeout:
      return MakeError(ErrorClass::kTimeout, "the statement ran out of time");
    case StopReason::kSessionClosed:
      return MakeError(ErrorClass::kCancelled, "the session was closed");
    case StopReason::kTransactionEnded:
      return MakeError(ErrorClass::kCancelled,
                       "the transaction ended before the result was read");
    case StopReason::kEngineClosed:
      break;
  }
  return MakeError(ErrorClass::kUnavailable, "the SQL engine is shutting down");
}

ExecutionControl::ExecutionControl(std::stop_token token) {
  on_stop_.emplace(std::move(token), [this] { Stop(StopReason::kCancelled); });
}

void ExecutionControl::Stop(StopReason reason) {
  base::MutexLock lock(mutex_);
  if (reason_ != StopReason::kNone) return;
  reason_ = reason;
  if (context_ != nullptr) context_->Interrupt();
}

void ExecutionControl::Attach(duckdb::ClientContext& context) {
  base::MutexLock lock(mutex_);
  context_ = &context;
  if (reason_ != StopReason::kNone) context_->Interrupt();
}

void ExecutionControl::Detach() {
  base::MutexLock lock(mutex_);
  context_ = nullptr;
}

arrow::Status ExecutionControl::Check() const {
  base::MutexLock lock(mutex_);
  return StopStatus(reason_);
}

arrow::Status ExecutionControl::Translate(const duckdb::ErrorData& error,
                                          std::string_view sql) const {
  auto status = ToStatus(error, sql);
  if (IsError(status, ErrorClass::kCancelled)) {
    ARROW_RETURN_NOT_OK(Check());
  }
  return status;
}

void ExecutionSet::Add(const std::shared_ptr<ExecutionControl>& control) {
  StopReason closed;
  {
    base::MutexLock lock(mutex_);
    closed = closed_;
    if (controls_.size() >= prune_at_) {
      std::erase_if(controls_, [](const auto& weak) { return weak.expired(); });
      prune_at_ = std::max<size_t>(16, controls_.size() * 2);
    }
    controls_.push_back(control);
  }
  if (closed != StopReason::kNone) control->Stop(closed);
}

void ExecutionSet::StopAll(StopReason reason, bool forever) {
  std::vector<std::weak_ptr<ExecutionControl>> controls;
  {
    base::MutexLock lock(mutex_);
    controls.swap(controls_);
    if (forever) closed_ = reason;
  }
  for (const auto& weak : controls) {
    if (auto control = weak.lock()) control->Stop(reason);
  }
}

}  // namespace pinion::engine::duck
