#include <memory>
#include <utility>

#include <arrow/flight/types.h>
#include <arrow/ipc/dictionary.h>

#include "pinion/pipeline.h"
#include "pipeline/flight_lane.h"

namespace pinion {

namespace flight = arrow::flight;

using internal::FlightLane;
using internal::FlightPlan;

arrow::Result<Source<Batch>> FlightSource(const std::string& uri,
                                          const std::string& dataset,
                                          const FlightOptions& options) {
  return FlightSource(uri, flight::FlightDescriptor::Path({dataset}), options);
}

arrow::Result<Source<Batch>> FlightSource(const std::string& uri,
                                          const flight::FlightDescriptor& descriptor,
                                          const FlightOptions& options,
                                          const std::stop_token& stop) {
  if (options.retries < 0) {
    return arrow::Status::Invalid("retries must not be negative, but are ",
                                  options.retries);
  }
  ARROW_ASSIGN_OR_RAISE(auto location, flight::Location::Parse(uri));
  ARROW_ASSIGN_OR_RAISE(auto info,
                        internal::AskForPlan(location, options, descriptor, stop));
  Source<Batch> source;
  source.lanes = static_cast<int>(info.endpoints().size());
  source.total_rows = info.total_records();
  source.total_bytes = info.total_bytes();
  // A server may leave the schema out: the streams have theirs.
  if (!info.serialized_schema().empty()) {
    arrow::ipc::DictionaryMemo memo;
    ARROW_ASSIGN_OR_RAISE(source.schema, info.GetSchema(&memo));
  }
  auto plan = std::make_shared<FlightPlan>(location, descriptor, info, options);
  plan->schema = source.schema;
  source.open = [plan](int lane, const StageContext&) {
    auto stream = std::make_shared<FlightLane>(plan, static_cast<size_t>(lane));
    return arrow::Result<Source<Batch>::Generator>(
        [stream](const StageContext& context) { return stream->Next(context); });
  };
  return source;
}

}  // namespace pinion
