#include <functional>
#include <optional>
#include <utility>

#include "pinion/pipeline.h"
#include "pipeline/flight_upload.h"

namespace pinion {

namespace {

using internal::FlightConnection;
using internal::FlightUpload;
namespace flight = arrow::flight;

class UploadSink : public Sink<Batch> {
 public:
  UploadSink(const flight::Location& location, const flight::FlightDescriptor& descriptor,
             std::shared_ptr<arrow::Schema> schema, FlightOptions options)
      : location_(location),
        descriptor_(descriptor),
        schema_(std::move(schema)),
        options_(std::move(options)) {}

  arrow::Status Write(Batch batch, const StageContext& context) override {
    if (upload_ == nullptr) ARROW_RETURN_NOT_OK(Open(batch->schema(), context));
    return upload_->Write(*batch);
  }

  arrow::Status Finish(const StageContext& context) override {
    if (upload_ == nullptr) {
      if (schema_ == nullptr) {
        return arrow::Status::Invalid("nothing to upload: no batch came, and no schema");
      }
      ARROW_RETURN_NOT_OK(Open(schema_, context));
    }
    return upload_->Finish();
  }

 private:
  arrow::Status Open(const std::shared_ptr<arrow::Schema>& schema,
                     const StageContext& context) {
    ARROW_ASSIGN_OR_RAISE(auto connection,
                          FlightConnection::Connect(location_, options_));
    ARROW_ASSIGN_OR_RAISE(upload_,
                          FlightUpload::Open(std::move(connection), descriptor_, schema));
    cancel_.emplace(context.stop, [upload = upload_.get()] { upload->Cancel(); });
    return arrow::Status::OK();
  }

  const flight::Location location_;
  const flight::FlightDescriptor descriptor_;
  const std::shared_ptr<arrow::Schema> schema_;
  const FlightOptions options_;
  std::unique_ptr<FlightUpload> upload_;
  std::optional<std::stop_callback<std::function<void()>>> cancel_;
};

}  // namespace

arrow::Result<std::unique_ptr<Sink<Batch>>> FlightSink(
    const std::string& uri, const std::string& dataset,
    const std::shared_ptr<arrow::Schema>& schema, const FlightOptions& options) {
  ARROW_ASSIGN_OR_RAISE(auto location, flight::Location::Parse(uri));
  return std::make_unique<UploadSink>(location, flight::FlightDescriptor::Path({dataset}),
                                      schema, options);
}

}  // namespace pinion
