#include "flight/uploads.h"

#include <array>
#include <filesystem>
#include <utility>

#include <arrow/record_batch.h>

#include "base/near_names.h"
#include "data/file_writer.h"
#include "flight/errors.h"

namespace pinion::flight {
namespace {

using arrow::Status;
using arrow::flight::FlightMessageReader;
using arrow::flight::ServerCallContext;

constexpr char kExtension[] = ".feather";
// Of a file name, on every file system there is.
constexpr size_t kMaxFileName = 255;

bool CanBeInFileName(char character, bool first) {
  const auto byte = static_cast<unsigned char>(character);
  if (character == '/' || character == '%' || byte < 0x20 || byte == 0x7f) return false;
  return !first || character != '.';
}

// Not before all of it has come, been checked and written.
Status CopyAll(const ServerCallContext& context, const Call& call,
               FlightMessageReader& reader, data::FileWriter& writer) {
  while (true) {
    ARROW_RETURN_NOT_OK(call.CheckAlive());
    ARROW_ASSIGN_OR_RAISE(const auto chunk, reader.Next());
    if (chunk.data == nullptr && chunk.app_metadata == nullptr) break;
    if (chunk.data == nullptr) continue;
    // Nobody has checked what came over the wire.
    ARROW_RETURN_NOT_OK(chunk.data->ValidateFull());
    ARROW_RETURN_NOT_OK(writer.Write(*chunk.data));
  }
  // A client that vanished looks like one that has sent all.
  if (context.is_cancelled()) return Status::Cancelled("the upload was cancelled");
  return call.CheckAlive();
}

}  // namespace

std::string FileNameOf(const std::string& dataset_name) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string file_name;
  for (const char character : dataset_name) {
    if (CanBeInFileName(character, file_name.empty())) {
      file_name.push_back(character);
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    file_name.append({'%', kDigits[byte >> 4], kDigits[byte & 0xf]});
  }
  return file_name + kExtension;
}

Status Uploads::Receive(const ServerCallContext& context, const Call& call,
                        const std::string& name, bool replace,
                        FlightMessageReader& reader) const {
  ARROW_RETURN_NOT_OK(call.Admit({.subject = Purpose::Subject::kDataset,
                                  .access = Purpose::Access::kWrite,
                                  .name = name}));
  if (folder_.empty()) {
    return PermissionDenied(
        "this server takes no uploads; it does when started with --upload-dir");
  }
  ARROW_RETURN_NOT_OK(data::CheckDatasetName(name));
  if (!replace && catalog_->FindOrNull(name) != nullptr) {
    return Status::AlreadyExists("there is a dataset ", base::QuoteForMessage(name),
                                 " already");
  }
  const std::string file_name = FileNameOf(name);
  if (file_name.size() > kMaxFileName) {
    return Status::Invalid("the name is too long for a file of its own");
  }
  const std::string path = (std::filesystem::path(folder_) / file_name).string();
  ARROW_ASSIGN_OR_RAISE(const auto schema, reader.GetSchema());
  ARROW_ASSIGN_OR_RAISE(auto writer,
                        data::FileWriter::Create(path, data::Format::kFeather, schema));
  ARROW_RETURN_NOT_OK(CopyAll(context, call, reader, *writer));
  ARROW_RETURN_NOT_OK(writer->Finish());
  ARROW_ASSIGN_OR_RAISE(std::shared_ptr<const data::Dataset> dataset,
                        data::OpenDataset(path));
  return replace ? catalog_->Replace(name, std::move(dataset))
                 : catalog_->Add(name, std::move(dataset));
}

}  // namespace pinion::flight
