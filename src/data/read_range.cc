#include "data/read_range.h"

#include <numeric>
#include <utility>

#include "base/near_names.h"

namespace pinion::data {

arrow::Result<ReadRange> ResolveRange(const Dataset& dataset,
                                      const ReadOptions& options) {
  ReadRange range;
  const int num_fields = dataset.schema()->num_fields();
  range.columns.resize(static_cast<size_t>(num_fields));
  std::iota(range.columns.begin(), range.columns.end(), 0);
  if (options.columns && *options.columns != range.columns) {
    range.all_columns = false;
    range.columns = *options.columns;
    std::vector<bool> seen(static_cast<size_t>(num_fields));
    for (const int column : range.columns) {
      if (column < 0 || column >= num_fields) {
        return arrow::Status::Invalid("there is no column ", column, "; ",
                                      base::QuoteForMessage(dataset.path(), 200), " has ",
                                      num_fields, ", counted from 0");
      }
      if (seen[static_cast<size_t>(column)]) {
        return arrow::Status::Invalid("column ", column, " is asked for twice");
      }
      seen[static_cast<size_t>(column)] = true;
    }
  }
  const int64_t num_batches = dataset.num_batches();
  const int64_t rest = num_batches - options.first_batch;
  const int64_t wanted = options.num_batches.value_or(rest);
  if (options.first_batch < 0 || rest < 0 || wanted < 0 || wanted > rest) {
    return arrow::Status::Invalid("there are no batches ", options.first_batch, " to ",
                                  options.first_batch + (wanted > 0 ? wanted - 1 : 0),
                                  "; ", base::QuoteForMessage(dataset.path(), 200),
                                  " has ", num_batches, ", counted from 0");
  }
  range.first_batch = options.first_batch;
  range.end_batch = options.first_batch + wanted;
  range.use_threads = options.use_threads;
  return range;
}

std::shared_ptr<arrow::Schema> SelectFields(const arrow::Schema& schema,
                                            const std::vector<int>& columns) {
  arrow::FieldVector fields;
  fields.reserve(columns.size());
  for (const int column : columns) fields.push_back(schema.field(column));
  return arrow::schema(std::move(fields), schema.endianness(), schema.metadata());
}

}  // namespace pinion::data
