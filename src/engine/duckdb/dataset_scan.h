#pragma once

#include <memory>

#include <duckdb/function/table_function.hpp>
#include <duckdb/parser/tableref.hpp>

namespace duckdb {
class LogicalGet;
}  // namespace duckdb

namespace pinion::data {
class Catalog;
class Dataset;
}  // namespace pinion::data

namespace pinion::engine::duck {

class DatasetFiles;

// The name of the table function below; views and replacement scans are made of it.
inline constexpr char kDatasetFunction[] = "pinion_dataset";

// pinion_dataset(NAME): the rows of a dataset of `catalog`, in the file's order. Threads
// read ranges of batches side by side, and only the columns that the query needs.
//
// A Parquet file is left to DuckDB's own reader, which finds it among `files`.
//
// A scan holds its dataset: removing it from the catalog does not touch running queries.
duckdb::TableFunction DatasetFunction(std::shared_ptr<data::Catalog> catalog,
                                      std::shared_ptr<DatasetFiles> files);

// The dataset that a scan in a plan reads, all of its rows; null if it is not such a
// scan.
std::shared_ptr<const data::Dataset> ScannedDataset(const duckdb::LogicalGet& scan);

// A call of it in a FROM clause.
duckdb::unique_ptr<duckdb::TableRef> DatasetCall(const duckdb::string& name);

}  // namespace pinion::engine::duck
