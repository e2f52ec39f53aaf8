#include "engine/duckdb/dataset_scan.h"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <optional>
#include <utility>
#include <vector>

#include <duckdb/common/virtual_file_system.hpp>
#include <duckdb/function/partition_stats.hpp>
#include <duckdb/main/client_context.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parallel/task_scheduler.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/expression/function_expression.hpp>
#include <duckdb/parser/tableref/table_function_ref.hpp>

#include "data/catalog.h"
#include "data/dataset.h"
#include "engine/duckdb/arrow_import.h"
#include "engine/duckdb/dataset_files.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/parquet_agreement.h"
#include "engine/duckdb/range_statistics.h"

namespace pinion::engine::duck {
namespace {

// Ranges of batches are made about so large, that many small batches cost no more than
// few large ones.
constexpr int64_t kRangeRows = 128 * 1024;

struct ScanInfo : public duckdb::TableFunctionInfo {
  ScanInfo(std::shared_ptr<data::Catalog> catalog_in,
           std::shared_ptr<DatasetFiles> files_in)
      : catalog(std::move(catalog_in)), files(std::move(files_in)) {}
  const std::shared_ptr<data::Catalog> catalog;
  const std::shared_ptr<DatasetFiles> files;
  StatisticsOfDatasets statistics;
  ParquetAgreement parquet;
};

struct ScanBindData : public duckdb::TableFunctionData {
  std::shared_ptr<const data::Dataset> dataset;
  std::shared_ptr<const ArrowImport> import;
  std::shared_ptr<RangeStatistics> statistics;
  // Ranges where these cannot hold are left out.
  std::vector<ColumnComparison> comparisons;
};

struct ScanGlobalState : public duckdb::GlobalTableFunctionState {
  duckdb::idx_t MaxThreads() const override {
    return std::max<int64_t>((batches + range_batches - 1) / range_batches, 1);
  }

  std::vector<duckdb::column_t> columns;  // as DuckDB asks for them
  std::vector<int> fields;                // the same as field numbers
  std::vector<size_t> learnt;             // places in `columns`
  bool only_counts = false;
  int64_t batches = 1;
  int64_t range_batches = 1;
  std::atomic<int64_t> next_range{0};
  std::atomic<int64_t> batches_read{0};
};

struct ScanLocalState : public duckdb::LocalTableFunctionState {
  ScanLocalState(duckdb::ClientContext& context, const ScanBindData& bind,
                 const ScanGlobalState& global)
      : import(context, bind.import, global.columns) {}

  ArrowImport::Reader import;
  std::shared_ptr<arrow::RecordBatchReader> range;
  int64_t range_index = 0;
  int64_t rows_to_count = 0;
  // What is being found out about the range, by place in the columns.
  std::vector<std::pair<size_t, std::shared_ptr<MinMax>>> learning;
};

const duckdb::string& NameArgument(const duckdb::TableFunctionBindInput& input) {
  if (input.inputs[0].IsNull()) {
    throw duckdb::BinderException("the name of a dataset cannot be NULL");
  }
  return duckdb::StringValue::Get(input.inputs[0]);
}

duckdb::unique_ptr<duckdb::TableRef> Call(const char* function, const std::string& text) {
  duckdb::vector<duckdb::unique_ptr<duckdb::ParsedExpression>> arguments;
  arguments.push_back(duckdb::ConstantExpression::String(text));
  auto call = duckdb::make_uniq<duckdb::TableFunctionRef>();
  call->function = duckdb::make_uniq<duckdb::FunctionExpression>(
      duckdb::Identifier(function), std::move(arguments));
  return call;
}

duckdb::unique_ptr<duckdb::TableRef> BindReplace(duckdb::ClientContext& context,
                                                 duckdb::TableFunctionBindInput& input) {
  auto& info = input.info->Cast<ScanInfo>();
  const auto dataset = info.catalog->FindOrNull(NameArgument(input));
  if (dataset == nullptr || dataset->format() != data::Format::kParquet) return nullptr;
  const auto path = info.files->PathOf(dataset);
  if (!info.parquet.Holds(context, dataset, path)) return nullptr;
  return Call("read_parquet", path);
}

int64_t RangeBatches(const data::Dataset& dataset, int64_t batches) {
  const auto rows = dataset.num_rows();
  if (!rows || *rows <= 0 || batches <= 1) return 1;
  const int64_t rows_a_batch = std::max<int64_t>(*rows / batches, 1);
  return std::clamp<int64_t>(kRangeRows / rows_a_batch, 1, batches);
}

int64_t RangeCount(const data::Dataset& dataset) {
  const int64_t batches = dataset.num_batches();
  const int64_t a_range = RangeBatches(dataset, batches);
  return std::max<int64_t>((batches + a_range - 1) / a_range, 1);
}

duckdb::unique_ptr<duckdb::FunctionData> Bind(duckdb::ClientContext& context,
                                              duckdb::TableFunctionBindInput& input,
                                              duckdb::vector<duckdb::LogicalType>& types,
                                              duckdb::vector<duckdb::Identifier>& names) {
  const auto& name = NameArgument(input);
  auto dataset = input.info->Cast<ScanInfo>().catalog->Find(name);
  if (!dataset.ok()) Throw(dataset.status());
  auto bind = duckdb::make_uniq<ScanBindData>();
  bind->dataset = dataset.MoveValueUnsafe();
  auto import = ArrowImport::Create(context, bind->dataset->schema());
  if (!import.ok()) {
    Throw(
        import.status().WithMessage("dataset '", name, "': ", import.status().message()));
  }
  bind->import = import.MoveValueUnsafe();
  bind->statistics = input.info->Cast<ScanInfo>().statistics.Of(
      bind->dataset, RangeCount(*bind->dataset));
  types = bind->import->types();
  for (const auto& column : bind->import->names()) names.emplace_back(column);
  if (types.empty()) {
    Throw(MakeError(ErrorClass::kNotSupported, "dataset '" + name + "' has no columns"));
  }
  return bind;
}

bool IsWorthLearning(const ScanBindData& bind, duckdb::column_t column) {
  return MinMax::IsCheap(bind.import->types()[column]) ||
         std::any_of(bind.comparisons.begin(), bind.comparisons.end(),
                     [&](const auto& comparison) { return comparison.column == column; });
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(
    duckdb::ClientContext&, duckdb::TableFunctionInitInput& input) {
  const auto& bind = input.bind_data->Cast<ScanBindData>();
  auto global = duckdb::make_uniq<ScanGlobalState>();
  for (const auto column : input.column_ids) {
    if (duckdb::IsVirtualColumn(column)) {
      global->only_counts = true;
      continue;
    }
    global->columns.push_back(column);
    global->fields.push_back(static_cast<int>(column));
  }
  if (global->only_counts && !global->columns.empty()) {
    throw duckdb::InternalException("a scan of rows and columns at once");
  }
  for (size_t i = 0; i < global->columns.size(); ++i) {
    if (IsWorthLearning(bind, global->columns[i])) global->learnt.push_back(i);
  }
  global->batches = bind.dataset->num_batches();
  global->range_batches = RangeBatches(*bind.dataset, global->batches);
  return global;
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> InitLocal(
    duckdb::ExecutionContext& context, duckdb::TableFunctionInitInput& input,
    duckdb::GlobalTableFunctionState* global) {
  return duckdb::make_uniq<ScanLocalState>(context.client,
                                           input.bind_data->Cast<ScanBindData>(),
                                           global->Cast<ScanGlobalState>());
}

bool MayHoldRows(const ScanBindData& bind, int64_t range) {
  return std::all_of(
      bind.comparisons.begin(), bind.comparisons.end(), [&](const auto& comparison) {
        const auto known = bind.statistics->Find(range, comparison.column);
        return known == nullptr || known->MayHold(comparison.type, comparison.constant);
      });
}

void StartLearning(const ScanBindData& bind, const ScanGlobalState& global,
                   ScanLocalState& local) {
  local.learning.clear();
  for (const size_t place : global.learnt) {
    if (bind.statistics->Find(local.range_index, global.columns[place]) == nullptr) {
      local.learning.emplace_back(place, std::make_shared<MinMax>());
    }
  }
}

// The next range that no thread has taken and that may hold rows; false after the last.
bool NextRange(const ScanBindData& bind, ScanGlobalState& global, ScanLocalState& local) {
  int64_t index = 0;
  int64_t first = 0;
  int64_t count = 0;
  for (;;) {
    index = global.next_range++;
    first = index * global.range_batches;
    if (first >= global.batches && index > 0) return false;
    count = std::min(global.range_batches, global.batches - first);
    if (MayHoldRows(bind, index)) break;
    global.batches_read += count;
  }
  data::ReadOptions options;
  options.columns = global.fields;
  options.first_batch = first;
  options.num_batches = count;
  options.use_threads = false;  // all of DuckDB's are at it
  auto reader = bind.dataset->OpenReader(options);
  if (!reader.ok()) Throw(reader.status());
  local.range = reader.MoveValueUnsafe();
  local.range_index = index;
  StartLearning(bind, global, local);
  return true;
}

// Reads the next batch of the range, or ends it.
void NextBatch(const ScanBindData& bind, ScanGlobalState& global, ScanLocalState& local) {
  std::shared_ptr<arrow::RecordBatch> batch;
  auto status = local.range->ReadNext(&batch);
  if (!status.ok()) Throw(status);
  if (batch == nullptr) {
    local.range.reset();
    // Vectors may have pointed into a file that was cut meanwhile.
    status = bind.dataset->CheckUnchanged();
    if (!status.ok()) Throw(status);
    for (auto& [place, found] : local.learning) {
      bind.statistics->Set(local.range_index, global.columns[place], std::move(found));
    }
    return;
  }
  ++global.batches_read;
  if (global.only_counts) {
    local.rows_to_count = batch->num_rows();
    return;
  }
  status = local.import.SetBatch(batch);
  if (!status.ok()) Throw(status);
}

int64_t Emit(const ScanGlobalState& global, ScanLocalState& local,
             duckdb::DataChunk& output) {
  if (!global.only_counts) {
    const int64_t count = local.import.Read(output);
    for (const auto& [place, found] : local.learning) {
      if (count > 0) found->Add(output.data[place], count);
    }
    return count;
  }
  const auto count = std::min<int64_t>(local.rows_to_count, STANDARD_VECTOR_SIZE);
  local.rows_to_count -= count;
  if (count > 0) {
    for (auto& column : output.data) {
      column.Reference(duckdb::Value(column.GetType()), duckdb::count_t(count));
    }
    output.SetChildCardinality(count);
  }
  return count;
}

void Scan(duckdb::ClientContext&, duckdb::TableFunctionInput& input,
          duckdb::DataChunk& output) {
  const auto& bind = input.bind_data->Cast<ScanBindData>();
  auto& global = input.global_state->Cast<ScanGlobalState>();
  auto& local = input.local_state->Cast<ScanLocalState>();
  for (;;) {
    if (local.range != nullptr && Emit(global, local, output) > 0) return;
    if (local.range == nullptr && !NextRange(bind, global, local)) return;
    NextBatch(bind, global, local);
  }
}

duckdb::unique_ptr<duckdb::NodeStatistics> Cardinality(
    duckdb::ClientContext&, const duckdb::FunctionData* bind_data) {
  const auto rows = bind_data->Cast<ScanBindData>().dataset->num_rows();
  if (!rows) return duckdb::make_uniq<duckdb::NodeStatistics>();
  return duckdb::make_uniq<duckdb::NodeStatistics>(*rows, *rows);
}

duckdb::unique_ptr<duckdb::BaseStatistics> Statistics(
    duckdb::ClientContext&, const duckdb::FunctionData* bind_data,
    duckdb::column_t column) {
  if (duckdb::IsVirtualColumn(column)) return nullptr;
  const auto& bind = bind_data->Cast<ScanBindData>();
  const auto whole = bind.statistics->Whole(column);
  return whole ? whole->ToStatistics(bind.import->types()[column]) : nullptr;
}

double ScanProgress(duckdb::ClientContext&, const duckdb::FunctionData*,
                    const duckdb::GlobalTableFunctionState* state) {
  const auto& global = state->Cast<ScanGlobalState>();
  if (global.batches <= 0) return 100;
  return std::min(100.0, 100.0 * global.batches_read / global.batches);
}

duckdb::OperatorPartitionData PartitionData(
    duckdb::ClientContext&, duckdb::TableFunctionGetPartitionInput& input) {
  if (input.partition_info.RequiresPartitionColumns()) {
    throw duckdb::InternalException("datasets have no partition columns");
  }
  return duckdb::OperatorPartitionData(
      input.local_state->Cast<ScanLocalState>().range_index);
}

// Notes what it can of the filters; DuckDB applies them all the same.
void NoteFilters(duckdb::ClientContext&, duckdb::LogicalGet& scan,
                 duckdb::FunctionData* bind_data,
                 duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& filters) {
  auto& bind = bind_data->Cast<ScanBindData>();
  for (const auto& filter : filters) {
    auto comparisons = ComparisonsOf(*filter, scan);
    if (comparisons.empty()) continue;
    std::move(comparisons.begin(), comparisons.end(),
              std::back_inserter(bind.comparisons));
    // Part of what the scan is: DuckDB makes one of two scans that look the same.
    auto& shown = scan.extra_info.file_filters;
    if (!shown.empty()) shown += " AND ";
    shown += filter->ToString();
  }
}

// One part, whose rows need not be counted.
duckdb::vector<duckdb::PartitionStatistics> PartitionStats(
    duckdb::ClientContext&, duckdb::GetPartitionStatsInput& input) {
  duckdb::vector<duckdb::PartitionStatistics> parts;
  const auto rows = input.bind_data->Cast<ScanBindData>().dataset->num_rows();
  if (!rows) return parts;
  duckdb::PartitionStatistics all;
  all.row_start = 0;
  all.count = static_cast<duckdb::idx_t>(*rows);
  all.count_type = duckdb::CountType::COUNT_EXACT;
  parts.push_back(std::move(all));
  return parts;
}

duckdb::virtual_column_map_t VirtualColumns(duckdb::ClientContext&,
                                            duckdb::optional_ptr<duckdb::FunctionData>) {
  duckdb::virtual_column_map_t columns;
  columns.insert({duckdb::COLUMN_IDENTIFIER_EMPTY,
                  duckdb::TableColumn("", duckdb::LogicalType::BOOLEAN)});
  return columns;
}

}  // namespace

duckdb::TableFunction DatasetFunction(std::shared_ptr<data::Catalog> catalog,
                                      std::shared_ptr<DatasetFiles> files) {
  duckdb::TableFunction function(kDatasetFunction, {duckdb::LogicalType::VARCHAR}, Scan,
                                 Bind, InitGlobal, InitLocal);
  function.function_info =
      duckdb::make_shared_ptr<ScanInfo>(std::move(catalog), std::move(files));
  function.bind_replace = BindReplace;
  function.projection_pushdown = true;
  function.cardinality = Cardinality;
  function.statistics = Statistics;
  function.table_scan_progress = ScanProgress;
  function.get_partition_data = PartitionData;
  function.get_virtual_columns = VirtualColumns;
  function.pushdown_complex_filter = NoteFilters;
  function.get_partition_stats = PartitionStats;
  return function;
}

std::shared_ptr<const data::Dataset> ScannedDataset(const duckdb::LogicalGet& scan) {
  // By the function itself: others may have its name.
  if (scan.bind_data == nullptr || scan.function.function != Scan) {
    return nullptr;
  }
  const bool is_plain = scan.children.empty() && !scan.table_filters.HasFilters() &&
                        scan.dynamic_filters == nullptr &&
                        scan.extra_info.sample_options == nullptr &&
                        !scan.ordinality_idx.IsValid();
  const auto& bind = scan.bind_data->Cast<ScanBindData>();
  return is_plain && bind.comparisons.empty() ? bind.dataset : nullptr;
}

duckdb::unique_ptr<duckdb::TableRef> DatasetCall(const duckdb::string& name) {
  auto call = Call(kDatasetFunction, name);
  call->alias = duckdb::Identifier(name);
  return call;
}

}  // namespace pinion::engine::duck
