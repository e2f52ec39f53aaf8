// Asks four questions in SQL: sql_client [URI [TABLE]]
#include <iostream>
#include <sstream>

#include <arrow/array.h>
#include <arrow/flight/client.h>
#include <arrow/ipc/options.h>
#include <arrow/table.h>

namespace flight = arrow::flight;

arrow::Result<std::shared_ptr<arrow::Table>> Ask(flight::FlightClient& client,
                                                 const std::string& query) {
  ARROW_ASSIGN_OR_RAISE(const auto info,
                        client.GetFlightInfo(flight::FlightDescriptor::Command(query)));
  flight::FlightCallOptions options;
  // gRPC hands messages over at odd addresses.
  options.read_options.ensure_alignment =
      arrow::ipc::Alignment::kDataTypeSpecificAlignment;
  ARROW_ASSIGN_OR_RAISE(auto reader,
                        client.DoGet(options, info->endpoints().at(0).ticket));
  return reader->ToTable();
}

arrow::Status Run(const std::string& uri, const std::string& table) {
  ARROW_ASSIGN_OR_RAISE(const auto location, flight::Location::Parse(uri));
  ARROW_ASSIGN_OR_RAISE(auto client, flight::FlightClient::Connect(location));
  std::ostringstream queries;
  int64_t total = 0;
  for (const std::string& query :
       {"SELECT name, is_active FROM " + table + " WHERE id > 1",
        "SELECT * FROM " + table,
        "SELECT name, metadata FROM " + table + " WHERE is_active = true",
        "SELECT count(*) as total_count FROM " + table}) {
    ARROW_ASSIGN_OR_RAISE(const auto answer, Ask(*client, query));
    std::cerr << query << '\n' << answer->Slice(0, 3)->ToString() << '\n';
    queries << (queries.tellp() > 0 ? "," : "") << R"({"query":")" << query
            << R"(","rows":)" << answer->num_rows() << R"(,"columns":[)";
    for (int i = 0; i < answer->num_columns(); ++i) {
      queries << (i > 0 ? "," : "") << '"' << answer->field(i)->name() << '"';
    }
    queries << "]}";
    if (const auto count = answer->GetColumnByName("total_count")) {
      total = static_cast<const arrow::Int64Array&>(*count->chunk(0)).Value(0);
    }
  }
  std::cout << R"({"language":"cpp","queries":[)" << queries.str()
            << R"(],"total_count":)" << total << "}\n";
  return arrow::Status::OK();
}

int main(int argc, char** argv) {
  const arrow::Status status = Run(argc > 1 ? argv[1] : "grpc://127.0.0.1:8816",
                                   argc > 2 ? argv[2] : "feather_table");
  if (!status.ok()) std::cerr << "sql_client: " << status.message() << '\n';
  return status.ok() ? 0 : 1;
}
