#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <string>

#include "base/mutex.h"

namespace pinion::engine::duck {

struct StatementText;

// The texts that a session has prepared last, so that a text that comes again is neither
// parsed nor bound again, and may find a plan.
//
// Thread-safe.
class StatementCache {
 public:
  static constexpr size_t kMostTexts = 64;
  static constexpr size_t kLongestText = size_t{16} << 10;

  // What was found out about the text by a statement with the same rights; null if
  // nothing is known of this version.
  std::shared_ptr<const StatementText> Find(const std::string& sql, bool read_only,
                                            uint64_t version) PINION_EXCLUDES(mutex_);
  // `version` is that of before the text was looked at. The oldest goes.
  void Add(const std::string& sql, bool read_only, uint64_t version,
           std::shared_ptr<const StatementText> text) PINION_EXCLUDES(mutex_);

 private:
  struct Entry {
    std::string sql;
    bool read_only;
    uint64_t version;
    std::shared_ptr<const StatementText> text;
  };
  using Entries = std::list<Entry>;

  Entries::iterator At(const std::string& sql, bool read_only) PINION_REQUIRES(mutex_);

  base::Mutex mutex_;
  // The last used comes first.
  Entries entries_ PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::engine::duck
