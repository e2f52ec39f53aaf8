#include "engine/duckdb/signature.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

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

using ParameterTypes = std::vector<std::pair<duckdb::Identifier, duckdb::LogicalType>>;

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
Signature BindWithTypes(duckdb::ClientContext& context,
                        const duckdb::SQLStatement& statement,
                        const ParameterTypes& parameter_types) {
  Signature signature;
  duckdb::ErrorData error;
  context.RunFunctionInTransaction(
      [&] {
        try {
          duckdb::Planner planner(context);
          for (const auto& [name, type] : parameter_types) {
            planner.parameter_data.emplace(
                name, duckdb::BoundParameterData(duckdb::Value(type)));
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

arrow::Result<ParameterTypes> TypesOf(duckdb::ClientContext& context,
                                      const duckdb::SQLStatement& statement,
                                      const arrow::Schema& given) {
  const auto names = ParameterNames(statement);
  ARROW_ASSIGN_OR_RAISE(const auto columns, MatchParameters(names, given));
  ARROW_ASSIGN_OR_RAISE(
      auto import,
      ArrowImport::Create(context, std::make_shared<arrow::Schema>(given.fields())));
  ParameterTypes types;
  for (size_t i = 0; i < names.size(); ++i) {
    types.emplace_back(names[i], import->types()[columns[i]]);
  }
  return types;
}

// The types that a statement gives its parameters if some of them are known; none if the
// statement cannot be bound so.
std::map<std::string, duckdb::LogicalType> TypesBeside(
    duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
    const ParameterTypes& known) {
  std::map<std::string, duckdb::LogicalType> found;
  context.RunFunctionInTransaction(
      [&] {
        try {
          duckdb::Planner planner(context);
          for (const auto& [name, type] : known) {
            planner.parameter_data.emplace(
                name, duckdb::BoundParameterData(duckdb::Value(type)));
          }
          planner.CreatePlan(statement.Copy());
          for (const auto& [name, data] : planner.value_map) {
            found.emplace(name.GetIdentifierName(), data->return_type);
          }
        } catch (const duckdb::Exception&) {
          found.clear();  // a guess that makes no sense here
        }
      },
      /*requires_valid_transaction=*/false);
  return found;
}

// The first parameter without a type ends DuckDB's binding, so those after it stay open
// though the statement says their types: found by guessing the first, and going on.
void FindLaterTypes(duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
                    Signature& open) {
  ParameterTypes known;
  for (size_t i = 0; i + 1 < open.parameters.size(); ++i) {
    if (!IsOpen(open.parameters[i].type)) continue;
    known.emplace_back(duckdb::Identifier(open.parameters[i].name),
                       duckdb::LogicalType::VARCHAR);
    const auto found = TypesBeside(context, statement, known);
    if (found.empty()) return;
    for (size_t later = i + 1; later < open.parameters.size(); ++later) {
      const auto type = found.find(open.parameters[later].name);
      if (type != found.end()) open.parameters[later].type = type->second;
    }
  }
}

// DuckDB does not bind columns made of parameters that it knows nothing of. As text,
// then; or as whatever makes sense where text does not.
Signature BindOpen(duckdb::ClientContext& context, const duckdb::SQLStatement& statement,
                   Signature open) {
  FindLaterTypes(context, statement, open);
  for (const auto& guess : {duckdb::LogicalType::VARCHAR, duckdb::LogicalType::SQLNULL,
                            duckdb::LogicalType::BIGINT}) {
    ParameterTypes types;
    for (const auto& parameter : open.parameters) {
      types.emplace_back(duckdb::Identifier(parameter.name),
                         IsOpen(parameter.type) ? guess : parameter.type);
    }
    try {
      auto signature = BindWithTypes(context, statement, types);
      signature.parameters = open.parameters;
      return signature;
    } catch (const duckdb::CatalogException&) {
      throw;  // no type makes a missing table appear
    } catch (const duckdb::Exception&) {
      continue;  // with the next guess
    }
  }
  return open;
}

}  // namespace

bool Signature::HasOpenParameters() const {
  return std::any_of(parameters.begin(), parameters.end(),
                     [](const auto& parameter) { return IsOpen(parameter.type); });
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
          ARROW_ASSIGN_OR_RAISE(auto types,
                                TypesOf(context, statement, *parameter_types));
          return BindWithTypes(context, statement, types);
        }
        auto signature = FromDuckDB(context.BindStatement(statement.Copy()));
        // The columns may be open though the parameters are not: where a parameter's type
        // was found only after another use of it had been bound.
        const bool open =
            signature.HasOpenParameters() || std::ranges::any_of(signature.types, IsOpen);
        if (signature.deferred || !open) return signature;
        return BindOpen(context, statement, std::move(signature));
      },
      text);
}

}  // namespace pinion::engine::duck
