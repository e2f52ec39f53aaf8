#include <utility>

#include "data/file_writer.h"
#include "data/format.h"
#include "pinion/pipeline.h"

namespace pinion {

namespace {

class WriterSink : public Sink<Batch> {
 public:
  WriterSink(std::string path, data::Format format)
      : path_(std::move(path)), format_(format) {}

  arrow::Status Open(const std::shared_ptr<arrow::Schema>& schema) {
    return data::FileWriter::Create(path_, format_, schema).Value(&writer_);
  }

  arrow::Status Write(Batch batch, const StageContext&) override {
    if (writer_ == nullptr) ARROW_RETURN_NOT_OK(Open(batch->schema()));
    return writer_->Write(*batch);
  }

  arrow::Status Finish(const StageContext&) override {
    if (writer_ == nullptr) {
      return arrow::Status::Invalid("cannot write ", path_,
                                    ": no batch came, and no schema");
    }
    return writer_->Finish();
  }

 private:
  const std::string path_;
  const data::Format format_;
  std::unique_ptr<data::FileWriter> writer_;
};

}  // namespace

arrow::Result<std::unique_ptr<Sink<Batch>>> FileSink(
    const std::string& path, const std::shared_ptr<arrow::Schema>& schema) {
  ARROW_ASSIGN_OR_RAISE(const data::Format format, data::FormatOfExtension(path));
  auto sink = std::make_unique<WriterSink>(path, format);
  // At once if possible, so that a path that cannot be written is found at the start.
  if (schema != nullptr) ARROW_RETURN_NOT_OK(sink->Open(schema));
  return sink;
}

}  // namespace pinion
