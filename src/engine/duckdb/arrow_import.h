#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type.h>
#include <duckdb/common/types/data_chunk.hpp>

namespace pinion::engine::duck {

// How the columns of an Arrow schema become vectors of DuckDB's. Immutable after Create;
// shared by the readers of one table.
class ArrowImport {
 public:
  // kNotSupported, naming column and type, when DuckDB cannot take a column.
  static arrow::Result<std::shared_ptr<const ArrowImport>> Create(
      duckdb::ClientContext& context, std::shared_ptr<arrow::Schema> schema);
  ~ArrowImport();

  const duckdb::vector<duckdb::LogicalType>& types() const;
  // As in the schema, made unique without regard to case.
  const std::vector<std::string>& names() const;

  // A batch of all columns that the readers can read, also in slices, of one whose
  // buffers are not aligned. Here those are copied that cannot be copied row by row.
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Aligned(
      std::shared_ptr<arrow::RecordBatch> batch) const;

  // Reads the rows of one batch after the other. `columns` says which column of the
  // schema each column of the batches is. Not thread-safe.
  class Reader {
   public:
    Reader(duckdb::ClientContext& context, std::shared_ptr<const ArrowImport> import,
           std::vector<duckdb::column_t> columns);
    ~Reader();

    // Starts the next batch, whose columns are those given, in order.
    arrow::Status SetBatch(const std::shared_ptr<arrow::RecordBatch>& batch);
    // Fills `output`, which has the columns' types, with the next rows of the batch: a
    // vector full or what is left; returns how many. The vectors may point into the batch
    // and keep it. Throws as DuckDB does.
    int64_t Read(duckdb::DataChunk& output);
    // Leaves out the next rows of the batch, which has that many.
    void Skip(int64_t rows);

   private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
  };

 private:
  struct Impl;
  explicit ArrowImport(std::unique_ptr<Impl> impl);

  std::unique_ptr<Impl> impl_;
};

}  // namespace pinion::engine::duck
