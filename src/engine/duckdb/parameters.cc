#include "engine/duckdb/parameters.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include <duckdb/main/client_context.hpp>

#include "engine/duckdb/error_translation.h"
#include "engine/error.h"

namespace pinion::engine::duck {
namespace {

bool IsNamed(const duckdb::Identifier& name) {
  const auto& text = name.GetIdentifierName();
  return !text.empty() && (text.front() < '0' || text.front() > '9');
}

std::string Count(size_t count, const char* noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

}  // namespace

std::vector<duckdb::Identifier> ParameterNames(const duckdb::SQLStatement& statement) {
  std::vector<std::pair<duckdb::idx_t, duckdb::Identifier>> ordered;
  for (const auto& [name, index] : statement.named_param_map) {
    ordered.emplace_back(index, name);
  }
  std::sort(ordered.begin(), ordered.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<duckdb::Identifier> names;
  for (auto& [index, name] : ordered) names.push_back(std::move(name));
  return names;
}

arrow::Result<std::vector<int>> MatchParameters(
    const std::vector<duckdb::Identifier>& names, const arrow::Schema& schema) {
  if (static_cast<size_t>(schema.num_fields()) != names.size()) {
    return MakeError(ErrorClass::kParameter,
                     "the statement takes " + Count(names.size(), "parameter") +
                         ", and " + Count(schema.num_fields(), "value") + " were given");
  }
  std::vector<int> columns(names.size());
  std::iota(columns.begin(), columns.end(), 0);
  if (!std::all_of(names.begin(), names.end(), IsNamed)) return columns;
  std::vector<int> by_name;
  for (const auto& name : names) {
    for (int i = 0; i < schema.num_fields(); ++i) {
      const std::string& field = schema.field(i)->name();
      // Some clients keep the sign before the name.
      const bool signed_name = !field.empty() && (field[0] == '$' || field[0] == ':');
      if (name == field || (signed_name && name == field.substr(1))) {
        by_name.push_back(i);
        break;
      }
    }
  }
  return by_name.size() == names.size() ? by_name : columns;
}

arrow::Result<std::unique_ptr<ParameterReader>> ParameterReader::Create(
    duckdb::ClientContext& context, std::vector<duckdb::Identifier> names,
    std::shared_ptr<arrow::RecordBatchReader> source) {
  std::unique_ptr<ParameterReader> reader(new ParameterReader());
  ARROW_ASSIGN_OR_RAISE(reader->columns_, MatchParameters(names, *source->schema()));
  auto import = ArrowImport::Create(context, source->schema());
  if (!import.ok()) {
    return MakeError(ErrorClass::kParameter, import.status().message());
  }
  reader->import_ = import.MoveValueUnsafe();
  reader->names_ = std::move(names);
  reader->source_ = std::move(source);
  reader->context_ = &context;
  return reader;
}

arrow::Status ParameterReader::Fill() {
  while (row_ >= rows_ && !ended_) {
    if (in_batch_) {
      rows_ = reader_->Read(*chunk_);
      row_ = 0;
      in_batch_ = rows_ > 0;
      continue;
    }
    std::shared_ptr<arrow::RecordBatch> batch;
    ARROW_RETURN_NOT_OK(source_->ReadNext(&batch));
    if (batch == nullptr) {
      ended_ = true;
      break;
    }
    if (batch->num_rows() == 0) continue;
    std::vector<duckdb::column_t> all(batch->num_columns());
    std::iota(all.begin(), all.end(), 0);
    reader_ = std::make_unique<ArrowImport::Reader>(*context_, import_, std::move(all));
    ARROW_RETURN_NOT_OK(reader_->SetBatch(batch));
    chunk_ = std::make_unique<duckdb::DataChunk>();
    chunk_->Initialize(*context_, import_->types());
    in_batch_ = true;
  }
  return arrow::Status::OK();
}

arrow::Result<bool> ParameterReader::HasNext() {
  if (put_back_) return true;
  ARROW_RETURN_NOT_OK(Guard([&] { return Fill(); }));
  return row_ < rows_;
}

arrow::Result<ParameterValues> ParameterReader::Next() {
  if (put_back_) {
    auto values = std::move(*put_back_);
    put_back_.reset();
    return values;
  }
  return Guard([&]() -> arrow::Result<ParameterValues> {
    ARROW_RETURN_NOT_OK(Fill());
    ParameterValues values;
    for (size_t i = 0; i < names_.size(); ++i) {
      values.emplace(names_[i],
                     duckdb::BoundParameterData(chunk_->GetValue(columns_[i], row_)));
    }
    ++row_;
    return values;
  });
}

}  // namespace pinion::engine::duck
