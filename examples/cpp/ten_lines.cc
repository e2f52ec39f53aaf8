// The smallest pipeline: ten_lines [URI [DATASET]]
#include <iostream>

#include <pinion/pipeline.h>

arrow::Status Run(const std::string& uri, const std::string& dataset) {
  ARROW_ASSIGN_OR_RAISE(auto source, pinion::FlightSource(uri, dataset));
  auto job =
      pinion::From("fetch", std::move(source))
          .Then("compute",
                [](const pinion::Batch& batch) { return batch->column(0)->null_count(); },
                {.workers = 2})
          .To("print", [](int64_t nulls) { std::cout << nulls << " nulls\n"; });
  ARROW_ASSIGN_OR_RAISE(const pinion::PipelineStats stats, std::move(job).Run());
  std::cout << stats.ToString();
  return arrow::Status::OK();
}

int main(int argc, char** argv) {
  const arrow::Status status = Run(argc > 1 ? argv[1] : "grpc://127.0.0.1:8815",
                                   argc > 2 ? argv[2] : "large_table");
  if (!status.ok()) std::cerr << "ten_lines: " << status.message() << '\n';
  return status.ok() ? 0 : 1;
}
