#include "pipeline/flight_lane.h"

#include <utility>

#include "pipeline/interruptible.h"

namespace pinion::internal {

namespace flight = arrow::flight;

namespace {

constexpr char kReuseConnection[] = "arrow-flight-reuse-connection";

arrow::Status DatasetChanged(const char* what) {
  return arrow::Status::Invalid(
      "cannot go on: the dataset changed while the connection was lost (", what, ")");
}

}  // namespace

arrow::Result<flight::FlightInfo> AskForPlan(const flight::Location& location,
                                             const FlightOptions& options,
                                             const flight::FlightDescriptor& descriptor,
                                             const std::stop_token& stop) {
  ARROW_ASSIGN_OR_RAISE(auto connection, FlightConnection::Connect(location, options));
  return connection->GetInfo(descriptor, stop);
}

arrow::Result<std::optional<Batch>> FlightLane::Next(const StageContext& context) {
  while (true) {
    auto batch = TryNext(context);
    if (!batch.ok()) {
      download_.reset();
      if (context.stop.stop_requested()) return arrow::Status::Cancelled("cancelled");
      ARROW_RETURN_NOT_OK(PrepareRetry(batch.status(), context));
      continue;
    }
    if (*batch == nullptr) return std::nullopt;
    if (plan_->options.retries > 0) {
      given_rows_.push_back((*batch)->num_rows());
      last_given_ = *batch;
    }
    if (plan_->options.rate_limit > 0 &&
        !plan_->rate_limit.Spend(ItemTraits<Batch>::Bytes(*batch), context.stop)) {
      return arrow::Status::Cancelled("cancelled");
    }
    return *std::move(batch);
  }
}

arrow::Result<Batch> FlightLane::TryNext(const StageContext& context) {
  if (download_ == nullptr) {
    if (retries_ > 0) {
      ARROW_ASSIGN_OR_RAISE(auto info, AskForPlan(plan_->location, plan_->options,
                                                  plan_->descriptor, context.stop));
      ARROW_RETURN_NOT_OK(CheckSamePlan(info));
      info_ = std::move(info);
    }
    const flight::FlightInfo& info = info_ ? *info_ : plan_->info;
    ARROW_RETURN_NOT_OK(Open(info.endpoints()[endpoint_], context));
    ARROW_RETURN_NOT_OK(SkipGiven());
  }
  return download_->Next();
}

arrow::Status FlightLane::Open(const flight::FlightEndpoint& endpoint,
                               const StageContext& context) {
  std::vector<flight::Location> locations = endpoint.locations;
  if (locations.empty()) locations.push_back(plan_->location);
  // Where streams fetched side by side keep the machine busy, each decodes its own.
  const int decoders = plan_->options.decoders >= 0 ? plan_->options.decoders
                                                    : DefaultDecoders() / context.workers;
  arrow::Status failed;
  for (const flight::Location& location : locations) {
    const bool same = location.scheme() == kReuseConnection;
    auto download = [&]() -> arrow::Result<std::unique_ptr<FlightDownload>> {
      ARROW_ASSIGN_OR_RAISE(
          auto connection,
          FlightConnection::Connect(same ? plan_->location : location, plan_->options));
      return FlightDownload::Open(std::move(connection), endpoint.ticket, decoders,
                                  context.stop);
    }();
    if (!download.ok()) {
      // Any of the locations will do; the first one's error tells most.
      if (failed.ok()) failed = download.status();
      continue;
    }
    download_ = *std::move(download);
    if (plan_->schema != nullptr && !download_->schema()->Equals(*plan_->schema, false)) {
      return arrow::Status::Invalid("the stream's schema is not the one promised: ",
                                    download_->schema()->ToString(), " instead of ",
                                    plan_->schema->ToString());
    }
    return arrow::Status::OK();
  }
  return failed;
}

arrow::Status FlightLane::PrepareRetry(const arrow::Status& broken,
                                       const StageContext& context) {
  if (!IsConnectionLoss(broken) || plan_->options.retries == 0) return broken;
  if (plan_->descriptor.type != flight::FlightDescriptor::PATH) {
    return broken.WithMessage(broken.message(),
                              " (not retried: the stream of a query cannot be resumed)");
  }
  if (retries_ == plan_->options.retries) {
    return broken.WithMessage(broken.message(), " (after ", retries_,
                              retries_ == 1 ? " retry)" : " retries)");
  }
  const auto delay = plan_->options.retry_delay * (int64_t{1} << std::min(retries_, 6));
  ++retries_;
  if (plan_->options.on_retry) {
    plan_->options.on_retry(broken, static_cast<int64_t>(given_rows_.size()));
  }
  if (!SleepUnlessStopped(context.stop, delay)) {
    return arrow::Status::Cancelled("cancelled");
  }
  return arrow::Status::OK();
}

arrow::Status FlightLane::CheckSamePlan(const flight::FlightInfo& info) const {
  const flight::FlightInfo& first = plan_->info;
  if (info.endpoints().size() != first.endpoints().size()) {
    return DatasetChanged("another number of endpoints");
  }
  if (info.total_records() != first.total_records()) {
    return DatasetChanged("another number of rows");
  }
  if (info.total_bytes() != first.total_bytes()) return DatasetChanged("another size");
  if (info.app_metadata() != first.app_metadata()) {
    return DatasetChanged("another version");
  }
  if (info.serialized_schema() != first.serialized_schema()) {
    return DatasetChanged("another schema");
  }
  return arrow::Status::OK();
}

arrow::Status FlightLane::SkipGiven() {
  for (size_t i = 0; i < given_rows_.size(); ++i) {
    ARROW_ASSIGN_OR_RAISE(Batch batch, download_->Next());
    if (batch == nullptr || batch->num_rows() != given_rows_[i]) {
      return DatasetChanged("other batches");
    }
    if (i + 1 == given_rows_.size() && !batch->Equals(*last_given_)) {
      return DatasetChanged("other values");
    }
  }
  return arrow::Status::OK();
}

}  // namespace pinion::internal
