#include "engine/duckdb/dataset_files.h"

#include <utility>

#include <arrow/io/interfaces.h>

#include "base/random_id.h"
#include "engine/duckdb/error_translation.h"
#include "engine/error.h"

namespace pinion::engine::duck {
namespace {

class DatasetFileHandle : public duckdb::FileHandle {
 public:
  DatasetFileHandle(duckdb::FileSystem& system, const std::string& path,
                    duckdb::FileOpenFlags flags,
                    std::shared_ptr<const data::Dataset> dataset,
                    std::shared_ptr<arrow::io::RandomAccessFile> file)
      : FileHandle(system, path, std::move(flags)),
        dataset_(std::move(dataset)),
        file_(std::move(file)) {}

  void Close() override {}

  const data::Dataset& dataset() const { return *dataset_; }
  arrow::io::RandomAccessFile& file() { return *file_; }
  duckdb::idx_t position = 0;

 private:
  const std::shared_ptr<const data::Dataset> dataset_;
  const std::shared_ptr<arrow::io::RandomAccessFile> file_;
};

class DatasetFileSystem : public duckdb::FileSystem {
 public:
  explicit DatasetFileSystem(std::shared_ptr<DatasetFiles> files)
      : files_(std::move(files)) {}

  std::string GetName() const override { return "PinionDatasets"; }

  bool CanHandleFile(const std::string& path) override {
    return path.starts_with(kDatasetScheme);
  }

  duckdb::unique_ptr<duckdb::FileHandle> OpenFile(
      const std::string& path, duckdb::FileOpenFlags flags,
      duckdb::optional_ptr<duckdb::FileOpener>) override {
    if (flags.OpenForWriting()) {
      Throw(MakeError(ErrorClass::kPermission, "datasets cannot be written by SQL"));
    }
    auto dataset = files_->Find(path);
    if (dataset == nullptr) {
      if (flags.ReturnNullIfNotExists()) return nullptr;
      Throw(MakeError(ErrorClass::kMissingObject, "the dataset is gone"));
    }
    auto file = dataset->OpenFile();
    if (!file.ok()) Throw(file.status());
    return duckdb::make_uniq<DatasetFileHandle>(*this, path, flags, std::move(dataset),
                                                file.MoveValueUnsafe());
  }

  void Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes,
            duckdb::idx_t location) override {
    auto& file = handle.Cast<DatasetFileHandle>().file();
    auto read = file.ReadAt(static_cast<int64_t>(location), bytes, buffer);
    if (!read.ok()) Throw(read.status());
    if (*read != bytes) {
      Throw(arrow::Status::IOError("the file is shorter than when it was opened"));
    }
  }

  int64_t Read(duckdb::FileHandle& handle, void* buffer, int64_t bytes) override {
    auto& opened = handle.Cast<DatasetFileHandle>();
    auto read =
        opened.file().ReadAt(static_cast<int64_t>(opened.position), bytes, buffer);
    if (!read.ok()) Throw(read.status());
    opened.position += *read;
    return *read;
  }

  int64_t GetFileSize(duckdb::FileHandle& handle) override {
    return handle.Cast<DatasetFileHandle>().dataset().num_bytes();
  }

  // A path stands for one content for ever.
  duckdb::timestamp_t GetLastModifiedTime(duckdb::FileHandle&) override {
    return duckdb::timestamp_t(0);
  }
  std::string GetVersionTag(duckdb::FileHandle& handle) override {
    return handle.GetPath();
  }

  duckdb::FileType GetFileType(duckdb::FileHandle&) override {
    return duckdb::FileType::FILE_TYPE_REGULAR;
  }

  bool FileExists(const std::string& path,
                  duckdb::optional_ptr<duckdb::FileOpener>) override {
    return files_->Find(path) != nullptr;
  }
  bool DirectoryExists(const std::string&,
                       duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }
  bool IsPipe(const std::string&, duckdb::optional_ptr<duckdb::FileOpener>) override {
    return false;
  }

  duckdb::vector<duckdb::OpenFileInfo> Glob(const std::string& path,
                                            duckdb::FileOpener*) override {
    duckdb::vector<duckdb::OpenFileInfo> found;
    if (files_->Find(path) != nullptr) found.emplace_back(path);
    return found;
  }

  void Seek(duckdb::FileHandle& handle, duckdb::idx_t location) override {
    handle.Cast<DatasetFileHandle>().position = location;
  }
  void Reset(duckdb::FileHandle& handle) override { Seek(handle, 0); }
  duckdb::idx_t SeekPosition(duckdb::FileHandle& handle) override {
    return handle.Cast<DatasetFileHandle>().position;
  }
  bool CanSeek() override { return true; }
  bool OnDiskFile(duckdb::FileHandle&) override { return true; }
  std::string CanonicalizePath(const std::string& path,
                               duckdb::optional_ptr<duckdb::FileOpener>) override {
    return path;
  }

 private:
  const std::shared_ptr<DatasetFiles> files_;
};

}  // namespace

std::string DatasetFiles::PathOf(const std::shared_ptr<const data::Dataset>& dataset) {
  base::MutexLock lock(mutex_);
  std::erase_if(datasets_, [](const auto& entry) { return entry.second.expired(); });
  for (const auto& [path, known] : datasets_) {
    if (known.lock() == dataset) return path;
  }
  auto path = kDatasetScheme + base::RandomId() + ".parquet";
  datasets_.emplace(path, dataset);
  return path;
}

std::shared_ptr<const data::Dataset> DatasetFiles::Find(const std::string& path) {
  base::MutexLock lock(mutex_);
  const auto it = datasets_.find(path);
  return it == datasets_.end() ? nullptr : it->second.lock();
}

duckdb::unique_ptr<duckdb::FileSystem> MakeDatasetFileSystem(
    std::shared_ptr<DatasetFiles> files) {
  return duckdb::make_uniq<DatasetFileSystem>(std::move(files));
}

}  // namespace pinion::engine::duck
