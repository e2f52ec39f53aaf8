#pragma once

#include <map>
#include <memory>
#include <string>

#include <duckdb/common/file_system.hpp>

#include "base/mutex.h"
#include "data/dataset.h"

namespace pinion::engine::duck {

// Every path of DatasetFiles begins with it: the only ones that DuckDB may open.
inline constexpr char kDatasetScheme[] = "pinion-dataset://";

// The files of datasets for DuckDB's own readers, under paths that nobody can guess. A
// path leads to the file as it was when the dataset was opened, for as long as somebody
// holds the dataset.
//
// Thread-safe. Shared by the table function, which makes paths, and the file system.
class DatasetFiles {
 public:
  // The path of the dataset's file; the same each time.
  std::string PathOf(const std::shared_ptr<const data::Dataset>& dataset)
      PINION_EXCLUDES(mutex_);

  // Null if there is none, or its dataset is gone.
  std::shared_ptr<const data::Dataset> Find(const std::string& path)
      PINION_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  std::map<std::string, std::weak_ptr<const data::Dataset>> datasets_
      PINION_GUARDED_BY(mutex_);
};

// Those files as one of DuckDB's file systems, which only reads.
duckdb::unique_ptr<duckdb::FileSystem> MakeDatasetFileSystem(
    std::shared_ptr<DatasetFiles> files);

}  // namespace pinion::engine::duck
