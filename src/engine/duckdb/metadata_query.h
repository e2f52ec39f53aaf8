#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <arrow/result.h>
#include <duckdb.hpp>

#include "engine/duckdb/error_translation.h"

namespace pinion::engine::duck {

// A question to DuckDB's own catalog functions, put together of fixed text and bound
// values. Not thread-safe.
class MetadataQuery {
 public:
  explicit MetadataQuery(std::string sql) : sql_(std::move(sql)) {}

  void Add(const std::string& text) { sql_ += text; }

  // AND `column` = value, if there is one.
  void Equal(const char* column, const std::optional<std::string>& value) {
    if (!value) return;
    values_.emplace_back(*value);
    sql_ += " AND " + std::string(column) + " = $" + std::to_string(values_.size());
  }

  // Calls `row` for each row of the result; it may throw what DuckDB throws.
  template <typename Row>
  arrow::Status Run(duckdb::Connection& connection, Row row) {
    return Guard([&]() -> arrow::Status {
      auto result = connection.Submit(sql_, values_);
      if (result->HasError()) return ToStatus(result->GetErrorObject());
      while (auto chunk = result->Fetch()) {
        for (duckdb::idx_t i = 0; i < chunk->size(); ++i) row(*chunk, i);
      }
      if (result->HasError()) return ToStatus(result->GetErrorObject());
      return arrow::Status::OK();
    });
  }

 private:
  std::string sql_;
  duckdb::vector<duckdb::Value> values_;
};

inline std::string TextAt(const duckdb::DataChunk& chunk, duckdb::idx_t column,
                          duckdb::idx_t row) {
  return chunk.GetValue(column, row).ToString();
}

inline std::vector<std::string> TextsAt(const duckdb::DataChunk& chunk,
                                        duckdb::idx_t column, duckdb::idx_t row) {
  std::vector<std::string> texts;
  const auto list = chunk.GetValue(column, row);
  if (list.IsNull()) return texts;
  for (const auto& value : duckdb::ListValue::GetChildren(list)) {
    texts.push_back(value.ToString());
  }
  return texts;
}

}  // namespace pinion::engine::duck
