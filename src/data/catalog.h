#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/result.h>
#include <arrow/status.h>

#include "base/mutex.h"
#include "data/dataset.h"

namespace pinion::data {

// The datasets that are served, by name. Thread-safe. Names are case-sensitive, any UTF-8
// without control characters, at most 255 bytes; quotes, spaces and slashes are allowed.
class Catalog {
 public:
  struct Entry {
    std::string name;
    std::shared_ptr<const Dataset> dataset;
  };

  Catalog() = default;
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // AlreadyExists, naming both files, when the name is taken; Invalid for an impossible
  // name.
  arrow::Status Add(std::string name, std::shared_ptr<const Dataset> dataset)
      PINION_EXCLUDES(mutex_);

  // Adds or takes the place of an existing one. Streams of the old one go on.
  arrow::Status Replace(std::string name, std::shared_ptr<const Dataset> dataset)
      PINION_EXCLUDES(mutex_);

  // KeyError with near names when there is none. Streams of it go on.
  arrow::Status Remove(std::string_view name) PINION_EXCLUDES(mutex_);

  // KeyError with near names when there is none.
  arrow::Result<std::shared_ptr<const Dataset>> Find(std::string_view name) const
      PINION_EXCLUDES(mutex_);

  // Null when there is none.
  std::shared_ptr<const Dataset> FindOrNull(std::string_view name) const
      PINION_EXCLUDES(mutex_);

  // All of them as of now, by name.
  std::vector<Entry> List() const PINION_EXCLUDES(mutex_);

  // Changes with every Add, Replace and Remove: tells a reader that what it derived from
  // List is stale.
  uint64_t generation() const PINION_EXCLUDES(mutex_);

 private:
  arrow::Status Unknown(std::string_view name) const PINION_REQUIRES(mutex_);

  mutable base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<const Dataset>, std::less<>> datasets_
      PINION_GUARDED_BY(mutex_);
  uint64_t generation_ PINION_GUARDED_BY(mutex_) = 0;
};

// Invalid, saying why, when no dataset can have this name.
arrow::Status CheckDatasetName(std::string_view name);

// The name of a file's dataset unless one is given: its name without folder and
// extension.
std::string DatasetNameOf(const std::string& path);

}  // namespace pinion::data
