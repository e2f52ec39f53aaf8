#include "engine/duckdb/statement_cache.h"

#include <algorithm>
#include <utility>

namespace pinion::engine::duck {

StatementCache::Entries::iterator StatementCache::At(const std::string& sql,
                                                     bool read_only) {
  return std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.read_only == read_only && entry.sql == sql;
  });
}

std::shared_ptr<const StatementText> StatementCache::Find(const std::string& sql,
                                                          bool read_only,
                                                          uint64_t version) {
  // What it held last may be the last to hold it, and takes a while to go.
  std::shared_ptr<const StatementText> outdated;
  const base::MutexLock lock(mutex_);
  const auto entry = At(sql, read_only);
  if (entry == entries_.end()) return nullptr;
  if (entry->version != version) {
    outdated = std::move(entry->text);
    entries_.erase(entry);
    return nullptr;
  }
  entries_.splice(entries_.begin(), entries_, entry);
  return entry->text;
}

void StatementCache::Add(const std::string& sql, bool read_only, uint64_t version,
                         std::shared_ptr<const StatementText> text) {
  if (sql.size() > kLongestText) return;
  Entries removed;
  const base::MutexLock lock(mutex_);
  if (const auto entry = At(sql, read_only); entry != entries_.end()) {
    removed.splice(removed.begin(), entries_, entry);
  }
  entries_.push_front({sql, read_only, version, std::move(text)});
  if (entries_.size() > kMostTexts) {
    removed.splice(removed.begin(), entries_, std::prev(entries_.end()));
  }
}

}  // namespace pinion::engine::duck
