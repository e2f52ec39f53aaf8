#include "engine/duckdb/core.h"

#include <array>
#include <filesystem>
#include <stdlib.h>
#include <utility>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/parser/parsed_data/drop_info.hpp>

#include "engine/duckdb/dataset_views.h"
#include "engine/duckdb/engine_facts.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/statement_policy.h"
#include "engine/duckdb/transaction.h"

namespace pinion::engine::duck {
namespace {

// Functions of DuckDB's that act on the server instead of on data.
constexpr std::array kRemovedTableFunctions = {
    "arrow_scan",
    "arrow_scan_dumb",
    "create_external_resource",
    "deregister_external_resource",
    "destroy_external_resource",
    "disable_logging",
    "enable_logging",
    "force_checkpoint",
    "register_external_resource",
    "register_external_resource_type",
    "truncate_duckdb_logs",
};
constexpr std::array kRemovedScalarFunctions = {"write_log"};

arrow::Status RunSql(duckdb::Connection& connection, const std::string& sql) {
  return Guard([&]() -> arrow::Status {
    auto result = connection.Query(sql);
    if (result->HasError()) return ToStatus(result->GetErrorObject(), sql);
    return arrow::Status::OK();
  });
}

void DropFunction(duckdb::ClientContext& context, duckdb::CatalogType type,
                  const char* name) {
  duckdb::DropInfo info;
  info.type = type;
  info.SetQualifiedName(duckdb::QualifiedName(duckdb::Identifier(SYSTEM_CATALOG),
                                              duckdb::Identifier("main"),
                                              duckdb::Identifier(name)));
  info.allow_drop_internal = true;
  info.if_not_found = duckdb::OnEntryNotFound::RETURN_NULL;
  duckdb::Catalog::GetSystemCatalog(context).DropEntry(context, info);
}

void Set(duckdb::DBConfig& config, const char* name, const duckdb::Value& value) {
  config.SetOptionByName(duckdb::Identifier(name), value);
}

}  // namespace

Core::Core(const EngineOptions& options)
    : options_(options),
      budget_(std::make_shared<ConnectionBudget>(options.max_connections,
                                                 options.connection_wait)),
      result_buffers_(std::make_shared<ResultBuffers>(options.result_buffer_bytes)),
      transactions_(std::make_unique<TransactionRegistry>()) {}

arrow::Result<std::shared_ptr<Core>> Core::Open(const EngineOptions& options,
                                                std::shared_ptr<data::Catalog> catalog) {
  std::shared_ptr<Core> core(new Core(options));
  ARROW_RETURN_NOT_OK(core->MakeTempDirectory());
  ARROW_RETURN_NOT_OK(core->OpenDatabase(std::move(catalog)));
  return core;
}

Core::~Core() {
  (void)Close();
  if (!own_temp_directory_.empty()) {
    std::error_code ignored;
    std::filesystem::remove_all(own_temp_directory_, ignored);
  }
}

arrow::Status Core::MakeTempDirectory() {
  std::error_code error;
  std::string directory = options_.temp_directory;
  if (directory.empty()) {
    directory = (std::filesystem::temp_directory_path(error) / "pinion-XXXXXX").string();
    if (error || mkdtemp(directory.data()) == nullptr) {
      return MakeError(ErrorClass::kIo,
                       "cannot make a temporary folder " + directory +
                           ": name one that can be written to as temp_directory");
    }
    own_temp_directory_ = directory;
  } else {
    std::filesystem::create_directories(directory, error);
    if (error) {
      return MakeError(ErrorClass::kIo, "cannot make the temporary folder " + directory +
                                            ": " + error.message());
    }
  }
  spill_ = std::make_shared<SpillSpace>(std::move(directory), options_.max_temp_bytes);
  return arrow::Status::OK();
}

arrow::Status Core::OpenDatabase(std::shared_ptr<data::Catalog> catalog) {
  return Guard([&]() -> arrow::Status {
    duckdb::DBConfig config;
    const bool in_memory = options_.database_path.empty();
    if (options_.read_only && !in_memory) {
      config.options.access_mode = duckdb::AccessMode::READ_ONLY;
    }
    Set(config, "autoload_known_extensions", duckdb::Value::BOOLEAN(false));
    Set(config, "autoinstall_known_extensions", duckdb::Value::BOOLEAN(false));
    Set(config, "allow_community_extensions", duckdb::Value::BOOLEAN(false));
    Set(config, "allow_persistent_secrets", duckdb::Value::BOOLEAN(false));
    Set(config, "temp_directory", duckdb::Value(spill_->directory()));
    if (options_.max_temp_bytes > 0) {
      Set(config, "max_temp_directory_size",
          duckdb::Value(std::to_string(options_.max_temp_bytes) + "B"));
    }
    if (options_.memory_limit_bytes > 0) {
      Set(config, "memory_limit",
          duckdb::Value(std::to_string(options_.memory_limit_bytes) + "B"));
    }
    if (options_.threads > 0) {
      Set(config, "threads", duckdb::Value::BIGINT(options_.threads));
    }
    auto database = std::make_unique<duckdb::DuckDB>(
        in_memory ? nullptr : options_.database_path.c_str(), &config);
    duckdb::Connection connection(*database);
    database_name_ = connection.Query("SELECT current_database()")
                         ->Collection()
                         .GetRows()
                         .GetValue(0, 0)
                         .ToString();
    if (duckdb::Identifier(database_name_) == kDatasetsCatalog) {
      return MakeError(ErrorClass::kAlreadyExists,
                       "a database file cannot be called 'datasets': that is the catalog "
                       "of the served files");
    }
    views_ = std::make_unique<DatasetViews>(std::move(catalog));
    ARROW_RETURN_NOT_OK(views_->Install(*database, connection));
    ARROW_RETURN_NOT_OK(LockDown(connection));
    ARROW_RETURN_NOT_OK(ReadInitialSettings(connection));
    ARROW_ASSIGN_OR_RAISE(info_, ReadEngineInfo(connection, options_));
    base::MutexLock lock(mutex_);
    database_ = std::move(database);
    return arrow::Status::OK();
  });
}

arrow::Status Core::LockDown(duckdb::Connection& connection) {
  auto& context = *connection.context;
  connection.BeginTransaction();
  for (const char* name : kRemovedTableFunctions) {
    DropFunction(context, duckdb::CatalogType::TABLE_FUNCTION_ENTRY, name);
  }
  for (const char* name : kRemovedScalarFunctions) {
    DropFunction(context, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY, name);
  }
  connection.Commit();
  // The same results on every machine, wherever it stands.
  ARROW_RETURN_NOT_OK(RunSql(connection, "SET GLOBAL TimeZone = 'UTC'"));
  // What a dataset's path stands for never changes.
  ARROW_RETURN_NOT_OK(RunSql(connection, "SET GLOBAL parquet_metadata_cache = true"));
  auto& config = duckdb::DBConfig::GetConfig(*context.db);
  for (size_t i = 0; i < kSafeSettingCount; ++i) {
    config.AddAllowedConfig(duckdb::Identifier(kSafeSettings[i].name));
  }
  ARROW_RETURN_NOT_OK(RunSql(connection, "SET GLOBAL enable_external_access = false"));
  return RunSql(connection, "SET GLOBAL lock_configuration = true");
}

arrow::Status Core::ReadInitialSettings(duckdb::Connection& connection) {
  // Of a new connection, for this one made the settings.
  duckdb::Connection fresh(*connection.context->db);
  for (size_t i = 0; i < kSafeSettingCount; ++i) {
    const duckdb::Identifier name(kSafeSettings[i].name);
    duckdb::Value value;
    if (!fresh.context->TryGetCurrentSetting(name, value)) {
      return MakeError(ErrorClass::kInternal,
                       "this engine has no setting " + name.GetIdentifierName());
    }
    initial_settings_[name] = std::move(value);
  }
  return arrow::Status::OK();
}

arrow::Result<std::unique_ptr<duckdb::Connection>> Core::Connect() {
  base::MutexLock lock(mutex_);
  if (closed_) return StopStatus(StopReason::kEngineClosed);
  return Guard([&]() PINION_REQUIRES(
                   mutex_) -> arrow::Result<std::unique_ptr<duckdb::Connection>> {
    return std::make_unique<duckdb::Connection>(*database_);
  });
}

arrow::Status Core::RefreshViews() {
  if (views_->IsFresh()) return arrow::Status::OK();
  ARROW_ASSIGN_OR_RAISE(auto connection, Connect());
  return views_->Refresh(*connection->context->db);
}

arrow::Status Core::Close() {
  std::unique_ptr<duckdb::DuckDB> database;
  {
    base::MutexLock lock(mutex_);
    if (closed_ || database_ == nullptr) return arrow::Status::OK();
    closed_ = true;
    database = std::move(database_);
  }
  executions_.StopAll(StopReason::kEngineClosed, /*forever=*/true);
  transactions_->RollbackAll();
  if (options_.read_only || options_.database_path.empty()) return arrow::Status::OK();
  return Guard([&]() -> arrow::Status {
    // Open results may forbid it; what is committed is in the log all the same.
    duckdb::Connection connection(*database);
    (void)RunSql(connection, "CHECKPOINT");
    return arrow::Status::OK();
  });
}

}  // namespace pinion::engine::duck
