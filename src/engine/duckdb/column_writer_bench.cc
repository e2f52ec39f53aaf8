// Values of DuckDB into Arrow arrays: ours, and DuckDB's own appender.
#include <memory>
#include <string>
#include <utility>

#include <arrow/c/abi.h>
#include <arrow/c/helpers.h>
#include <benchmark/benchmark.h>
#include <duckdb/common/arrow/arrow_appender.hpp>
#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/common/types/value.hpp>
#include <duckdb/main/client_properties.hpp>

#include "engine/duckdb/column_writer.h"
#include "engine/duckdb/wire_type.h"

namespace pinion::engine::duck {
namespace {

constexpr duckdb::idx_t kRows = STANDARD_VECTOR_SIZE;
constexpr int kVectors = 8;  // an array's worth

enum Kind { kInteger, kDecimal, kShortText, kLongText, kWithNulls };

std::pair<duckdb::LogicalType, std::string> TypeAndName(int64_t kind) {
  switch (kind) {
    case kDecimal:
      return {duckdb::LogicalType::DECIMAL(15, 2), "decimal(15,2)"};
    case kShortText:
      return {duckdb::LogicalType::VARCHAR, "text of 8 bytes"};
    case kLongText:
      return {duckdb::LogicalType::VARCHAR, "text of 27 bytes"};
    case kWithNulls:
      return {duckdb::LogicalType::BIGINT, "int64, every 8th null"};
    default:
      return {duckdb::LogicalType::BIGINT, "int64"};
  }
}

duckdb::Value ValueOf(int64_t kind, int64_t row) {
  switch (kind) {
    case kDecimal:
      return duckdb::Value::DECIMAL(row * 101, 15, 2);
    case kShortText:
    case kLongText: {
      std::string text = std::to_string(row);
      text.resize(kind == kShortText ? 8 : 27, '.');
      return duckdb::Value(std::move(text));
    }
    default:
      if (kind == kWithNulls && row % 8 == 0) return duckdb::Value();
      return duckdb::Value::BIGINT(row);
  }
}

void Fill(duckdb::DataChunk& chunk, int64_t kind) {
  chunk.Initialize(duckdb::Allocator::DefaultAllocator(), {TypeAndName(kind).first});
  for (duckdb::idx_t row = 0; row < kRows; ++row) {
    chunk.data[0].SetValue(row, ValueOf(kind, static_cast<int64_t>(row)));
  }
  chunk.SetCardinalityUnsafe(kRows);
}

void SetRate(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * kVectors * static_cast<int64_t>(kRows));
  state.SetLabel(TypeAndName(state.range(0)).second);
}

void BM_ColumnWriter(benchmark::State& state) {
  duckdb::DataChunk chunk;
  Fill(chunk, state.range(0));
  const auto wire = WireTypeOf(TypeAndName(state.range(0)).first).ValueOrDie();
  const auto writer = MakeColumnWriter(wire.cast_type, wire.arrow_type,
                                       std::make_shared<base::RecyclingPool>(1 << 26));
  for (auto _ : state) {
    for (int i = 0; i < kVectors; ++i) writer->Append(chunk.data[0], 0, kRows, kRows);
    benchmark::DoNotOptimize(writer->Finish());
  }
  SetRate(state);
}

void BM_ArrowAppender(benchmark::State& state) {
  duckdb::DataChunk chunk;
  Fill(chunk, state.range(0));
  for (auto _ : state) {
    duckdb::ArrowAppender appender(
        {TypeAndName(state.range(0)).first}, kVectors * kRows, duckdb::ClientProperties(),
        duckdb::unordered_map<
            duckdb::idx_t, const duckdb::shared_ptr<duckdb::ArrowTypeExtensionData>>());
    for (int i = 0; i < kVectors; ++i) appender.Append(chunk, 0, kRows, kRows);
    ArrowArray array = appender.Finalize();
    benchmark::DoNotOptimize(array);
    ArrowArrayRelease(&array);
  }
  SetRate(state);
}

BENCHMARK(BM_ColumnWriter)
    ->DenseRange(kInteger, kWithNulls)
    ->Unit(benchmark::kMicrosecond);
BENCHMARK(BM_ArrowAppender)
    ->DenseRange(kInteger, kWithNulls)
    ->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pinion::engine::duck
