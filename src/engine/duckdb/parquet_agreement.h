#pragma once

#include <map>
#include <memory>
#include <string>

#include <duckdb/main/client_context.hpp>

#include "base/mutex.h"
#include "data/dataset.h"

namespace pinion::engine::duck {

// Whether DuckDB's own reader of Parquet, which is the faster one, gives a file the same
// columns as Arrow's: the schema of a dataset must not depend on who asks for it. Found
// out once a dataset. Thread-safe.
class ParquetAgreement {
 public:
  // `path` is where the dataset's file is for DuckDB. False, too, for a file that one of
  // the two cannot read.
  bool Holds(duckdb::ClientContext& context,
             const std::shared_ptr<const data::Dataset>& dataset, const std::string& path)
      PINION_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  std::map<std::weak_ptr<const data::Dataset>, bool, std::owner_less<>> known_
      PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::engine::duck
