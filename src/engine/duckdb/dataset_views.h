#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <arrow/status.h>
#include <duckdb.hpp>

#include "base/mutex.h"
#include "data/catalog.h"

namespace pinion::engine::duck {

// Shows the datasets of a catalog as views of their names in the attached catalog
// kDatasetsCatalog. Those that DuckDB cannot take have no view; naming one says why.
//
// Names of SQL do not regard case: of datasets whose names differ only in that, the first
// by name has the view, the others are reached by pinion_dataset('Name').
//
// Thread-safe.
class DatasetViews {
 public:
  explicit DatasetViews(std::shared_ptr<data::Catalog> catalog);

  // Registers the table function and attaches the catalog. Once, before anything else.
  arrow::Status Install(duckdb::DuckDB& database, duckdb::Connection& connection);

  uint64_t catalog_generation() const { return catalog_->generation(); }
  // Whether there is nothing to Refresh.
  bool IsFresh() PINION_EXCLUDES(mutex_);
  // Makes the views what the catalog is now.
  arrow::Status Refresh(duckdb::DatabaseInstance& database) PINION_EXCLUDES(mutex_);

  // The datasets without a view, for listings of tables.
  std::vector<data::Catalog::Entry> Unviewed() PINION_EXCLUDES(mutex_);

 private:
  arrow::Status Update(duckdb::Connection& connection) PINION_REQUIRES(mutex_);

  const std::shared_ptr<data::Catalog> catalog_;
  base::Mutex mutex_;
  // By view name: the dataset it was made for, or null where that was not possible.
  struct View {
    std::shared_ptr<const data::Dataset> dataset;
    bool exists = false;
  };
  std::map<std::string, View> views_ PINION_GUARDED_BY(mutex_);
  bool fresh_ PINION_GUARDED_BY(mutex_) = false;
  uint64_t generation_ PINION_GUARDED_BY(mutex_) = 0;
};

}  // namespace pinion::engine::duck
