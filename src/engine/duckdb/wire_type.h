#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/result.h>
#include <arrow/type.h>
#include <duckdb/common/identifier.hpp>
#include <duckdb/common/types.hpp>
#include <duckdb/common/vector.hpp>

namespace pinion::engine::duck {

// How a DuckDB type goes over the wire. docs/sql_support.md has the table of it.
struct WireType {
  // What clients get: a type that all of them can read.
  std::shared_ptr<arrow::DataType> arrow_type;
  // What the values are cast to before DuckDB makes Arrow of them; often the type itself.
  duckdb::LogicalType cast_type;
};

// kNotSupported for what never leaves the engine, such as lambdas.
arrow::Result<WireType> WireTypeOf(const duckdb::LogicalType& type);

// The field of a result or table column: nullable, with column metadata.
arrow::Result<std::shared_ptr<arrow::Field>> WireField(const std::string& name,
                                                       const duckdb::LogicalType& type);

// The schema of a result. Every promise and every stream takes it from here, which is why
// they agree.
arrow::Result<std::shared_ptr<arrow::Schema>> WireSchema(
    const duckdb::vector<duckdb::Identifier>& names,
    const duckdb::vector<duckdb::LogicalType>& types);

}  // namespace pinion::engine::duck
