#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include <arrow/ipc/message.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <arrow/util/compression.h>
#include <duckdb/main/result_format.hpp>
#include <duckdb/main/retained_result_collection.hpp>
#include <duckdb/planner/expression.hpp>

#include "base/recycling_pool.h"

namespace pinion::engine::duck {

struct BatchLimits {
  int64_t rows = 32 * 1024;
  int64_t bytes = 3 * 1024 * 1024;
};

// Per-query state of WireFormat, shared by the workers: the schema of the stream and the
// casts that lead to it.
class WireGlobalState : public duckdb::ResultFormatGlobalState {
 public:
  // Throws what WireSchema says.
  WireGlobalState(duckdb::ClientContext& context,
                  const duckdb::vector<duckdb::Identifier>& names,
                  const duckdb::vector<duckdb::LogicalType>& types);

  const std::shared_ptr<arrow::Schema>& schema() const { return schema_; }
  const duckdb::vector<duckdb::LogicalType>& cast_types() const { return cast_types_; }
  // One a column; empty if no column needs a cast.
  const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& casts() const {
    return casts_;
  }
  // Whether a column holds intervals, at any depth.
  bool has_intervals() const { return has_intervals_; }
  // Where the values go.
  const std::shared_ptr<base::RecyclingPool>& pool() const { return pool_; }
  duckdb::ClientContext& context() const { return context_; }
  // Whether nobody has asked before.
  bool IsFirstUnit() { return !has_unit_.exchange(true); }

 private:
  duckdb::ClientContext& context_;
  bool has_intervals_ = false;
  std::atomic<bool> has_unit_ = false;
  std::shared_ptr<base::RecyclingPool> pool_;
  std::shared_ptr<arrow::Schema> schema_;
  duckdb::vector<duckdb::LogicalType> cast_types_;
  duckdb::vector<duckdb::unique_ptr<duckdb::Expression>> casts_;
};

// Makes Arrow record batches of DuckDB's vectors, in the types of WireTypeOf and within
// the limits given. Not thread-safe: each producer has its own.
class BatchBuilder : public duckdb::ResultFormatLocalState {
 public:
  BatchBuilder(const WireGlobalState& state, const BatchLimits& limits);
  ~BatchBuilder() override;

  // Copies the rows. Throws when a value does not fit its wire type.
  void Append(duckdb::DataChunk& chunk);
  bool HasFullBatch() const;
  // The next full batch, else the rest; null when there is nothing.
  std::shared_ptr<arrow::RecordBatch> Take();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// DuckDB's workers finish whole Arrow record batches with it, or compressed messages of
// them: QueryResultStream<WireFormat> hands them out in order. Immutable; shared by the
// workers of one query.
class WireFormat : public duckdb::ResultFormatBase<WireFormat> {
 public:
  // A batch or a message of it.
  struct T {
    int64_t rows = 0;
    std::shared_ptr<arrow::RecordBatch> batch;
    std::shared_ptr<arrow::ipc::Message> message;
  };
  using GlobalState = WireGlobalState;
  // NOLINTNEXTLINE(readability-identifier-naming): DuckDB looks for it.
  static constexpr const char* NAME = "pinion_wire";

  // `buffer_bytes` is what DuckDB may have ready of the result. With a codec, messages
  // are made of the batches.
  WireFormat(const BatchLimits& limits, int64_t buffer_bytes,
             std::shared_ptr<arrow::util::Codec> codec = nullptr)
      : limits_(limits), buffer_bytes_(buffer_bytes), codec_(std::move(codec)) {}

  const char* Name() const override { return NAME; }
  duckdb::unique_ptr<duckdb::ResultFormatGlobalState> InitGlobal(
      const duckdb::ResultFormatContext& context) override;
  duckdb::unique_ptr<duckdb::ResultFormatLocalState> InitLocal(
      duckdb::ResultFormatGlobalState& global) override;
  void AppendToUnit(duckdb::ResultFormatGlobalState& global,
                    duckdb::ResultFormatLocalState& local,
                    duckdb::DataChunk& chunk) override;
  bool IsUnitFinished(duckdb::ResultFormatLocalState& local) override;
  duckdb::unique_ptr<duckdb::ResultUnit> FinishUnit(
      duckdb::ResultFormatGlobalState& global,
      duckdb::ResultFormatLocalState& local) override;

  static duckdb::unique_ptr<T> UnpackUnit(duckdb::unique_ptr<duckdb::ResultUnit> unit);
  static duckdb::unique_ptr<T> CopyPayload(const T& payload);

 private:
  const BatchLimits limits_;
  const int64_t buffer_bytes_;
  const std::shared_ptr<arrow::util::Codec> codec_;
};

}  // namespace pinion::engine::duck
