#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>
#include <arrow/type.h>
#include <nlohmann/json.hpp>

namespace conformance {

using Json = nlohmann::ordered_json;

// The scenarios' name of a type, and the type of a name.
std::string NameOf(const arrow::DataType& type);
arrow::Result<std::shared_ptr<arrow::DataType>> TypeNamed(const std::string& name);

// [[name, type], …] of a schema.
Json FieldsOf(const arrow::Schema& schema);

// The value at `row` as the scenarios write it.
arrow::Result<Json> ValueOf(const arrow::Array& array, int64_t row);

// A batch of columns [[name, type], …] and rows of values.
arrow::Result<std::shared_ptr<arrow::RecordBatch>> BatchOf(const Json& columns,
                                                           const Json& rows);

}  // namespace conformance
