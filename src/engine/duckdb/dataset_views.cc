#include "engine/duckdb/dataset_views.h"

#include <utility>

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/common/identifier.hpp>
#include <duckdb/function/replacement_scan.hpp>
#include <duckdb/main/config.hpp>
#include <duckdb/main/extension/extension_loader.hpp>
#include <duckdb/parser/expression/star_expression.hpp>
#include <duckdb/parser/keyword_helper.hpp>
#include <duckdb/parser/parsed_data/create_view_info.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/create_statement.hpp>
#include <duckdb/parser/statement/drop_statement.hpp>
#include <duckdb/parser/statement/select_statement.hpp>

#include "engine/duckdb/core.h"
#include "engine/duckdb/dataset_files.h"
#include "engine/duckdb/dataset_scan.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/stream_scan.h"

namespace pinion::engine::duck {
namespace {

constexpr char kMainSchema[] = "main";

struct CatalogData : public duckdb::ReplacementScanData {
  explicit CatalogData(std::shared_ptr<data::Catalog> catalog_in)
      : catalog(std::move(catalog_in)) {}
  const std::shared_ptr<data::Catalog> catalog;
};

// A name that no table has: perhaps a dataset that has no view.
duckdb::unique_ptr<duckdb::TableRef> Replace(
    duckdb::ClientContext&, duckdb::ReplacementScanInput& input,
    duckdb::optional_ptr<duckdb::ReplacementScanData> data) {
  if (!input.catalog_name.empty() && input.catalog_name != kDatasetsCatalog) {
    return nullptr;
  }
  if (!input.schema_name.empty() && input.schema_name != kMainSchema) return nullptr;
  if (data->Cast<CatalogData>().catalog->FindOrNull(input.table_name) == nullptr) {
    return nullptr;
  }
  return DatasetCall(input.table_name);
}

duckdb::QualifiedName ViewName(const std::string& name) {
  return duckdb::QualifiedName(duckdb::Identifier(kDatasetsCatalog),
                               duckdb::Identifier(kMainSchema), duckdb::Identifier(name));
}

arrow::Status Run(duckdb::Connection& connection,
                  duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  return Guard([&]() -> arrow::Status {
    auto result = connection.Query(std::move(statement));
    if (result->HasError()) return ToStatus(result->GetErrorObject());
    return arrow::Status::OK();
  });
}

// SELECT * FROM pinion_dataset(name) as a view of that name; built, not written, so that
// no name needs quoting.
arrow::Status CreateView(duckdb::Connection& connection, const std::string& name) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  node->from_table = DatasetCall(name);
  auto select = duckdb::make_uniq<duckdb::SelectStatement>();
  select->node = std::move(node);
  auto info = duckdb::make_uniq<duckdb::CreateViewInfo>();
  info->SetQualifiedName(ViewName(name));
  info->on_conflict = duckdb::OnCreateConflict::REPLACE_ON_CONFLICT;
  info->query = std::move(select);
  auto statement = duckdb::make_uniq<duckdb::CreateStatement>();
  statement->info = std::move(info);
  return Run(connection, std::move(statement));
}

arrow::Status DropView(duckdb::Connection& connection, const std::string& name) {
  auto info = duckdb::make_uniq<duckdb::DropInfo>();
  info->type = duckdb::CatalogType::VIEW_ENTRY;
  info->SetQualifiedName(ViewName(name));
  info->if_not_found = duckdb::OnEntryNotFound::RETURN_NULL;
  auto statement = duckdb::make_uniq<duckdb::DropStatement>();
  statement->info = std::move(info);
  return Run(connection, std::move(statement));
}

}  // namespace

DatasetViews::DatasetViews(std::shared_ptr<data::Catalog> catalog)
    : catalog_(std::move(catalog)) {}

arrow::Status DatasetViews::Install(duckdb::DuckDB& database,
                                    duckdb::Connection& connection) {
  return Guard([&]() -> arrow::Status {
    duckdb::ExtensionLoader loader(*database.instance, "pinion");
    auto files = std::make_shared<DatasetFiles>();
    loader.RegisterFunction(DatasetFunction(catalog_, files));
    loader.RegisterFunction(StreamFunction());
    duckdb::FileSystem::GetFileSystem(*database.instance)
        .RegisterSubSystem(MakeDatasetFileSystem(std::move(files)));
    auto& config = duckdb::DBConfig::GetConfig(*database.instance);
    config.AddAllowedDirectory(kDatasetScheme);
    config.replacement_scans.emplace_back(Replace,
                                          duckdb::make_uniq<CatalogData>(catalog_));
    auto result = connection.Query(std::string("ATTACH ':memory:' AS ") +
                                   kDatasetsCatalog + " (READ_WRITE)");
    if (result->HasError()) return ToStatus(result->GetErrorObject());
    return arrow::Status::OK();
  });
}

bool DatasetViews::IsFresh() {
  const uint64_t generation = catalog_->generation();
  base::MutexLock lock(mutex_);
  return fresh_ && generation_ == generation;
}

arrow::Status DatasetViews::Refresh(duckdb::DatabaseInstance& database) {
  const uint64_t generation = catalog_->generation();
  base::MutexLock lock(mutex_);
  if (fresh_ && generation_ == generation) return arrow::Status::OK();
  ARROW_RETURN_NOT_OK(Guard([&]() PINION_REQUIRES(mutex_) -> arrow::Status {
    duckdb::Connection connection(database);
    return Update(connection);
  }));
  fresh_ = true;
  generation_ = generation;
  return arrow::Status::OK();
}

arrow::Status DatasetViews::Update(duckdb::Connection& connection) {
  std::map<std::string, View> wanted;
  duckdb::identifier_set_t taken;
  for (auto& entry : catalog_->List()) {
    const bool first = taken.insert(duckdb::Identifier(entry.name)).second;
    if (first) wanted.emplace(std::move(entry.name), View{std::move(entry.dataset)});
  }
  for (const auto& [name, view] : views_) {
    if (view.exists && !wanted.contains(name)) {
      ARROW_RETURN_NOT_OK(DropView(connection, name));
    }
  }
  for (auto& [name, view] : wanted) {
    const auto old = views_.find(name);
    if (old != views_.end() && old->second.dataset == view.dataset) {
      view.exists = old->second.exists;
      continue;
    }
    view.exists = CreateView(connection, name).ok();
    if (!view.exists && old != views_.end() && old->second.exists) {
      ARROW_RETURN_NOT_OK(DropView(connection, name));
    }
  }
  views_ = std::move(wanted);
  return arrow::Status::OK();
}

std::vector<data::Catalog::Entry> DatasetViews::Unviewed() {
  base::MutexLock lock(mutex_);
  std::vector<data::Catalog::Entry> entries;
  for (const auto& [name, view] : views_) {
    if (!view.exists) entries.push_back({name, view.dataset});
  }
  return entries;
}

}  // namespace pinion::engine::duck
