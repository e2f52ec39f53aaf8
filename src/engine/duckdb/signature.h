#pragma once

#include <memory>
#include <string>
#include <vector>

#include <arrow/result.h>
#include <arrow/type.h>
#include <duckdb.hpp>

namespace pinion::engine::duck {

// What the binder finds out about a statement without running it.
struct Signature {
  struct Parameter {
    std::string name;
    duckdb::LogicalType type;  // UNKNOWN where it cannot be inferred
  };

  duckdb::vector<duckdb::Identifier> names;
  duckdb::vector<duckdb::LogicalType> types;
  std::vector<Parameter> parameters;  // by position
  duckdb::StatementProperties properties;
  // Expands into several statements, whose result only running can tell.
  bool deferred = false;

  // Parameters whose type only their values can tell. Columns made of them are taken to
  // be text until then.
  bool HasOpenParameters() const;
  arrow::Result<std::shared_ptr<arrow::Schema>> ParameterSchema() const;
};

// Binds a copy of `statement`. With `parameter_types`, as if values of these types were
// bound. An open result or transaction of the context is left as it is.
arrow::Result<Signature> BindSignature(duckdb::ClientContext& context,
                                       const duckdb::SQLStatement& statement,
                                       const std::string& text,
                                       const arrow::Schema* parameter_types = nullptr);

}  // namespace pinion::engine::duck
