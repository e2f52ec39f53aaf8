#include "tests/support/table_files.h"

#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>

namespace pinion::tests {

arrow::Status WriteIpc(const std::string& path, data::Format format,
                       const std::shared_ptr<arrow::Schema>& schema,
                       const arrow::RecordBatchVector& batches,
                       const arrow::ipc::IpcWriteOptions& options) {
  ARROW_ASSIGN_OR_RAISE(auto file, arrow::io::FileOutputStream::Open(path));
  ARROW_ASSIGN_OR_RAISE(auto writer,
                        format == data::Format::kFeather
                            ? arrow::ipc::MakeFileWriter(file, schema, options)
                            : arrow::ipc::MakeStreamWriter(file, schema, options));
  for (const auto& batch : batches) {
    ARROW_RETURN_NOT_OK(writer->WriteRecordBatch(*batch));
  }
  ARROW_RETURN_NOT_OK(writer->Close());
  return file->Close();
}

arrow::Result<std::shared_ptr<arrow::Table>> DecodeMessages(data::MessageReader& reader) {
  ARROW_ASSIGN_OR_RAISE(auto stream, arrow::io::BufferOutputStream::Create());
  const auto options = arrow::ipc::IpcWriteOptions::Defaults();
  int32_t metadata_length;
  ARROW_ASSIGN_OR_RAISE(auto schema, reader.ReadSchema());
  ARROW_RETURN_NOT_OK(
      arrow::ipc::WriteIpcPayload(schema, options, stream.get(), &metadata_length));
  while (true) {
    ARROW_ASSIGN_OR_RAISE(auto payload, reader.Next());
    if (!payload) break;
    ARROW_RETURN_NOT_OK(
        arrow::ipc::WriteIpcPayload(*payload, options, stream.get(), &metadata_length));
  }
  ARROW_ASSIGN_OR_RAISE(auto bytes, stream->Finish());
  ARROW_ASSIGN_OR_RAISE(auto decoder,
                        arrow::ipc::RecordBatchStreamReader::Open(
                            std::make_shared<arrow::io::BufferReader>(std::move(bytes))));
  ARROW_ASSIGN_OR_RAISE(auto table, decoder->ToTable());
  ARROW_RETURN_NOT_OK(table->ValidateFull());
  return table;
}

arrow::Result<std::shared_ptr<arrow::Table>> ReadTable(const data::Dataset& dataset,
                                                       const data::ReadOptions& options) {
  ARROW_ASSIGN_OR_RAISE(auto reader, dataset.OpenReader(options));
  ARROW_ASSIGN_OR_RAISE(auto table, reader->ToTable());
  ARROW_RETURN_NOT_OK(table->ValidateFull());
  return table;
}

arrow::Result<std::shared_ptr<arrow::Table>> ReadMessages(
    const data::Dataset& dataset, const data::ReadOptions& options) {
  ARROW_ASSIGN_OR_RAISE(auto reader, dataset.OpenMessages(options, {}));
  if (reader == nullptr) return arrow::Status::Invalid("no messages");
  return DecodeMessages(*reader);
}

}  // namespace pinion::tests
