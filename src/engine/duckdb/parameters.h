#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <duckdb/common/types/data_chunk.hpp>
#include <duckdb/parser/sql_statement.hpp>
#include <duckdb/planner/expression/bound_parameter_data.hpp>

#include "engine/duckdb/arrow_import.h"

namespace pinion::engine::duck {

using ParameterValues = duckdb::identifier_map_t<duckdb::BoundParameterData>;

// The parameters of a statement in the order of their positions.
std::vector<duckdb::Identifier> ParameterNames(const duckdb::SQLStatement& statement);

// For each parameter the column of `schema` that holds its values: by name where the
// parameters are named and all names occur, by position otherwise. kParameter if the
// numbers differ.
arrow::Result<std::vector<int>> MatchParameters(
    const std::vector<duckdb::Identifier>& names, const arrow::Schema& schema);

// Reads rows of parameters as values of DuckDB's. Never through text: the types are those
// of the Arrow columns. Not thread-safe.
class ParameterReader {
 public:
  static arrow::Result<std::unique_ptr<ParameterReader>> Create(
      duckdb::ClientContext& context, std::vector<duckdb::Identifier> names,
      std::shared_ptr<arrow::RecordBatchReader> source);

  // Whether another row follows; reads ahead for that.
  arrow::Result<bool> HasNext();
  // The next row.
  arrow::Result<ParameterValues> Next();
  // Makes `values` the next row again.
  void PutBack(ParameterValues values) { put_back_ = std::move(values); }

 private:
  ParameterReader() = default;

  arrow::Status Fill();

  std::vector<duckdb::Identifier> names_;
  std::vector<int> columns_;
  std::shared_ptr<arrow::RecordBatchReader> source_;
  std::shared_ptr<const ArrowImport> import_;
  std::unique_ptr<ArrowImport::Reader> reader_;
  bool in_batch_ = false;
  bool ended_ = false;
  std::unique_ptr<duckdb::DataChunk> chunk_;
  duckdb::ClientContext* context_ = nullptr;
  int64_t rows_ = 0;
  int64_t row_ = 0;
  std::optional<ParameterValues> put_back_;
};

}  // namespace pinion::engine::duck
