#pragma once

#include <memory>
#include <optional>
#include <vector>

#include <arrow/flight/types.h>

#include "pinion/pipeline.h"
#include "pipeline/flight_download.h"
#include "pipeline/rate_limit.h"

namespace pinion::internal {

// What the streams of one Flight source share.
struct FlightPlan {
  FlightPlan(const arrow::flight::Location& location,
             const arrow::flight::FlightDescriptor& descriptor,
             const arrow::flight::FlightInfo& info, FlightOptions options)
      : location(location),
        descriptor(descriptor),
        info(info),
        options(std::move(options)),
        rate_limit(this->options.rate_limit) {}

  arrow::flight::Location location;
  arrow::flight::FlightDescriptor descriptor;
  arrow::flight::FlightInfo info;
  // Null where the server promised none.
  std::shared_ptr<arrow::Schema> schema;
  FlightOptions options;
  RateLimit rate_limit;
};

// Asks the server at plan's location.
arrow::Result<arrow::flight::FlightInfo> AskForPlan(
    const arrow::flight::Location& location, const FlightOptions& options,
    const arrow::flight::FlightDescriptor& descriptor, const std::stop_token& stop);

// One endpoint's stream, which survives the loss of its server as often as the options
// say. It then asks for the plan again, reads past the batches that it has given already,
// and checks that they are what they were. Not thread-safe.
class FlightLane {
 public:
  FlightLane(std::shared_ptr<FlightPlan> plan, size_t endpoint)
      : plan_(std::move(plan)), endpoint_(endpoint) {}

  // Nullopt at the end.
  arrow::Result<std::optional<Batch>> Next(const StageContext& context);

 private:
  arrow::Result<Batch> TryNext(const StageContext& context);
  arrow::Status Open(const arrow::flight::FlightEndpoint& endpoint,
                     const StageContext& context);
  // After a loss: decides whether to go on, waits, and asks for the plan again.
  arrow::Status PrepareRetry(const arrow::Status& broken, const StageContext& context);
  arrow::Status CheckSamePlan(const arrow::flight::FlightInfo& info) const;
  arrow::Status SkipGiven();

  const std::shared_ptr<FlightPlan> plan_;
  const size_t endpoint_;
  // The plan's, or that of the last retry.
  std::optional<arrow::flight::FlightInfo> info_;
  std::unique_ptr<FlightDownload> download_;
  int retries_ = 0;
  // Kept for retries only: the length of each batch given, and the last one.
  std::vector<int64_t> given_rows_;
  Batch last_given_;
};

}  // namespace pinion::internal
