#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <arrow/record_batch.h>
#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/main/client_context.hpp>

#include "data/dataset.h"
#include "engine/duckdb/arrow_import.h"

namespace pinion::engine::duck {

// Reads ranges of a dataset's batches, a vector full of rows at a time: some columns
// first, and the rest only where it is asked for. Where the dataset allows it, the rest
// of a batch is not even decoded before. Not thread-safe; throws what DuckDB shall see.
class RangeReader {
 public:
  RangeReader(duckdb::ClientContext& context,
              std::shared_ptr<const data::Dataset> dataset,
              const std::shared_ptr<const ArrowImport>& import,
              const std::vector<duckdb::column_t>& first,
              const std::vector<duckdb::column_t>& rest);

  // Starts a range.
  void Open(int64_t first_batch, int64_t num_batches);

  // Goes to the next rows, as many as a vector holds or a batch has left; returns how
  // many. 0 at the end of the range.
  duckdb::idx_t Next();

  // Of the rows that Next came to; good until it is called again.
  duckdb::DataChunk& first() { return first_.chunk; }
  duckdb::DataChunk& ReadRest();

 private:
  struct Part {
    Part(duckdb::ClientContext& context, const std::shared_ptr<const ArrowImport>& import,
         const std::vector<duckdb::column_t>& columns);
    void Set(const std::shared_ptr<arrow::RecordBatch>& batch);

    std::vector<int> fields;
    ArrowImport::Reader reader;
    duckdb::DataChunk chunk;
  };

  std::shared_ptr<arrow::RecordBatchReader> OpenReader(std::vector<int> fields,
                                                       int64_t first_batch) const;
  bool NextBatch();
  std::shared_ptr<arrow::RecordBatch> RestOfBatch();

  const std::shared_ptr<const data::Dataset> dataset_;
  // Whether the rest has a reader of its own.
  const bool apart_;
  Part first_;
  Part rest_;

  int64_t end_batch_ = 0;
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  int64_t batch_index_ = 0;
  int64_t row_ = 0;       // in the batch: where the rows begin
  int64_t next_row_ = 0;  // and where they end

  std::shared_ptr<arrow::RecordBatchReader> rest_reader_;
  int64_t rest_reader_at_ = 0;  // the batch that it gives next
  int64_t rest_index_ = -1;     // the batch that rest_ has
  int64_t rest_row_ = 0;        // what it reads next there
};

}  // namespace pinion::engine::duck
