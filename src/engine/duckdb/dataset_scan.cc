#include "engine/duckdb/dataset_scan.h"

#include <algorithm>
#include <atomic>
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
#include <duckdb/planner/operator/logical_get.hpp>

#include "data/catalog.h"
#include "data/dataset.h"
#include "engine/duckdb/arrow_import.h"
#include "engine/duckdb/dataset_files.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/parquet_agreement.h"
#include "engine/duckdb/range_reader.h"
#include "engine/duckdb/range_statistics.h"
#include "engine/duckdb/scan_filters.h"

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
};

// Where a column of what the scan gives comes from.
struct OutputColumn {
  enum class Source { kFirst, kRest, kNothing };
  Source source = Source::kNothing;  // rows alone, which have no value
  size_t place = 0;
};

struct ScanGlobalState : public duckdb::GlobalTableFunctionState {
  duckdb::idx_t MaxThreads() const override {
    return std::max<int64_t>((batches + range_batches - 1) / range_batches, 1);
  }

  // What rows are chosen by, or everything if nothing chooses; then what is read of the
  // rows that are chosen.
  std::vector<duckdb::column_t> first;
  std::vector<duckdb::column_t> rest;
  std::vector<size_t> filtered;  // the places of `first` among what DuckDB asks for
  std::vector<OutputColumn> output;
  std::vector<size_t> learnt;  // places in `first`
  int64_t batches = 1;
  int64_t range_batches = 1;
  std::atomic<int64_t> next_range{0};
  std::atomic<int64_t> batches_read{0};
};

struct ScanLocalState : public duckdb::LocalTableFunctionState {
  ScanLocalState(duckdb::ClientContext& context, const ScanBindData& bind,
                 const ScanGlobalState& global, const duckdb::TableFilterSet* filters_in)
      : rows(context, bind.dataset, bind.import, global.first, global.rest),
        filters(context, filters_in, global.filtered) {}

  RangeReader rows;
  ScanFilters filters;
  bool in_range = false;
  int64_t range_index = 0;
  // What is being found out about the range, by place in the first columns.
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

// Decides what of the columns that DuckDB asks for is read when, and where it goes.
void ArrangeColumns(const duckdb::TableFunctionInitInput& input,
                    ScanGlobalState* global) {
  global->filtered = ScanFilters::FilteredColumns(input.filters.get());
  std::vector<OutputColumn> sources;
  for (size_t i = 0; i < input.column_ids.size(); ++i) {
    const auto column = input.column_ids[i];
    if (duckdb::IsVirtualColumn(column)) {
      sources.emplace_back();
      continue;
    }
    const bool is_first =
        global->filtered.empty() ||
        std::binary_search(global->filtered.begin(), global->filtered.end(), i);
    auto& columns = is_first ? global->first : global->rest;
    sources.push_back(
        {is_first ? OutputColumn::Source::kFirst : OutputColumn::Source::kRest,
         columns.size()});
    columns.push_back(column);
  }
  if (!input.CanRemoveFilterColumns()) {
    global->output = std::move(sources);
    return;
  }
  for (const auto place : input.projection_ids) global->output.push_back(sources[place]);
}

duckdb::unique_ptr<duckdb::GlobalTableFunctionState> InitGlobal(
    duckdb::ClientContext&, duckdb::TableFunctionInitInput& input) {
  const auto& bind = input.bind_data->Cast<ScanBindData>();
  auto global = duckdb::make_uniq<ScanGlobalState>();
  ArrangeColumns(input, global.get());
  const bool is_filtered = !global->filtered.empty();
  for (size_t i = 0; i < global->first.size(); ++i) {
    const auto& type = bind.import->types()[global->first[i]];
    if (MinMax::IsCheap(type) || (is_filtered && MinMax::Supports(type))) {
      global->learnt.push_back(i);
    }
  }
  global->batches = bind.dataset->num_batches();
  global->range_batches = RangeBatches(*bind.dataset, global->batches);
  return global;
}

duckdb::unique_ptr<duckdb::LocalTableFunctionState> InitLocal(
    duckdb::ExecutionContext& context, duckdb::TableFunctionInitInput& input,
    duckdb::GlobalTableFunctionState* global) {
  return duckdb::make_uniq<ScanLocalState>(
      context.client, input.bind_data->Cast<ScanBindData>(),
      global->Cast<ScanGlobalState>(), input.filters.get());
}

void StartLearning(const ScanBindData& bind, const ScanGlobalState& global,
                   ScanLocalState& local) {
  local.learning.clear();
  for (const size_t place : global.learnt) {
    if (bind.statistics->Find(local.range_index, global.first[place]) == nullptr) {
      local.learning.emplace_back(place, std::make_shared<MinMax>());
    }
  }
}

// The next range that no thread has taken and that may have rows to give; false after the
// last.
bool NextRange(const ScanBindData& bind, ScanGlobalState& global, ScanLocalState& local) {
  for (;;) {
    const int64_t index = global.next_range++;
    const int64_t first = index * global.range_batches;
    if (first >= global.batches && index > 0) return false;
    const int64_t count = std::min(global.range_batches, global.batches - first);
    global.batches_read += count;
    if (!local.filters.MayPass(*bind.statistics, index, global.first,
                               local.rows.first().GetTypes())) {
      continue;
    }
    local.rows.Open(first, count);
    local.range_index = index;
    StartLearning(bind, global, local);
    return true;
  }
}

// The range has been read to its end.
void EndRange(const ScanBindData& bind, const ScanGlobalState& global,
              ScanLocalState& local) {
  for (auto& [place, found] : local.learning) {
    bind.statistics->Set(local.range_index, global.first[place], std::move(found));
  }
  local.learning.clear();
}

// Gives the rows that have been chosen of the `count` that were read.
void Emit(const ScanGlobalState& global, RangeReader& read, duckdb::idx_t count,
          const duckdb::SelectionVector& rows, duckdb::idx_t chosen,
          duckdb::DataChunk& output) {
  duckdb::optional_ptr<duckdb::DataChunk> rest;
  if (!global.rest.empty()) rest = read.ReadRest();
  for (size_t i = 0; i < global.output.size(); ++i) {
    const auto [source, place] = global.output[i];
    auto& column = output.data[i];
    switch (source) {
      case OutputColumn::Source::kFirst:
        column.Reference(read.first().data[place]);
        break;
      case OutputColumn::Source::kRest:
        column.Reference(rest->data[place]);
        break;
      case OutputColumn::Source::kNothing:
        column.Reference(duckdb::Value(column.GetType()), duckdb::count_t(count));
        break;
    }
  }
  output.SetCardinalityUnsafe(count);
  if (chosen < count) output.Slice(rows, chosen);
}

void Scan(duckdb::ClientContext& context, duckdb::TableFunctionInput& input,
          duckdb::DataChunk& output) {
  const auto& bind = input.bind_data->Cast<ScanBindData>();
  auto& global = input.global_state->Cast<ScanGlobalState>();
  auto& local = input.local_state->Cast<ScanLocalState>();
  // DuckDB looks at this between two chunks, which may be far apart.
  while (!context.IsInterrupted()) {
    if (!local.in_range && !NextRange(bind, global, local)) return;
    const auto count = local.rows.Next();
    local.in_range = count > 0;
    if (count == 0) {
      EndRange(bind, global, local);
      continue;
    }
    for (const auto& [place, found] : local.learning) {
      found->Add(local.rows.first().data[place], count);
    }
    duckdb::SelectionVector rows;
    const auto chosen =
        global.filtered.empty() ? count : local.filters.Select(local.rows.first(), &rows);
    if (chosen == 0) continue;
    Emit(global, local.rows, count, rows, chosen, output);
    return;
  }
  throw duckdb::InterruptException();
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

// Whatever DuckDB can say of a single column, it can say to the scan.
bool TakesFilter(duckdb::ClientContext&, const duckdb::LogicalGet&, duckdb::Expression&) {
  return true;
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
  function.filter_pushdown = true;
  function.filter_prune = true;
  function.pushdown_expression = TakesFilter;
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
  return is_plain ? scan.bind_data->Cast<ScanBindData>().dataset : nullptr;
}

duckdb::unique_ptr<duckdb::TableRef> DatasetCall(const duckdb::string& name) {
  auto call = Call(kDatasetFunction, name);
  call->alias = duckdb::Identifier(name);
  return call;
}

}  // namespace pinion::engine::duck
