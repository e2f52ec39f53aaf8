// Reads a dataset batch by batch, one after the other: consumer [URI [DATASET]]
#include <arrow/flight/client.h>

#include "summary.h"

namespace flight = arrow::flight;
using Clock = std::chrono::steady_clock;

arrow::Status Run(const std::string& uri, const std::string& dataset) {
  const auto started = Clock::now();
  ARROW_ASSIGN_OR_RAISE(const auto location, flight::Location::Parse(uri));
  ARROW_ASSIGN_OR_RAISE(auto client, flight::FlightClient::Connect(location));
  ARROW_ASSIGN_OR_RAISE(const auto info,
                        client->GetFlightInfo(flight::FlightDescriptor::Path({dataset})));
  Summary summary;
  std::vector<Stage> stages{{"fetch"}, {"compute"}, {"sink"}};
  for (const flight::FlightEndpoint& endpoint : info->endpoints()) {
    ARROW_ASSIGN_OR_RAISE(auto reader, client->DoGet(endpoint.ticket));
    while (true) {
      const auto began = Clock::now();
      ARROW_ASSIGN_OR_RAISE(const flight::FlightStreamChunk chunk, reader->Next());
      const auto fetched = Clock::now();
      if (chunk.data == nullptr && chunk.app_metadata == nullptr) break;
      if (chunk.data == nullptr) continue;  // metadata without a batch
      const NullCounts nulls = CountNulls(*chunk.data);
      const auto computed = Clock::now();
      std::cerr << "batch " << summary.batches() << ": " << nulls.rows << " rows\n";
      summary.Add(nulls);
      stages[0].busy += fetched - began;
      stages[1].busy += computed - fetched;
      stages[2].busy += Clock::now() - computed;
    }
  }
  summary.Print(Clock::now() - started, stages);
  return arrow::Status::OK();
}

int main(int argc, char** argv) {
  const arrow::Status status = Run(argc > 1 ? argv[1] : "grpc://127.0.0.1:8815",
                                   argc > 2 ? argv[2] : "large_table");
  if (!status.ok()) std::cerr << "consumer: " << status.message() << '\n';
  return status.ok() ? 0 : 1;
}
