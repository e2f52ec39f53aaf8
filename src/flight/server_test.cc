#include "pinion/server.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/flight/client.h>
#include <arrow/flight/sql/client.h>
#include <arrow/flight/types.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "data/file_writer.h"
#include "data/sample_table.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/table_files.h"
#include "tests/support/temporary_folder.h"

namespace pinion {
namespace {

using arrow::Result;
using arrow::Status;
using arrow::flight::FlightCallOptions;
using arrow::flight::FlightClient;
using arrow::flight::FlightDescriptor;
using arrow::flight::FlightInfo;
using arrow::flight::FlightStatusCode;
using arrow::flight::FlightStatusDetail;
using arrow::flight::Location;
using arrow::flight::Ticket;
using testing::HasSubstr;

constexpr int64_t kRows = 20'000;
constexpr int64_t kBatchRows = 1'000;
constexpr auto kNoPatience = std::chrono::milliseconds(0);
constexpr auto kPatience = std::chrono::minutes(5);

FlightStatusCode FlightCode(const Status& status) {
  const auto detail = FlightStatusDetail::UnwrapStatus(status);
  return detail == nullptr ? FlightStatusCode::Failed : detail->code();
}

Result<std::shared_ptr<arrow::Schema>> SchemaOf(const FlightInfo& info) {
  arrow::ipc::DictionaryMemo memo;
  return info.GetSchema(&memo);
}

// A server over the sample table in one file under two names, and a client of it.
class ServerTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto sample = data::SampleTable({.rows = kRows, .batch_rows = kBatchRows});
    ASSERT_OK_AND_ASSIGN(table_, sample->ToTable());
    ASSERT_OK_AND_ASSIGN(const auto batches, BatchesOf(*table_));
    ASSERT_OK(tests::WriteIpc(path(), data::Format::kFeather, table_->schema(), batches));
    options_.listen = {"grpc://127.0.0.1:0"};
    options_.datasets = {{"large_table", path()}, {"feather_table", path()}};
  }

  static Result<arrow::RecordBatchVector> BatchesOf(const arrow::Table& table) {
    return arrow::TableBatchReader(table).ToRecordBatches();
  }

  std::string path() const { return folder_ / "sql_data.feather"; }

  void Start() {
    ASSERT_OK_AND_ASSIGN(server_, Server::Create(options_));
    ASSERT_OK(server_->Start());
    ASSERT_OK_AND_ASSIGN(client_, Connect(server_->locations().front()));
  }

  static Result<std::unique_ptr<FlightClient>> Connect(const std::string& uri) {
    ARROW_ASSIGN_OR_RAISE(const Location location, Location::Parse(uri));
    return FlightClient::Connect(location);
  }

  Result<std::shared_ptr<arrow::Table>> Get(const std::string& ticket,
                                            const FlightCallOptions& options = {}) {
    ARROW_ASSIGN_OR_RAISE(auto reader, client_->DoGet(options, Ticket{ticket}));
    return reader->ToTable();
  }

  // The rows of all endpoints, in their order.
  Result<std::shared_ptr<arrow::Table>> Get(const FlightInfo& info) {
    std::vector<std::shared_ptr<arrow::Table>> parts;
    for (const auto& endpoint : info.endpoints()) {
      ARROW_ASSIGN_OR_RAISE(auto part, Get(endpoint.ticket.ticket));
      parts.push_back(std::move(part));
    }
    return arrow::ConcatenateTables(parts);
  }

  Result<std::unique_ptr<FlightInfo>> Info(const std::string& command) {
    return client_->GetFlightInfo(FlightDescriptor::Command(command));
  }

  tests::TemporaryFolder folder_;
  std::shared_ptr<arrow::Table> table_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<FlightClient> client_;
};

TEST_F(ServerTest, ListsEveryDatasetWithItsTotals) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto listing, client_->ListFlights());
  std::set<std::string> names;
  while (true) {
    ASSERT_OK_AND_ASSIGN(const auto info, listing->Next());
    if (info == nullptr) break;
    names.insert(info->descriptor().path.front());
    EXPECT_EQ(info->total_records(), kRows);
    EXPECT_EQ(info->total_bytes(),
              static_cast<int64_t>(std::filesystem::file_size(path())));
    ASSERT_OK_AND_ASSIGN(const auto schema, SchemaOf(*info));
    EXPECT_TRUE(schema->Equals(table_->schema(), /*check_metadata=*/true));
  }
  EXPECT_EQ(names, (std::set<std::string>{"feather_table", "large_table"}));
}

TEST_F(ServerTest, ListsDatasetsByPattern) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto listing, client_->ListFlights({}, {"large%"}));
  ASSERT_OK_AND_ASSIGN(const auto first, listing->Next());
  ASSERT_NE(first, nullptr);
  EXPECT_EQ(first->descriptor().path.front(), "large_table");
  ASSERT_OK_AND_ASSIGN(const auto second, listing->Next());
  EXPECT_EQ(second, nullptr);
}

TEST_F(ServerTest, ServesADatasetByPathNameAndTicket) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto info,
                       client_->GetFlightInfo(FlightDescriptor::Path({"large_table"})));
  ASSERT_EQ(info->endpoints().size(), 1u);
  EXPECT_TRUE(info->endpoints()[0].locations.empty());
  ASSERT_OK_AND_ASSIGN(const auto by_info, Get(*info));
  EXPECT_TRUE(by_info->Equals(*table_, /*check_metadata=*/true));
  for (const char* ticket : {"large_table", "large_table_ticket", "feather_table"}) {
    ASSERT_OK_AND_ASSIGN(const auto table, Get(ticket));
    EXPECT_TRUE(table->Equals(*table_)) << ticket;
  }
}

TEST_F(ServerTest, SendsAFeatherFileInTheBatchesThatItHas) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto reader, client_->DoGet(Ticket{"large_table"}));
  int batches = 0;
  while (true) {
    ASSERT_OK_AND_ASSIGN(const auto chunk, reader->Next());
    if (chunk.data == nullptr) break;
    EXPECT_EQ(chunk.data->num_rows(), kBatchRows);
    EXPECT_EQ(chunk.app_metadata, nullptr);
    ++batches;
  }
  EXPECT_EQ(batches, kRows / kBatchRows);
}

TEST_F(ServerTest, ServesColumnsAndRowsByCommand) {
  Start();
  ASSERT_OK_AND_ASSIGN(
      const auto info,
      Info(R"({"dataset": "large_table", "columns": ["city", "id"], "limit": 1500})"));
  EXPECT_EQ(info->total_records(), 1'500);
  ASSERT_OK_AND_ASSIGN(const auto actual, Get(*info));
  ASSERT_OK_AND_ASSIGN(const auto expected, table_->SelectColumns({2, 0}));
  EXPECT_TRUE(actual->Equals(*expected->Slice(0, 1'500)));
  ASSERT_OK_AND_ASSIGN(const auto schema, SchemaOf(*info));
  EXPECT_TRUE(schema->Equals(actual->schema(), /*check_metadata=*/true));
}

TEST_F(ServerTest, PromisesTheSchemaThatItSends) {
  Start();
  for (const char* command :
       {R"({"dataset": "large_table", "columns": ["metadata", "name"]})",
        R"({"dataset": "large_table", "columns": []})",
        R"({"dataset": "large_table", "limit": 3})"}) {
    ASSERT_OK_AND_ASSIGN(const auto info, Info(command));
    ASSERT_OK_AND_ASSIGN(const auto promised, SchemaOf(*info));
    ASSERT_OK_AND_ASSIGN(const auto table, Get(*info));
    EXPECT_TRUE(promised->Equals(table->schema(), /*check_metadata=*/true)) << command;
    ASSERT_OK_AND_ASSIGN(const auto result,
                         client_->GetSchema(FlightDescriptor::Command(command)));
    arrow::ipc::DictionaryMemo memo;
    ASSERT_OK_AND_ASSIGN(const auto alone, result->GetSchema(&memo));
    EXPECT_TRUE(alone->Equals(promised, /*check_metadata=*/true)) << command;
  }
}

TEST_F(ServerTest, SplitsADatasetIntoEndpointsWhenAsked) {
  Start();
  for (const int endpoints : {1, 3, 20, 100}) {
    ASSERT_OK_AND_ASSIGN(const auto info,
                         Info(R"({"dataset": "large_table", "endpoints": )" +
                              std::to_string(endpoints) + "}"));
    EXPECT_EQ(info->endpoints().size(),
              static_cast<size_t>(std::min<int64_t>(endpoints, kRows / kBatchRows)));
    EXPECT_EQ(info->ordered(), endpoints > 1);
    ASSERT_OK_AND_ASSIGN(const auto table, Get(*info));
    EXPECT_TRUE(table->Equals(*table_));
  }
}

TEST_F(ServerTest, SendsDecodedBatchesToAClientThatCannotDecompress) {
  Start();
  FlightCallOptions options;
  options.headers = {{"x-pinion-compression", "none"},
                     {"x-pinion-max-message-bytes", "65536"}};
  ASSERT_OK_AND_ASSIGN(const auto table, Get("large_table", options));
  EXPECT_TRUE(table->Equals(*table_));
  options.headers = {{"x-pinion-compression", "gzip"}};
  EXPECT_TRUE(Get("large_table", options).status().IsInvalid());
}

TEST_F(ServerTest, NamesWhatIsThereForWhatIsNot) {
  Start();
  const auto path = FlightDescriptor::Path({"large_tabel"});
  const Status unknown = client_->GetFlightInfo(path).status();
  EXPECT_TRUE(unknown.IsKeyError());
  EXPECT_THAT(unknown.message(), HasSubstr("did you mean 'large_table'"));
  EXPECT_THAT(Get("large_tabel_ticket").status().message(), HasSubstr("'large_table'"));
  const Status column =
      Info(R"({"dataset": "large_table", "columns": ["idd"]})").status();
  EXPECT_TRUE(column.IsKeyError());
  EXPECT_THAT(column.message(), HasSubstr("did you mean 'id'"));
  EXPECT_TRUE(client_->GetFlightInfo(FlightDescriptor::Path({})).status().IsInvalid());
}

TEST_F(ServerTest, RefusesATicketThatIsDamaged) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto info,
                       client_->GetFlightInfo(FlightDescriptor::Path({"large_table"})));
  std::string ticket = info->endpoints()[0].ticket.ticket;
  ticket.back() = static_cast<char>(ticket.back() + 1);
  EXPECT_TRUE(Get(ticket).status().IsInvalid());
}

TEST_F(ServerTest, AnswersThePollOfADatasetAtOnce) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto poll,
                       client_->PollFlightInfo(FlightDescriptor::Path({"large_table"})));
  EXPECT_FALSE(poll->descriptor.has_value());
  ASSERT_NE(poll->info, nullptr);
  ASSERT_OK_AND_ASSIGN(const auto table, Get(*poll->info));
  EXPECT_TRUE(table->Equals(*table_));
}

TEST_F(ServerTest, CancelsTheStreamOfAFlightInfoAndNoOther) {
  Start();
  const auto path = FlightDescriptor::Path({"large_table"});
  ASSERT_OK_AND_ASSIGN(const auto info, client_->GetFlightInfo(path));
  ASSERT_OK_AND_ASSIGN(const auto other, client_->GetFlightInfo(path));
  const auto cancel = [&] {
    return client_->CancelFlightInfo(
        arrow::flight::CancelFlightInfoRequest(std::make_unique<FlightInfo>(*info)));
  };
  ASSERT_OK_AND_ASSIGN(const auto idle, cancel());
  EXPECT_EQ(idle.status, arrow::flight::CancelStatus::kNotCancellable);
  EXPECT_OK(Get(*other));
}

TEST_F(ServerTest, RenewsAnEndpointThatDoesNotExpire) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto info,
                       client_->GetFlightInfo(FlightDescriptor::Path({"large_table"})));
  const auto& endpoint = info->endpoints()[0];
  ASSERT_OK_AND_ASSIGN(
      const auto renewed,
      client_->RenewFlightEndpoint(arrow::flight::RenewFlightEndpointRequest(endpoint)));
  EXPECT_TRUE(renewed.Equals(endpoint));
}

TEST_F(ServerTest, RefusesActionsThatItDoesNotList) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto results,
                       client_->DoAction({"no_such_action", nullptr}));
  const Status status = results->Next().status();
  EXPECT_TRUE(status.IsNotImplemented());
  EXPECT_THAT(status.message(), HasSubstr("no_such_action"));
}

Status Upload(FlightClient& client, const std::string& name, const arrow::Table& table,
              const FlightCallOptions& options = {}) {
  ARROW_ASSIGN_OR_RAISE(
      auto put, client.DoPut(options, FlightDescriptor::Path({name}), table.schema()));
  ARROW_RETURN_NOT_OK(put.writer->WriteTable(table));
  return put.writer->Close();
}

TEST_F(ServerTest, TakesUploadsIntoAFolder) {
  options_.upload_folder = folder_ / "uploads";
  std::filesystem::create_directory(options_.upload_folder);
  Start();
  ASSERT_OK(Upload(*client_, "new/one", *table_));
  ASSERT_OK_AND_ASSIGN(const auto table, Get("new/one"));
  EXPECT_TRUE(table->Equals(*table_));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "uploads/new%2Fone.feather"));

  const auto half = table_->Slice(0, kRows / 2);
  EXPECT_TRUE(Upload(*client_, "new/one", *half).IsAlreadyExists());
  FlightCallOptions replace;
  replace.headers = {{"x-pinion-put", "replace"}};
  ASSERT_OK(Upload(*client_, "new/one", *half, replace));
  ASSERT_OK_AND_ASSIGN(const auto replaced, Get("new/one"));
  EXPECT_TRUE(replaced->Equals(*half));
}

TEST_F(ServerTest, ServesTheUploadsOfItsPredecessor) {
  options_.upload_folder = folder_ / "uploads";
  std::filesystem::create_directory(options_.upload_folder);
  Start();
  ASSERT_OK(Upload(*client_, "new/one", *table_));
  tests::WriteFile(folder_ / "uploads/.pinion-12.tmp", "left by a crash");
  Start();
  ASSERT_OK_AND_ASSIGN(const auto table, Get("new/one"));
  EXPECT_TRUE(table->Equals(*table_));
  EXPECT_TRUE(Upload(*client_, "new/one", *table_).IsAlreadyExists());
}

TEST_F(ServerTest, ReplacesNothingButUploads) {
  options_.upload_folder = folder_ / "uploads";
  std::filesystem::create_directory(options_.upload_folder);
  Start();
  FlightCallOptions replace;
  replace.headers = {{"x-pinion-put", "replace"}};
  const Status refused = Upload(*client_, "large_table", *table_->Slice(0, 1), replace);
  EXPECT_TRUE(refused.IsAlreadyExists());
  EXPECT_THAT(refused.message(), HasSubstr("no upload"));
  EXPECT_TRUE(std::filesystem::is_empty(options_.upload_folder));
}

TEST_F(ServerTest, TakesOneUploadOfANameAtATime) {
  options_.upload_folder = folder_ / "uploads";
  std::filesystem::create_directory(options_.upload_folder);
  Start();
  ASSERT_OK_AND_ASSIGN(auto first,
                       client_->DoPut(FlightDescriptor::Path({"new"}), table_->schema()));
  ASSERT_OK(first.writer->WriteTable(*table_));
  // The first has begun when its file is there.
  while (std::filesystem::is_empty(options_.upload_folder)) std::this_thread::yield();
  EXPECT_THAT(Upload(*client_, "new", *table_).message(), HasSubstr("being uploaded"));
  EXPECT_OK(first.writer->Close());
  ASSERT_OK_AND_ASSIGN(const auto table, Get("new"));
  EXPECT_TRUE(table->Equals(*table_));
}

TEST_F(ServerTest, RefusesUploadsWithoutAFolderOrWhenReadOnly) {
  Start();
  const Status without = Upload(*client_, "new", *table_);
  EXPECT_EQ(FlightCode(without), FlightStatusCode::Unauthorized);
  EXPECT_THAT(without.message(), HasSubstr("--upload-dir"));
  options_.upload_folder = folder_.path();
  options_.read_only = true;
  Start();
  EXPECT_EQ(FlightCode(Upload(*client_, "new", *table_)), FlightStatusCode::Unauthorized);
}

TEST_F(ServerTest, ServesTheSameAtEveryListener) {
  const std::string socket = folder_ / "socket";
  options_.listen = {"grpc://127.0.0.1:0", "grpc+unix://" + socket, "grpc://127.0.0.1:0"};
  Start();
  ASSERT_EQ(server_->locations().size(), 3u);
  EXPECT_EQ(server_->locations()[1], "grpc+unix://" + socket);
  EXPECT_NE(server_->locations()[0], server_->locations()[2]);
  for (const std::string& location : server_->locations()) {
    ASSERT_OK_AND_ASSIGN(client_, Connect(location));
    ASSERT_OK_AND_ASSIGN(const auto table, Get("large_table"));
    EXPECT_TRUE(table->Equals(*table_));
  }
  ASSERT_OK(server_->Shutdown(kPatience));
  EXPECT_FALSE(std::filesystem::exists(socket));
}

TEST_F(ServerTest, DoesNotStartWhereAnotherListens) {
  Start();
  const std::string taken = server_->locations()[0];
  options_.listen = {"grpc://127.0.0.1:0", taken};
  ASSERT_OK_AND_ASSIGN(const auto second, Server::Create(options_));
  EXPECT_THAT(second->Start().message(),
              HasSubstr("cannot listen at " + taken + ": the address is in use"));
}

TEST_F(ServerTest, SaysWhatIsWrongWithItsDatasets) {
  const auto error = [&](std::vector<DatasetSource> datasets) {
    options_.datasets = std::move(datasets);
    return Server::Create(options_).status().message();
  };
  EXPECT_THAT(error({{"", folder_ / "missing.feather"}}), HasSubstr("missing.feather"));
  EXPECT_THAT(error({{"", folder_.path()}}), HasSubstr(folder_.path()));
  EXPECT_THAT(error({{"t", path()}, {"t", path()}}), HasSubstr("'t'"));
  EXPECT_THAT(error({{"a\nb", path()}}), HasSubstr("name"));
}

TEST_F(ServerTest, LetsAStreamFinishWhenItStops) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto reader, client_->DoGet(Ticket{"large_table"}));
  ASSERT_OK(reader->Next());
  std::jthread stop([&] { EXPECT_OK(server_->Shutdown(kPatience)); });
  ASSERT_OK_AND_ASSIGN(const auto rest, reader->ToTable());
  EXPECT_EQ(rest->num_rows(), kRows - kBatchRows);
}

// Larger than what the sockets between the two can hold.
class LargeServerTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    ASSERT_OK_AND_ASSIGN(const auto batches, BatchesOf(*table_));
    arrow::RecordBatchVector many;
    for (int i = 0; i < 200; ++i) many.insert(many.end(), batches.begin(), batches.end());
    ASSERT_OK(tests::WriteIpc(path(), data::Format::kFeather, table_->schema(), many));
  }
};

TEST_F(LargeServerTest, CancelsAStreamThatNobodyReads) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto reader, client_->DoGet(Ticket{"large_table"}));
  ASSERT_OK(reader->Next());
  EXPECT_OK(server_->Shutdown(kNoPatience));
  EXPECT_FALSE(reader->ToTable().ok());
}

TEST_F(LargeServerTest, TellsNewClientsThatItStopsWhileOthersGoOn) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto reader, client_->DoGet(Ticket{"large_table"}));
  ASSERT_OK(reader->Next());
  std::jthread stop([&] { EXPECT_OK(server_->Shutdown(kPatience)); });
  Status refused;
  while (refused.ok()) {
    ASSERT_OK_AND_ASSIGN(const auto other, Connect(server_->locations()[0]));
    refused = other->GetFlightInfo(FlightDescriptor::Path({"large_table"})).status();
  }
  EXPECT_EQ(FlightCode(refused), FlightStatusCode::Unavailable) << refused;
  EXPECT_THAT(refused.message(), HasSubstr("shutting down"));
  ASSERT_OK_AND_ASSIGN(const auto rest, reader->ToTable());
  EXPECT_EQ(rest->num_rows(), 200 * kRows - kBatchRows);
}

TEST_F(LargeServerTest, CancelsAStreamByItsFlightInfo) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto info,
                       client_->GetFlightInfo(FlightDescriptor::Path({"large_table"})));
  ASSERT_OK_AND_ASSIGN(const auto reader, client_->DoGet(info->endpoints()[0].ticket));
  ASSERT_OK(reader->Next());
  ASSERT_OK_AND_ASSIGN(const auto cancelled,
                       client_->CancelFlightInfo(arrow::flight::CancelFlightInfoRequest(
                           std::make_unique<FlightInfo>(*info))));
  EXPECT_EQ(cancelled.status, arrow::flight::CancelStatus::kCancelled);
  EXPECT_TRUE(reader->ToTable().status().IsCancelled());
}

TEST_F(LargeServerTest, GoesOnWhenAFileIsCutInTheMiddleOfAStream) {
  const std::string other = folder_ / "other.feather";
  std::filesystem::copy_file(path(), other);
  options_.datasets = {{"spoilt", path()}, {"other", other}};
  Start();
  ASSERT_OK_AND_ASSIGN(const auto reader, client_->DoGet(Ticket{"spoilt"}));
  ASSERT_OK(reader->Next());
  std::filesystem::resize_file(path(), std::filesystem::file_size(path()) / 10);
  EXPECT_FALSE(reader->ToTable().ok());
  ASSERT_OK_AND_ASSIGN(client_, Connect(server_->locations()[0]));
  ASSERT_OK_AND_ASSIGN(const auto table, Get("other"));
  EXPECT_EQ(table->num_rows(), 200 * kRows);
}

TEST_F(LargeServerTest, ForgetsAClientThatVanishes) {
  Start();
  {
    ASSERT_OK_AND_ASSIGN(const auto client, Connect(server_->locations()[0]));
    ASSERT_OK_AND_ASSIGN(const auto reader, client->DoGet(Ticket{"large_table"}));
    ASSERT_OK(reader->Next());
    reader->Cancel();
  }
  // With a stream left this would last until its patience ends.
  EXPECT_OK(server_->Shutdown(std::chrono::hours(1)));
}

TEST_F(ServerTest, RunsQueriesByTextJsonAndTicket) {
  Start();
  const std::string sql = "SELECT count(*) AS n FROM feather_table WHERE id > 1";
  for (const std::string& command : {sql, "{\"query\": \"" + sql + "\"}"}) {
    ASSERT_OK_AND_ASSIGN(const auto info, Info(command));
    EXPECT_EQ(info->total_records(), -1);
    EXPECT_EQ(info->total_bytes(), -1);
    ASSERT_OK_AND_ASSIGN(const auto table, Get(*info));
    ASSERT_OK_AND_ASSIGN(const auto n, table->column(0)->GetScalar(0));
    EXPECT_EQ(n->ToString(), std::to_string(kRows - 1));
  }
  ASSERT_OK_AND_ASSIGN(const auto table, Get(sql));
  EXPECT_EQ(table->num_rows(), 1);
}

TEST_F(ServerTest, StreamsAQueryOfEveryRow) {
  Start();
  ASSERT_OK_AND_ASSIGN(const auto actual, Get("SELECT * FROM large_table ORDER BY id"));
  ASSERT_OK_AND_ASSIGN(const auto expected, table_->CombineChunks());
  ASSERT_OK_AND_ASSIGN(const auto combined, actual->CombineChunks());
  EXPECT_TRUE(combined->Equals(*expected));
}

TEST_F(ServerTest, TellsClientsThatItStops) {
  Start();
  ASSERT_OK_AND_ASSIGN(
      const auto reader,
      client_->DoGet(Ticket{"SELECT a.range, b.range FROM range(10000000) a, "
                            "range(10000000) b"}));
  ASSERT_OK(reader->Next());
  std::jthread stop([&] { EXPECT_OK(server_->Shutdown(kNoPatience)); });
  Status status;
  while (status.ok()) status = reader->Next().status();
  EXPECT_EQ(FlightCode(status), FlightStatusCode::Unavailable) << status;
}

TEST_F(ServerTest, ListsAndServesTheTablesOfItsDatabase) {
  options_.datasets = {{"dataset", path()}};
  Start();
  ASSERT_OK_AND_ASSIGN(std::shared_ptr<FlightClient> client,
                       Connect(server_->locations()[0]));
  arrow::flight::sql::FlightSqlClient sql(std::move(client));
  ASSERT_OK(sql.ExecuteUpdate({}, "CREATE TABLE \"my \"\"table\" AS SELECT 1 AS one"));
  ASSERT_OK_AND_ASSIGN(const auto listing, client_->ListFlights());
  ASSERT_OK_AND_ASSIGN(const auto dataset, listing->Next());
  EXPECT_THAT(dataset->descriptor().path, testing::ElementsAre("dataset"));
  ASSERT_OK_AND_ASSIGN(const auto table, listing->Next());
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(table->descriptor().path.back(), "my \"table");
  EXPECT_EQ(table->total_records(), -1);
  ASSERT_OK_AND_ASSIGN(const auto end, listing->Next());
  EXPECT_EQ(end, nullptr);
  for (const auto& path : {table->descriptor(), FlightDescriptor::Path({"my \"table"})}) {
    ASSERT_OK_AND_ASSIGN(const auto info, client_->GetFlightInfo(path));
    ASSERT_OK_AND_ASSIGN(const auto rows, Get(*info));
    EXPECT_EQ(rows->num_rows(), 1);
  }
}

TEST_F(ServerTest, SaysWhereSqlIsWrong) {
  Start();
  const Status status = Info("SELECT 1\nFORM t x y").status();
  EXPECT_TRUE(status.IsInvalid());
  EXPECT_THAT(status.message(), HasSubstr("line 2"));
  EXPECT_TRUE(Get("SELECT * FROM no_such_table").status().IsKeyError());
}

TEST_F(ServerTest, RunsNothingButSingleQueriesForPlainFlight) {
  Start();
  EXPECT_EQ(FlightCode(Info("CREATE TABLE t (a INTEGER)").status()),
            FlightStatusCode::Unauthorized);
  EXPECT_THAT(Get("SELECT 1; SELECT 2").status().message(), HasSubstr("one statement"));
  EXPECT_THAT(Get("SELECT ?").status().message(), HasSubstr("parameters"));
}

}  // namespace
}  // namespace pinion
