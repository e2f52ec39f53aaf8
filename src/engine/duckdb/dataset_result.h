#pragma once

#include <cstdint>
#include <memory>

#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "engine/dataset_rows.h"
#include "engine/duckdb/connection.h"
#include "engine/duckdb/dataset_plan.h"
#include "engine/duckdb/duck_session.h"

namespace pinion::engine::duck {

// The result of a statement that only picks columns and rows of a dataset: read from the
// dataset, past DuckDB. What stops an execution stops it; it holds its place in the
// session, like any open result, for as long as it lives.
//
// Used by one thread at a time.
class DatasetResult : public DatasetRows {
 public:
  DatasetResult(std::shared_ptr<Execution> execution, DuckSession::Place place,
                DatasetPlan plan)
      : execution_(std::move(execution)),
        place_(std::move(place)),
        plan_(std::move(plan)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return plan_.schema; }
  const Selection& selection() const override { return plan_.selection; }
  arrow::Status Pass(int64_t rows) override;
  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override;
  arrow::Status Close() override;

 private:
  // Makes batch_ the next batch of the dataset; null at the end.
  arrow::Status Fetch();

  const std::shared_ptr<Execution> execution_;
  DuckSession::Place place_;
  const DatasetPlan plan_;
  int64_t rows_passed_ = 0;
  // Opened by the first read.
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  // Given in slices of slice_rows_, from row_ on.
  std::shared_ptr<arrow::RecordBatch> batch_;
  int64_t row_ = 0;
  int64_t slice_rows_ = 0;
  bool ended_ = false;
};

}  // namespace pinion::engine::duck
