#include "engine/duckdb/stream_scan.h"

#include <algorithm>
#include <deque>
#include <numeric>
#include <utility>
#include <vector>

#include <arrow/util/byte_size.h>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parallel/task_scheduler.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>

#include "base/mutex.h"
#include "engine/duckdb/arrow_import.h"
#include "engine/duckdb/error_translation.h"

namespace pinion::engine::duck {
namespace {

constexpr char kStreamFunction[] = "pinion_stream";
// What a thread takes at a time, however few rows that are.
constexpr int64_t kMaxBytesAtOnce = int64_t{32} << 20;

struct StreamInfo : public duckdb::TableFunctionInfo {
  explicit StreamInfo(std::shared_ptr<StreamSource> source_in)
      : source(std::move(source_in)) {}

  const std::shared_ptr<StreamSource> source;
};

struct StreamBindData : public duckdb::TableFunctionData {
  std::shared_ptr<StreamSource> source;
  std::shared_ptr<const ArrowImport> import;
};

struct StreamGlobalState : public duckdb::GlobalTableFunctionState {
  explicit StreamGlobalState(duckdb::idx_t threads_in) : threads(threads_in) {}
  duckdb::idx_t MaxThreads() const override { return threads; }

  const duckdb::idx_t threads;
  base::Mutex mutex;
  std::shared_ptr<arrow::RecordBatchReader> reader PINION_GUARDED_BY(mutex);
  // What is left of the batch that was read last.
  std::shared_ptr<arrow::RecordBatch> rest PINION_GUARDED_BY(mutex);
  int64_t rest_row_bytes PINION_GUARDED_BY(mutex) = 0;
  bool ended PINION_GUARDED_BY(mutex) = false;
  int64_t next_piece PINION_GUARDED_BY(mutex) = 0;
};

struct StreamLocalState : public duckdb::LocalTableFunctionState {
  StreamLocalState(duckdb::ClientContext& context, const StreamBindData& bind,
                   std::vector<duckdb::column_t> columns)
      : reader(context, bind.import, std::move(columns)) {}

  ArrowImport::Reader reader;
  bool has_batch = false;
  // Of the piece, those that are still to be read.
  std::deque<std::shared_ptr<arrow::RecordBatch>> batches;
  int64_t piece = 0;
};

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context,
                                              duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<duckdb::Identifier>& names) {
  if (!input.ref.bind_info) {
    throw duckdb::BinderException("%s is not for SQL", kStreamFunction);
  }
  const auto& info = input.ref.bind_info->Cast<StreamInfo>();
  auto import = ArrowImport::Create(context, info.source->schema());
  if (!import.ok()) Throw(import.status());
  auto bind = duckdb::make_uniq<StreamBindData>();
  bind->source = info.source;
  bind->import = import.MoveValueUnsafe();
  types = bind->import->types();
  for (const auto& column : bind->import->names()) names.emplace_back(column);
  if (types.empty()) throw duckdb::BinderException("the data has no columns");
  return bind;
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(
    duckdb::ClientContext& context, duckdb::TableFunctionInitInput& input) {
  auto reader = input.bind_data->Cast<StreamBindData>().source->Open();
  if (!reader.ok()) Throw(reader.status());
  auto global = duckdb::make_uniq<StreamGlobalState>(context.db->NumberOfThreads());
  base::MutexLock lock(global->mutex);
  global->reader = reader.MoveValueUnsafe();
  return global;
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> InitLocal(
    duckdb::ExecutionContext& context, duckdb::TableFunctionInitInput& input,
    duckdb::GlobalTableFunctionState*) {
  const auto& bind = input.bind_data->Cast<StreamBindData>();
  std::vector<duckdb::column_t> all(bind.import->types().size());
  std::iota(all.begin(), all.end(), 0);
  return duckdb::make_uniq<StreamLocalState>(context.client, bind, std::move(all));
}

// Sees to it that there is a rest, which has rows; false at the end.
bool HasRest(const ArrowImport& import, StreamGlobalState& global)
    PINION_REQUIRES(global.mutex) {
  while (!global.ended && (global.rest == nullptr || global.rest->num_rows() == 0)) {
    const auto status = global.reader->ReadNext(&global.rest);
    global.ended = !status.ok() || global.rest == nullptr;
    if (!status.ok()) Throw(status);
    if (global.ended || global.rest->num_rows() == 0) continue;
    auto aligned = import.Aligned(std::move(global.rest));
    if (!aligned.ok()) Throw(aligned.status());
    global.rest = aligned.MoveValueUnsafe();
    // Not yet checked, so that only the sizes of the buffers can be looked at.
    global.rest_row_bytes =
        arrow::util::TotalBufferSize(*global.rest) / global.rest->num_rows();
  }
  return global.rest != nullptr;
}

// Takes the next piece; false at the end.
bool NextPiece(const StreamBindData& bind, StreamGlobalState& global,
               StreamLocalState& local) {
  base::MutexLock lock(global.mutex);
  int64_t rows = 0;
  int64_t bytes = 0;
  do {
    if (!HasRest(*bind.import, global)) break;
    const int64_t all = global.rest->num_rows();
    const int64_t wanted = bind.source->rows_at_once();
    const int64_t count = wanted == 0 ? all : std::min(all, wanted - rows);
    local.batches.push_back(global.rest->Slice(0, count));
    bytes += count * global.rest_row_bytes;
    rows += count;
    global.rest = count == all ? nullptr : global.rest->Slice(count);
  } while (rows < bind.source->rows_at_once() && bytes < kMaxBytesAtOnce);
  if (rows == 0) return false;
  local.piece = global.next_piece++;
  return true;
}

// Takes the next batch; false at the end.
bool NextBatch(const StreamBindData& bind, StreamGlobalState& global,
               StreamLocalState& local) {
  if (local.batches.empty() && !NextPiece(bind, global, local)) return false;
  const auto batch = std::move(local.batches.front());
  local.batches.pop_front();
  auto status = bind.source->Check(*batch);
  if (status.ok()) status = local.reader.SetBatch(batch);
  if (!status.ok()) Throw(status);
  local.has_batch = true;
  return true;
}

void Scan(duckdb::ClientContext&, duckdb::TableFunctionInput& input,
          duckdb::DataChunk& output) {
  const auto& bind = input.bind_data->Cast<StreamBindData>();
  auto& global = input.global_state->Cast<StreamGlobalState>();
  auto& local = input.local_state->Cast<StreamLocalState>();
  for (;;) {
    if (local.has_batch && local.reader.Read(output) > 0) return;
    local.has_batch = false;
    if (!NextBatch(bind, global, local)) return;
  }
}

duckdb::OperatorPartitionData PartitionData(
    duckdb::ClientContext&, duckdb::TableFunctionGetPartitionInput& input) {
  return duckdb::OperatorPartitionData(input.local_state->Cast<StreamLocalState>().piece);
}

}  // namespace

duckdb::TableFunction StreamFunction() {
  duckdb::TableFunction function(kStreamFunction, duckdb::vector<duckdb::LogicalType>(),
                                 Scan, Bind, InitGlobal, InitLocal);
  function.get_partition_data = PartitionData;
  return function;
}

duckdb::unique_ptr<duckdb::TableRef> StreamCall(std::shared_ptr<StreamSource> source) {
  auto call = duckdb::make_uniq<duckdb::TableFunctionRef>();
  call->function = duckdb::make_uniq<duckdb::FunctionExpression>(
      duckdb::Identifier(kStreamFunction),
      duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>>());
  call->bind_info = duckdb::make_shared_ptr<StreamInfo>(std::move(source));
  return call;
}

}  // namespace pinion::engine::duck
