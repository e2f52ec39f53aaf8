#include "flight/uploads.h"

#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include <arrow/record_batch.h>
#include <arrow/util/byte_size.h>

#include "base/bounded_queue.h"
#include "base/near_names.h"
#include "data/file_writer.h"
#include "data/value_check.h"
#include "flight/errors.h"

namespace pinion::flight {
namespace {

using arrow::Status;
using arrow::flight::FlightMessageReader;

constexpr std::string_view kHexDigits = "0123456789ABCDEF";
constexpr char kExtension[] = ".feather";
// Of a file name, on every file system there is.
constexpr size_t kMaxFileName = 255;

bool CanBeInFileName(char character, bool first) {
  const auto byte = static_cast<unsigned char>(character);
  if (character == '/' || character == '%' || byte < 0x20 || byte == 0x7f) return false;
  return !first || character != '.';
}

// Checks and writes batches on a thread of its own, while the next ones are received.
class BatchWriting {
 public:
  explicit BatchWriting(data::FileWriter& writer)
      : writer_(writer), thread_([this] { WriteAll(); }) {}
  ~BatchWriting() {
    queue_.Abort(Status::Cancelled("the upload has ended"));
    if (thread_.joinable()) thread_.join();
  }

  // Waits for room. Fails as writing did.
  Status Push(std::shared_ptr<arrow::RecordBatch> batch) {
    const int64_t bytes = arrow::util::TotalBufferSize(*batch);
    return queue_.Push(std::move(batch), bytes);
  }
  // Returns when all of them are written.
  Status Finish() {
    queue_.Close();
    thread_.join();
    return result_;
  }

 private:
  void WriteAll() {
    result_ = [this]() -> Status {
      while (true) {
        ARROW_ASSIGN_OR_RAISE(const auto batch, queue_.Pop());
        if (!batch.has_value()) return Status::OK();
        // Nobody has checked what came over the wire.
        ARROW_RETURN_NOT_OK(data::CheckValues(**batch));
        ARROW_RETURN_NOT_OK(writer_.Write(**batch));
      }
    }();
    if (!result_.ok()) queue_.Abort(result_);
  }

  data::FileWriter& writer_;
  base::BoundedQueue<std::shared_ptr<arrow::RecordBatch>> queue_{
      {.items = 2, .bytes = int64_t{64} << 20}};
  Status result_;  // once the thread has ended
  std::thread thread_;
};

// Returns when all of it has come, been checked and written.
Status CopyAll(const Call& call, FlightMessageReader& reader, data::FileWriter& writer) {
  BatchWriting writing(writer);
  while (true) {
    ARROW_RETURN_NOT_OK(call.CheckAlive());
    ARROW_ASSIGN_OR_RAISE(auto chunk, reader.Next());
    if (chunk.data == nullptr && chunk.app_metadata == nullptr) break;
    if (chunk.data != nullptr) ARROW_RETURN_NOT_OK(writing.Push(std::move(chunk.data)));
  }
  ARROW_RETURN_NOT_OK(writing.Finish());
  return call.CheckUploadEnded();
}

// The value of a digit of FileNameOf, -1 for any other character.
int HexValue(char digit) {
  const size_t value = kHexDigits.find(digit);
  return value == std::string_view::npos ? -1 : static_cast<int>(value);
}

}  // namespace

// Holds a name from before an upload until after it.
class Uploads::Reservation {
 public:
  Reservation(Uploads& uploads, const std::string& name) : uploads_(uploads) {
    base::MutexLock lock(uploads_.mutex_);
    const auto [position, inserted] = uploads_.names_.insert(name);
    if (inserted) name_ = name;
  }
  ~Reservation() {
    base::MutexLock lock(uploads_.mutex_);
    if (name_.has_value()) uploads_.names_.erase(*name_);
  }
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;

  bool granted() const { return name_.has_value(); }

 private:
  Uploads& uploads_;
  std::optional<std::string> name_;
};

std::string FileNameOf(const std::string& dataset_name) {
  std::string file_name;
  for (const char character : dataset_name) {
    if (CanBeInFileName(character, file_name.empty())) {
      file_name.push_back(character);
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    file_name.append({'%', kHexDigits[byte >> 4], kHexDigits[byte & 0xf]});
  }
  return file_name + kExtension;
}

std::optional<std::string> DatasetNameOfFile(std::string_view file_name) {
  if (!file_name.ends_with(kExtension)) return std::nullopt;
  file_name.remove_suffix(std::string_view(kExtension).size());
  std::string name;
  for (size_t i = 0; i < file_name.size(); ++i) {
    if (file_name[i] != '%') {
      name.push_back(file_name[i]);
      continue;
    }
    if (i + 2 >= file_name.size()) return std::nullopt;
    const int high = HexValue(file_name[i + 1]);
    const int low = HexValue(file_name[i + 2]);
    if (high < 0 || low < 0) return std::nullopt;
    name.push_back(static_cast<char>(high << 4 | low));
    i += 2;
  }
  // Other spellings of the name belong to other files.
  if (FileNameOf(name) != std::string(file_name) + kExtension) return std::nullopt;
  return name;
}

Status Uploads::AddEarlier() const {
  if (folder_.empty()) return Status::OK();
  std::error_code error;
  for (std::filesystem::directory_iterator file(folder_, error), end;
       !error && file != end; file.increment(error)) {
    const auto name = DatasetNameOfFile(file->path().filename().string());
    if (!name.has_value()) continue;
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<const data::Dataset> dataset,
                          data::OpenDataset(file->path().string()));
    ARROW_RETURN_NOT_OK(catalog_->Add(*name, std::move(dataset)));
  }
  if (!error) return Status::OK();
  return Status::IOError("cannot keep uploads in ", base::QuoteForMessage(folder_), ": ",
                         error.message());
}

arrow::Result<std::string> Uploads::PathOf(const std::string& name) const {
  ARROW_RETURN_NOT_OK(data::CheckDatasetName(name));
  const std::string file_name = FileNameOf(name);
  if (file_name.size() > kMaxFileName) {
    return Status::Invalid("the name is too long for a file of its own");
  }
  return (std::filesystem::path(folder_) / file_name).string();
}

Status Uploads::CheckFree(const std::string& name, const std::string& path,
                          bool replace) const {
  const auto existing = catalog_->FindOrNull(name);
  if (existing == nullptr) return Status::OK();
  if (!replace) {
    return Status::AlreadyExists("there is a dataset ", base::QuoteForMessage(name),
                                 " already");
  }
  if (existing->path() == path) return Status::OK();
  return Status::AlreadyExists("the dataset ", base::QuoteForMessage(name),
                               " is no upload, so it cannot be replaced by one");
}

Status Uploads::Receive(const Call& call, const std::string& name, bool replace,
                        FlightMessageReader& reader) {
  ARROW_RETURN_NOT_OK(call.Admit({.subject = Purpose::Subject::kDataset,
                                  .access = Purpose::Access::kWrite,
                                  .name = name}));
  if (folder_.empty()) {
    return PermissionDenied(
        "this server takes no uploads; it does when started with --upload-dir");
  }
  ARROW_ASSIGN_OR_RAISE(const std::string path, PathOf(name));
  const Reservation reservation(*this, name);
  if (!reservation.granted()) {
    return Status::AlreadyExists("a dataset ", base::QuoteForMessage(name),
                                 " is being uploaded");
  }
  ARROW_RETURN_NOT_OK(CheckFree(name, path, replace));
  ARROW_ASSIGN_OR_RAISE(const auto schema, reader.GetSchema());
  ARROW_ASSIGN_OR_RAISE(auto writer,
                        data::FileWriter::Create(path, data::Format::kFeather, schema,
                                                 {.compression = compression_}));
  ARROW_RETURN_NOT_OK(CopyAll(call, reader, *writer));
  ARROW_RETURN_NOT_OK(writer->Finish());
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<const data::Dataset> dataset,
                        data::OpenDataset(path));
  return replace ? catalog_->Replace(name, std::move(dataset))
                 : catalog_->Add(name, std::move(dataset));
}

}  // namespace pinion::flight
