#include "engine/duckdb/signature.h"

#include <algorithm>
#include <utility>

#include <duckdb/common/type_visitor.hpp>
#include <duckdb/planner/planner.hpp>

#include "engine/duckdb/arrow_import.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/parameters.h"
#include "engine/duckdb/wire_type.h"

namespace pinion::engine::duck {
namespace {

bool IsOpen(const duckdb::LogicalType& type) {
  return duckdb::TypeVisitor::Contains(type, duckdb::LogicalTypeId::UNKNOWN);
}

Signature FromDuckDB(duckdb::StatementSignature found) {
  Signature signature;
  signature.names = std::move(found.names);
  signature.types = std::move(found.types);
  signature.properties = std::move(found.properties);
  signature.deferred = found.metadata_deferred;
  std::sort(found.parameters.begin(), found.parameters.end(),
            [](const auto& a, const auto& b) { return a.index < b.index; });
  for (auto& parameter : found.parameters) {
    signature.parameters.push_back(
        {parameter.identifier.GetIdentifierName(), std::move(parameter.type)});
  }
  return signature;
}

// As DuckDB's own binding of a signature, but with the types of the parameters given.
arrow::Result<Signature> BindWithTypes(duckdb::ClientContext& context,
                                       const duckdb::SQLStatement& statement,
                                       const arrow::Schema& parameter_types) {
  const auto names = ParameterNames(statement);
  ARROW_ASSIGN_OR_RAISE(const auto columns, MatchParameters(names, parameter_types));
  ARROW_ASSIGN_OR_RAISE(auto import,
                        ArrowImport::Create(context, std::make_shared<arrow::Schema>(
                                                         parameter_types.fields())));
  Signature signature;
  duckdb::ErrorData error;
  context.RunFunctionInTransaction(
      [&] {
        try {
          duckdb::Planner planner(context);
          for (size_t i = 0; i < names.size(); ++i) {
            planner.parameter_data.emplace(
                names[i],
                duckdb::BoundParameterData(duckdb::Value(import->types()[columns[i]])));
          }
          planner.CreatePlan(statement.Copy());
          signature.names = planner.names;
          signature.types = planner.types;
          signature.properties = planner.properties;
        } catch (const std::exception& e) {
          error = duckdb::ErrorData(e);  // it must not abort an open transaction
        }
      },
      /*requires_valid_transaction=*/false);
  if (error.HasError()) error.Throw();
  return signature;
}

}  // namespace

bool Signature::HasOpenTypes() const {
  return std::any_of(types.begin(), types.end(), IsOpen);
}

arrow::Result<std::shared_ptr<arrow::Schema>> Signature::ParameterSchema() const {
  arrow::FieldVector fields;
  for (const auto& parameter : parameters) {
    auto field = WireField(parameter.name, parameter.type);
    // Clients must be able to bind something.
    fields.push_back(field.ok() ? *field : arrow::field(parameter.name, arrow::utf8()));
  }
  return arrow::schema(std::move(fields));
}

arrow::Result<Signature> BindSignature(duckdb::ClientContext& context,
                                       const duckdb::SQLStatement& statement,
                                       const std::string& text,
                                       const arrow::Schema* parameter_types) {
  return Guard(
      [&]() -> arrow::Result<Signature> {
        if (parameter_types != nullptr && parameter_types->num_fields() > 0) {
          return BindWithTypes(context, statement, *parameter_types);
        }
        return FromDuckDB(context.BindStatement(statement.Copy()));
      },
      text);
}

}  // namespace pinion::engine::duck
