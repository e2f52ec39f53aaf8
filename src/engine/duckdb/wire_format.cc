#include "engine/duckdb/wire_format.h"

#include <algorithm>
#include <deque>
#include <limits>
#include <utility>

#include <arrow/c/bridge.h>
#include <arrow/util/byte_size.h>
#include <duckdb/common/arrow/arrow_appender.hpp>
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

#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/wire_type.h"

namespace pinion::engine::duck {
namespace {

class BatchUnit : public duckdb::ResultUnit {
 public:
  BatchUnit(std::shared_ptr<arrow::RecordBatch> batch, int64_t bytes)
      : ResultUnit(batch->num_rows(), bytes), batch_(std::move(batch)) {}

  std::shared_ptr<arrow::RecordBatch> TakeBatch() { return std::move(batch_); }

 private:
  std::shared_ptr<arrow::RecordBatch> batch_;
};

// About how many bytes the values of `vector` take in Arrow.
int64_t EstimateBytes(const duckdb::Vector& vector, duckdb::idx_t count) {
  const auto& type = vector.GetType();
  switch (type.InternalType()) {
    case duckdb::PhysicalType::VARCHAR: {
      duckdb::UnifiedVectorFormat format;
      vector.ToUnifiedFormat(format);
      const auto* values = duckdb::UnifiedVectorFormat::GetData<duckdb::string_t>(format);
      int64_t bytes = 4 * static_cast<int64_t>(count);
      for (duckdb::idx_t i = 0; i < count; ++i) {
        const auto at = format.sel->get_index(i);
        if (format.validity.RowIsValid(at)) bytes += values[at].GetSize();
      }
      return bytes;
    }
    case duckdb::PhysicalType::LIST: {
      if (vector.GetVectorType() != duckdb::VectorType::FLAT_VECTOR) break;
      const auto size = duckdb::ListVector::GetListSize(vector);
      return 4 * static_cast<int64_t>(count) +
             EstimateBytes(duckdb::ListVector::GetChild(vector), size);
    }
    case duckdb::PhysicalType::ARRAY: {
      if (vector.GetVectorType() != duckdb::VectorType::FLAT_VECTOR) break;
      return EstimateBytes(duckdb::ArrayVector::GetChild(vector),
                           count * duckdb::ArrayType::GetSize(type));
    }
    case duckdb::PhysicalType::STRUCT: {
      if (vector.GetVectorType() != duckdb::VectorType::FLAT_VECTOR) break;
      int64_t bytes = 0;
      for (const auto& child : duckdb::StructVector::GetEntries(vector)) {
        bytes += EstimateBytes(child, count);
      }
      return bytes;
    }
    default:
      return static_cast<int64_t>(duckdb::GetTypeIdSize(type.InternalType()) * count);
  }
  return 16 * static_cast<int64_t>(count);
}

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
    : context_(context) {
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
      : state(state_in), limits(limits_in) {
    if (!state.casts().empty()) {
      executor =
          std::make_unique<duckdb::ExpressionExecutor>(state.context(), state.casts());
      cast_chunk.Initialize(state.context(), state.cast_types());
    }
  }

  void Append(duckdb::DataChunk& chunk) {
    const auto count = chunk.size();
    if (state.has_intervals()) {
      for (const auto& column : chunk.data) CheckNestedIntervals(column, count);
    }
    int64_t estimate = 0;
    for (const auto& column : chunk.data) estimate += EstimateBytes(column, count);
    row_bytes = std::max<int64_t>(estimate / std::max<int64_t>(count, 1), 1);
    for (duckdb::idx_t from = 0; from < count;) {
      if (!appender) StartBatch();
      const auto to = from + std::min(NextStep(), count - from);
      appender->Append(chunk, from, to, count);
      from = to;
      bytes = static_cast<int64_t>(appender->ByteSize());
      if (static_cast<int64_t>(appender->RowCount()) >= limits.rows ||
          bytes >= limits.bytes - limits.bytes / 8) {
        FinishBatch();
      }
    }
  }

  void StartBatch() {
    // Room for a batch like the last one; small results stay small.
    appender = std::make_unique<duckdb::ArrowAppender>(
        state.cast_types(), last_rows, duckdb::ClientProperties(),
        duckdb::unordered_map<
            duckdb::idx_t, const duckdb::shared_ptr<duckdb::ArrowTypeExtensionData>>());
  }

  // No more than an eighth of the limit at a time.
  duckdb::idx_t NextStep() const {
    const auto rows = static_cast<int64_t>(appender->RowCount());
    return std::max<int64_t>(std::min(limits.rows - rows, limits.bytes / 8 / row_bytes),
                             1);
  }

  void FinishBatch() {
    last_rows = std::max<duckdb::idx_t>(appender->RowCount(), STANDARD_VECTOR_SIZE);
    ArrowArray array = appender->Finalize();
    appender.reset();
    bytes = 0;
    auto batch = arrow::ImportRecordBatch(&array, state.schema());
    if (!batch.ok()) Throw(batch.status());
    full.push_back(batch.MoveValueUnsafe());
  }

  const WireGlobalState& state;
  const BatchLimits limits;
  std::unique_ptr<duckdb::ExpressionExecutor> executor;
  duckdb::DataChunk cast_chunk;
  std::unique_ptr<duckdb::ArrowAppender> appender;
  std::deque<std::shared_ptr<arrow::RecordBatch>> full;
  int64_t bytes = 0;
  int64_t row_bytes = 1;
  duckdb::idx_t last_rows = STANDARD_VECTOR_SIZE;
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
  if (impl_->full.empty() && impl_->appender) impl_->FinishBatch();
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
    duckdb::ResultFormatGlobalState&, duckdb::ResultFormatLocalState& local) {
  auto batch = local.Cast<BatchBuilder>().Take();
  if (batch == nullptr) return nullptr;
  const int64_t bytes = arrow::util::TotalBufferSize(*batch);
  return duckdb::make_uniq<BatchUnit>(std::move(batch), bytes);
}

duckdb::unique_ptr<WireFormat::T> WireFormat::UnpackUnit(
    duckdb::unique_ptr<duckdb::ResultUnit> unit) {
  if (!unit) return nullptr;
  auto payload = duckdb::make_uniq<T>();
  payload->batch = unit->Cast<BatchUnit>().TakeBatch();
  return payload;
}

duckdb::unique_ptr<WireFormat::T> WireFormat::CopyPayload(const T& payload) {
  return duckdb::make_uniq<T>(payload);
}

}  // namespace pinion::engine::duck
