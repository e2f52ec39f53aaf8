// Fetches, computes and prints at the same time: pipeline [URI [DATASET]]
//
// The first error ends all three stages; see pinion/pipeline.h.
#include <pinion/pipeline.h>

#include "summary.h"

arrow::Status Run(const std::string& uri, const std::string& dataset) {
  ARROW_ASSIGN_OR_RAISE(auto source, pinion::FlightSource(uri, dataset));
  Summary summary;
  auto job =
      pinion::From("fetch", std::move(source))
          .Then("compute", [](const pinion::Batch& batch) { return CountNulls(*batch); })
          .To("sink", [&](const NullCounts& nulls) {
            std::cerr << "batch " << summary.batches() << ": " << nulls.rows << " rows\n";
            summary.Add(nulls);
          });
  ARROW_ASSIGN_OR_RAISE(const pinion::PipelineStats stats, std::move(job).Run());
  std::vector<Stage> stages;
  for (const pinion::StageStats& stage : stats.stages) {
    stages.push_back({stage.name, stage.busy});
  }
  summary.Print(stats.wall, stages);
  return arrow::Status::OK();
}

int main(int argc, char** argv) {
  const arrow::Status status = Run(argc > 1 ? argv[1] : "grpc://127.0.0.1:8815",
                                   argc > 2 ? argv[2] : "large_table");
  if (!status.ok()) std::cerr << "pipeline: " << status.message() << '\n';
  return status.ok() ? 0 : 1;
}
