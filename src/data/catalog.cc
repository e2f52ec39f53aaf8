#include "data/catalog.h"

#include <filesystem>
#include <utility>

#include <arrow/util/utf8.h>

#include "base/near_names.h"

namespace pinion::data {
namespace {

constexpr size_t kMaxNameBytes = 255;

bool IsControlCharacter(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

arrow::Status CheckDatasetName(std::string_view name) {
  if (name.empty()) return arrow::Status::Invalid("a dataset's name must not be empty");
  const auto refuse = [&](const char* why) {
    return arrow::Status::Invalid("the dataset name ", base::QuoteForMessage(name), " ",
                                  why);
  };
  if (name.size() > kMaxNameBytes) return refuse("is longer than 255 bytes");
  for (char c : name) {
    if (IsControlCharacter(c)) return refuse("contains a control character");
  }
  arrow::util::InitializeUTF8();
  if (!arrow::util::ValidateUTF8(name)) return refuse("is not valid UTF-8");
  return arrow::Status::OK();
}

std::string DatasetNameOf(const std::string& path) {
  const std::filesystem::path file(path);
  const std::string stem = file.stem().string();
  return stem.empty() ? file.filename().string() : stem;
}

arrow::Status Catalog::Unknown(std::string_view name) const {
  std::vector<std::string> names;
  names.reserve(datasets_.size());
  for (const auto& [known, dataset] : datasets_) names.push_back(known);
  return arrow::Status::KeyError(base::UnknownName("dataset", name, names));
}

arrow::Status Catalog::Add(std::string name, std::shared_ptr<const Dataset> dataset) {
  ARROW_RETURN_NOT_OK(CheckDatasetName(name));
  base::MutexLock lock(mutex_);
  const auto [place, added] = datasets_.try_emplace(std::move(name), dataset);
  if (!added) {
    return arrow::Status::AlreadyExists(
        "two datasets cannot both be named ", base::QuoteForMessage(place->first), ": ",
        base::QuoteForMessage(place->second->path(), 200), " and ",
        base::QuoteForMessage(dataset->path(), 200), "; give one another name");
  }
  ++generation_;
  return arrow::Status::OK();
}

arrow::Status Catalog::Replace(std::string name, std::shared_ptr<const Dataset> dataset) {
  ARROW_RETURN_NOT_OK(CheckDatasetName(name));
  base::MutexLock lock(mutex_);
  // Swapped, so that an old dataset's file is closed after the lock is released.
  datasets_[std::move(name)].swap(dataset);
  ++generation_;
  return arrow::Status::OK();
}

arrow::Status Catalog::Remove(std::string_view name) {
  std::shared_ptr<const Dataset> removed;  // closes its file after the lock is released
  base::MutexLock lock(mutex_);
  const auto place = datasets_.find(name);
  if (place == datasets_.end()) return Unknown(name);
  removed = std::move(place->second);
  datasets_.erase(place);
  ++generation_;
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<const Dataset>> Catalog::Find(std::string_view name) const {
  base::MutexLock lock(mutex_);
  const auto place = datasets_.find(name);
  if (place == datasets_.end()) return Unknown(name);
  return place->second;
}

std::shared_ptr<const Dataset> Catalog::FindOrNull(std::string_view name) const {
  base::MutexLock lock(mutex_);
  const auto place = datasets_.find(name);
  return place == datasets_.end() ? nullptr : place->second;
}

std::vector<Catalog::Entry> Catalog::List() const {
  base::MutexLock lock(mutex_);
  std::vector<Entry> entries;
  entries.reserve(datasets_.size());
  for (const auto& [name, dataset] : datasets_) entries.push_back({name, dataset});
  return entries;
}

uint64_t Catalog::generation() const {
  base::MutexLock lock(mutex_);
  return generation_;
}

}  // namespace pinion::data
