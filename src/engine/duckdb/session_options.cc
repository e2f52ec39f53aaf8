// The options of a session: its part of DuckSession.
#include <string>
#include <utility>

#include <duckdb/catalog/catalog_search_path.hpp>
#include <duckdb/main/client_data.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/statement/set_statement.hpp>

#include "base/near_names.h"
#include "engine/duckdb/duck_session.h"
#include "engine/duckdb/error_translation.h"

namespace pinion::engine::duck {
namespace {

constexpr char kCatalogOption[] = "catalog";
constexpr char kSchemaOption[] = "schema";

arrow::Result<std::optional<std::string>> TextOption(const std::string& name,
                                                     const OptionValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return std::nullopt;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return MakeError(ErrorClass::kType, "the option '" + name + "' takes text");
}

arrow::Result<duckdb::Value> ToValue(const std::string& name, const OptionValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return duckdb::Value(*text);
  if (const auto* flag = std::get_if<bool>(&value)) return duckdb::Value::BOOLEAN(*flag);
  if (const auto* number = std::get_if<int64_t>(&value)) {
    return duckdb::Value::BIGINT(*number);
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return duckdb::Value::DOUBLE(*number);
  }
  return MakeError(ErrorClass::kType, "the option '" + name + "' takes a single value");
}

OptionValue FromValue(const duckdb::Value& value) {
  if (value.IsNull()) return std::monostate();
  switch (value.type().id()) {
    case duckdb::LogicalTypeId::BOOLEAN:
      return value.GetValue<bool>();
    case duckdb::LogicalTypeId::TINYINT:
    case duckdb::LogicalTypeId::SMALLINT:
    case duckdb::LogicalTypeId::INTEGER:
    case duckdb::LogicalTypeId::BIGINT:
    case duckdb::LogicalTypeId::UTINYINT:
    case duckdb::LogicalTypeId::USMALLINT:
    case duckdb::LogicalTypeId::UINTEGER:
      return value.GetValue<int64_t>();
    case duckdb::LogicalTypeId::FLOAT:
    case duckdb::LogicalTypeId::DOUBLE:
      return value.GetValue<double>();
    default:
      return value.ToString();
  }
}

arrow::Status UnknownOption(const std::string& name) {
  std::vector<std::string> known = {kCatalogOption, kSchemaOption};
  for (size_t i = 0; i < kSafeSettingCount; ++i) {
    known.emplace_back(kSafeSettings[i].name);
  }
  return MakeError(ErrorClass::kMissingObject,
                   base::UnknownName("session option", name, known), std::nullopt,
                   "42704");
}

}  // namespace

arrow::Status DuckSession::SetSearchPath(const std::optional<std::string>& catalog,
                                         const std::optional<std::string>& schema) {
  ++settings_version_;
  return Guard([&]() PINION_REQUIRES(mutex_) -> arrow::Status {
    auto& path = *duckdb::ClientData::Get(home_->context()).catalog_search_path;
    duckdb::CatalogSearchEntry entry(
        duckdb::Identifier(catalog.value_or(core_->database_name())),
        duckdb::Identifier(schema.value_or("main")));
    if (catalog || schema) {
      // Only this way of setting looks whether they exist.
      home_->context().RunFunctionInTransaction(
          [&] { path.Set(entry, duckdb::CatalogSetPathType::SET_SCHEMA); });
    } else {
      duckdb::vector<duckdb::CatalogSearchEntry> entries;
      entries.push_back(std::move(entry));
      path.Set(std::move(entries), duckdb::CatalogSetPathType::SET_DIRECTLY);
    }
    KeepDatasetsInPath();
    return arrow::Status::OK();
  });
}

arrow::Status DuckSession::SetOption(const std::string& name, const OptionValue& value) {
  if (stateless_) {
    return MakeError(ErrorClass::kNotSupported,
                     "session options need a session of their own: connect with a client "
                     "that keeps session cookies");
  }
  return ApplyOption(name, value);
}

arrow::Status DuckSession::ApplyOption(const std::string& name,
                                       const OptionValue& value) {
  base::MutexLock lock(mutex_);
  ARROW_RETURN_NOT_OK(CheckOpen());
  if (name == kCatalogOption || name == kSchemaOption) {
    ARROW_ASSIGN_OR_RAISE(auto text, TextOption(name, value));
    if (name == kCatalogOption) return SetSearchPath(text, std::nullopt);
    std::optional<std::string> catalog;
    const auto current = Guard([&]() PINION_REQUIRES(mutex_) -> arrow::Status {
      catalog = duckdb::ClientData::Get(home_->context())
                    .catalog_search_path->GetDefault()
                    .GetCatalog()
                    .GetIdentifierName();
      return arrow::Status::OK();
    });
    ARROW_RETURN_NOT_OK(current);
    return SetSearchPath(catalog, text);
  }
  if (!IsSafeSetting(name)) return UnknownOption(name);
  duckdb::unique_ptr<duckdb::SQLStatement> statement;
  if (std::holds_alternative<std::monostate>(value)) {
    statement = duckdb::make_uniq<duckdb::ResetVariableStatement>(
        duckdb::Identifier(name), duckdb::SetScope::SESSION);
  } else {
    ARROW_ASSIGN_OR_RAISE(auto constant, ToValue(name, value));
    statement = duckdb::make_uniq<duckdb::SetVariableStatement>(
        duckdb::Identifier(name), duckdb::ConstantExpression::FromValue(constant),
        duckdb::SetScope::SESSION);
  }
  auto status = RunAtHome(std::make_shared<Execution>(core_, ExecuteOptions{}),
                          std::move(statement));
  if (status.ok() || IsError(status, ErrorClass::kUnavailable)) return status;
  return MakeError(ErrorClass::kType, status.message());
}

arrow::Result<std::map<std::string, OptionValue>> DuckSession::GetOptions() {
  base::MutexLock lock(mutex_);
  ARROW_RETURN_NOT_OK(CheckOpen());
  std::map<std::string, OptionValue> options;
  ARROW_RETURN_NOT_OK(Guard([&]() PINION_REQUIRES(mutex_) -> arrow::Status {
    auto& context = home_->context();
    const auto& current =
        duckdb::ClientData::Get(context).catalog_search_path->GetDefault();
    options[kCatalogOption] = current.GetCatalog().GetIdentifierName();
    options[kSchemaOption] = current.GetSchema().GetIdentifierName();
    for (const auto& name : changed_settings_) {
      duckdb::Value value;
      if (context.TryGetCurrentSetting(duckdb::Identifier(name), value)) {
        options[name] = FromValue(value);
      }
    }
    return arrow::Status::OK();
  }));
  return options;
}

}  // namespace pinion::engine::duck
