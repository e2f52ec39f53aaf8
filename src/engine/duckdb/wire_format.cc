#include "engine/duckdb/wire_format.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <utility>

#include <arrow/util/byte_size.h>
#include <duckdb/common/type_visitor.hpp>
#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/common/types/interval.hpp>
#include <duckdb/common/vector/array_vector.hpp>
#include <duckdb/common/vector/list_vector.hpp>
#include <duckdb/common/vector/struct_vector.hpp>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/planner/expression/bound_cast_expression.hpp>
#include <duckdb/planner/expression/bound_reference_expression.hpp>

#include "engine/duckdb/batch_message.h"
#include "engine/duckdb/column_writer.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/wire_type.h"

namespace pinion::engine::duck {
namespace {

// What a result keeps of the memory of batches that were sent, for the next ones.
constexpr int64_t kMaxKeptBytes = int64_t{64} << 20;

class BatchUnit : public duckdb::ResultUnit {
 public:
  BatchUnit(WireFormat::T payload, int64_t bytes)
      : ResultUnit(payload.rows, bytes), payload_(std::move(payload)) {}

  WireFormat::T TakePayload() { return std::move(payload_); }

 private:
  WireFormat::T payload_;
};

// Arrow counts nanoseconds where DuckDB counts microseconds; refuse what would overflow.
void CheckIntervals(const duckdb::Vector& vector, duckdb::idx_t count) {
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 1000;
  duckdb::UnifiedVectorFormat format;
  vector.ToUnifiedFormat(format);
  const auto* values = duckdb::UnifiedVectorFormat::GetData<duckdb::interval_t>(format);
  for (duckdb::idx_t i = 0; i < count; ++i) {
    const auto at = format.sel->get_index(i);
    if (!format.validity.RowIsValid(at)) continue;
    if (values[at].micros > kMost || values[at].micros < -kMost) {
      Throw(
          MakeError(ErrorClass::kType,
                    "an INTERVAL of more than 292 years in microseconds cannot be sent: "
                    "cast it to VARCHAR",
                    std::nullopt, "22015"));
    }
  }
}

// The same for intervals inside of other values.
void CheckNestedIntervals(const duckdb::Vector& vector, duckdb::idx_t count) {
  const auto& type = vector.GetType();
  if (!duckdb::TypeVisitor::Contains(type, duckdb::LogicalTypeId::INTERVAL)) return;
  if (type.id() == duckdb::LogicalTypeId::INTERVAL) {
    CheckIntervals(vector, count);
    return;
  }
  vector.Flatten();
  switch (type.InternalType()) {
    case duckdb::PhysicalType::LIST:
      CheckNestedIntervals(duckdb::ListVector::GetChild(vector),
                           duckdb::ListVector::GetListSize(vector));
      break;
    case duckdb::PhysicalType::ARRAY:
      CheckNestedIntervals(duckdb::ArrayVector::GetChild(vector),
                           count * duckdb::ArrayType::GetSize(type));
      break;
    case duckdb::PhysicalType::STRUCT:
      for (const auto& child : duckdb::StructVector::GetEntries(vector)) {
        CheckNestedIntervals(child, count);
      }
      break;
    default:
      break;
  }
}

}  // namespace

WireGlobalState::WireGlobalState(duckdb::ClientContext& context,
                                 const duckdb::vector<duckdb::Identifier>& names,
                                 const duckdb::vector<duckdb::LogicalType>& types)
    : context_(context), pool_(std::make_shared<base::RecyclingPool>(kMaxKeptBytes)) {
  auto schema = WireSchema(names, types);
  if (!schema.ok()) Throw(schema.status());
  schema_ = schema.MoveValueUnsafe();
  bool needs_cast = false;
  for (size_t i = 0; i < types.size(); ++i) {
    auto wire = WireTypeOf(types[i]);
    if (!wire.ok()) Throw(wire.status());
    duckdb::unique_ptr<duckdb::Expression> column =
        duckdb::make_uniq<duckdb::BoundReferenceExpression>(types[i], i);
    if (wire->cast_type != types[i]) {
      needs_cast = true;
      column = duckdb::BoundCastExpression::AddCastToType(context, std::move(column),
                                                          wire->cast_type);
    }
    casts_.push_back(std::move(column));
    cast_types_.push_back(wire->cast_type);
    has_intervals_ |=
        duckdb::TypeVisitor::Contains(wire->cast_type, duckdb::LogicalTypeId::INTERVAL);
  }
  if (!needs_cast) casts_.clear();
}

struct BatchBuilder::Impl {
  Impl(const WireGlobalState& state_in, const BatchLimits& limits_in)
      : state(state_in),
        limits(limits_in),
        row_limit(std::min<int64_t>(limits_in.rows, STANDARD_VECTOR_SIZE)) {
    if (!state.casts().empty()) {
      executor =
          std::make_unique<duckdb::ExpressionExecutor>(state.context(), state.casts());
      cast_chunk.Initialize(state.context(), state.cast_types());
    }
    for (size_t i = 0; i < state.cast_types().size(); ++i) {
      writers.push_back(MakeColumnWriter(
          state.cast_types()[i], state.schema()->field(static_cast<int>(i))->type(),
          state.pool()));
    }
  }

  void Append(duckdb::DataChunk& chunk) {
    const auto count = chunk.size();
    if (state.has_intervals()) {
      for (const auto& column : chunk.data) CheckNestedIntervals(column, count);
    }
    int64_t estimate = 0;
    for (size_t i = 0; i < writers.size(); ++i) {
      estimate += writers[i]->EstimateBytes(chunk.data[i], count);
    }
    const auto row_bytes = std::max<int64_t>(
        estimate / std::max<int64_t>(static_cast<int64_t>(count), 1), 1);
    for (duckdb::idx_t from = 0; from < count;) {
      // No more than an eighth of the limit at a time.
      const auto step =
          std::max<int64_t>(std::min(row_limit - rows, limits.bytes / 8 / row_bytes), 1);
      const auto to = std::min(from + static_cast<duckdb::idx_t>(step), count);
      int64_t bytes = 0;
      for (size_t i = 0; i < writers.size(); ++i) {
        writers[i]->Append(chunk.data[i], from, to, count);
        bytes += writers[i]->bytes();
      }
      rows += static_cast<int64_t>(to - from);
      from = to;
      if (rows >= row_limit || bytes >= limits.bytes - limits.bytes / 8) FinishBatch();
    }
  }

  void FinishBatch() {
    row_limit = std::min(limits.rows, 4 * row_limit);
    std::vector<std::shared_ptr<arrow::ArrayData>> columns;
    columns.reserve(writers.size());
    for (const auto& writer : writers) columns.push_back(writer->Finish());
    full.push_back(arrow::RecordBatch::Make(state.schema(), std::exchange(rows, 0),
                                            std::move(columns)));
  }

  const WireGlobalState& state;
  const BatchLimits limits;
  std::unique_ptr<duckdb::ExpressionExecutor> executor;
  duckdb::DataChunk cast_chunk;
  std::vector<std::unique_ptr<ColumnWriter>> writers;
  // What the writers have.
  int64_t rows = 0;
  // The first batches are small, so that the first rows are soon there.
  int64_t row_limit;
  std::deque<std::shared_ptr<arrow::RecordBatch>> full;
};

BatchBuilder::BatchBuilder(const WireGlobalState& state, const BatchLimits& limits)
    : impl_(std::make_unique<Impl>(state, limits)) {}

BatchBuilder::~BatchBuilder() = default;

void BatchBuilder::Append(duckdb::DataChunk& chunk) {
  if (impl_->executor == nullptr) {
    impl_->Append(chunk);
    return;
  }
  impl_->cast_chunk.Reset();
  impl_->executor->Execute(chunk, impl_->cast_chunk);
  impl_->Append(impl_->cast_chunk);
}

bool BatchBuilder::HasFullBatch() const { return !impl_->full.empty(); }

std::shared_ptr<arrow::RecordBatch> BatchBuilder::Take() {
  if (impl_->full.empty() && impl_->rows > 0) impl_->FinishBatch();
  if (impl_->full.empty()) return nullptr;
  auto batch = std::move(impl_->full.front());
  impl_->full.pop_front();
  return batch;
}

duckdb::unique_ptr<duckdb::ResultFormatGlobalState> WireFormat::InitGlobal(
    const duckdb::ResultFormatContext& context) {
  auto client = context.client_properties.client_context;
  return duckdb::make_uniq<WireGlobalState>(*client, context.names, context.types);
}

duckdb::unique_ptr<duckdb::ResultFormatLocalState> WireFormat::InitLocal(
    duckdb::ResultFormatGlobalState& global) {
  return duckdb::make_uniq<BatchBuilder>(global.Cast<WireGlobalState>(), limits_);
}

void WireFormat::AppendToUnit(duckdb::ResultFormatGlobalState&,
                              duckdb::ResultFormatLocalState& local,
                              duckdb::DataChunk& chunk) {
  local.Cast<BatchBuilder>().Append(chunk);
}

bool WireFormat::IsUnitFinished(duckdb::ResultFormatLocalState& local) {
  return local.Cast<BatchBuilder>().HasFullBatch();
}

duckdb::unique_ptr<duckdb::ResultUnit> WireFormat::FinishUnit(
    duckdb::ResultFormatGlobalState& global, duckdb::ResultFormatLocalState& local) {
  auto& state = global.Cast<WireGlobalState>();
  auto batch = local.Cast<BatchBuilder>().Take();
  if (batch == nullptr) return nullptr;
  T payload;
  payload.rows = batch->num_rows();
  int64_t bytes = arrow::util::TotalBufferSize(*batch);
  if (codec_ == nullptr) {
    payload.batch = std::move(batch);
  } else {
    auto message = EncodeBatch(*batch, codec_, state.pool());
    if (!message.ok()) Throw(message.status());
    payload.message = message.MoveValueUnsafe();
  }
  // The thread that reads takes part in the work and goes on until the buffer is full:
  // the first unit fills it, so that it is read at once.
  if (state.IsFirstUnit()) bytes = buffer_bytes_;
  return duckdb::make_uniq<BatchUnit>(std::move(payload), bytes);
}

duckdb::unique_ptr<WireFormat::T> WireFormat::UnpackUnit(
    duckdb::unique_ptr<duckdb::ResultUnit> unit) {
  if (!unit) return nullptr;
  return duckdb::make_uniq<T>(unit->Cast<BatchUnit>().TakePayload());
}

duckdb::unique_ptr<WireFormat::T> WireFormat::CopyPayload(const T& payload) {
  return duckdb::make_uniq<T>(payload);
}

}  // namespace pinion::engine::duck
