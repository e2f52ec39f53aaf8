#include "engine/duckdb/stream_scan.h"

#include <numeric>
#include <utility>
#include <vector>

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
  bool ended PINION_GUARDED_BY(mutex) = false;
  int64_t next_batch PINION_GUARDED_BY(mutex) = 0;
};

struct StreamLocalState : public duckdb::LocalTableFunctionState {
  StreamLocalState(duckdb::ClientContext& context, const StreamBindData& bind,
                   std::vector<duckdb::column_t> columns)
      : reader(context, bind.import, std::move(columns)) {}

  ArrowImport::Reader reader;
  bool has_batch = false;
  int64_t batch_index = 0;
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

// Takes the next batch; false at the end.
bool NextBatch(StreamGlobalState& global, StreamLocalState& local) {
  std::shared_ptr<arrow::RecordBatch> batch;
  {
    base::MutexLock lock(global.mutex);
    if (global.ended) return false;
    const auto status = global.reader->ReadNext(&batch);
    global.ended = !status.ok() || batch == nullptr;
    if (!status.ok()) Throw(status);
    if (batch == nullptr) return false;
    local.batch_index = global.next_batch++;
  }
  const auto status = local.reader.SetBatch(batch);
  if (!status.ok()) Throw(status);
  local.has_batch = true;
  return true;
}

void Scan(duckdb::ClientContext&, duckdb::TableFunctionInput& input,
          duckdb::DataChunk& output) {
  auto& global = input.global_state->Cast<StreamGlobalState>();
  auto& local = input.local_state->Cast<StreamLocalState>();
  for (;;) {
    if (local.has_batch && local.reader.Read(output) > 0) return;
    local.has_batch = false;
    if (!NextBatch(global, local)) return;
  }
}

duckdb::OperatorPartitionData PartitionData(
    duckdb::ClientContext&, duckdb::TableFunctionGetPartitionInput& input) {
  return duckdb::OperatorPartitionData(
      input.local_state->Cast<StreamLocalState>().batch_index);
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
