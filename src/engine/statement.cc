#include "engine/statement.h"

#include <utility>

#include "engine/error.h"

namespace pinion::engine {

arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> Statement::Query(
    std::shared_ptr<arrow::RecordBatchReader> parameters, const ExecuteOptions& options) {
  if (info().kind != StatementKind::kQuery) {
    return MakeError(ErrorClass::kBinding,
                     "this statement returns no rows: run it as an update");
  }
  ARROW_ASSIGN_OR_RAISE(auto result, Execute(std::move(parameters), options));
  if (result.stream == nullptr) {
    return MakeError(ErrorClass::kBinding, "the statement returned no rows");
  }
  return std::move(result.stream);
}

arrow::Result<std::int64_t> Statement::Update(
    std::shared_ptr<arrow::RecordBatchReader> parameters, const ExecuteOptions& options) {
  ARROW_ASSIGN_OR_RAISE(auto result, Execute(std::move(parameters), options));
  if (result.stream != nullptr) {
    std::shared_ptr<arrow::RecordBatch> batch;
    do {
      ARROW_RETURN_NOT_OK(result.stream->ReadNext(&batch));
    } while (batch != nullptr);
  }
  return result.affected_rows;
}

}  // namespace pinion::engine
