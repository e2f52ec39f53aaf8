#include "cli/dataset_request.h"

#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include <arrow/api.h>
#include <arrow/buffer.h>
#include <arrow/flight/api.h>
#include <arrow/io/memory.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/location.h"

namespace pinion::cli {
namespace {

namespace flight = arrow::flight;
using ::testing::HasSubstr;

std::shared_ptr<arrow::Schema> Columns() {
  return arrow::schema(
      {arrow::field("id", arrow::int64()), arrow::field("name", arrow::utf8())});
}

std::shared_ptr<arrow::RecordBatch> Rows(
    const std::string& json, const std::shared_ptr<arrow::Schema>& schema = Columns()) {
  const auto rows =
      arrow::json::ArrayFromJSONString(arrow::struct_(schema->fields()), json)
          .ValueOrDie();
  return arrow::RecordBatch::FromStructArray(rows).ValueOrDie();
}

// Batches, then perhaps an error.
class Stream : public flight::FlightDataStream {
 public:
  Stream(std::vector<std::shared_ptr<arrow::RecordBatch>> batches, arrow::Status end)
      : end_(std::move(end)) {
    auto schema = batches.empty() ? Columns() : batches[0]->schema();
    inner_ = std::make_unique<flight::RecordBatchStream>(
        arrow::RecordBatchReader::Make(std::move(batches), schema).ValueOrDie());
  }

  std::shared_ptr<arrow::Schema> schema() override { return inner_->schema(); }
  arrow::Result<flight::FlightPayload> GetSchemaPayload() override {
    return inner_->GetSchemaPayload();
  }
  arrow::Result<flight::FlightPayload> Next() override {
    ARROW_ASSIGN_OR_RAISE(auto payload, inner_->Next());
    if (payload.ipc_message.metadata == nullptr && !end_.ok()) return end_;
    return payload;
  }

 private:
  std::unique_ptr<flight::RecordBatchStream> inner_;
  arrow::Status end_;
};

// A server that knows datasets, each with some endpoints, and no selections; a ticket
// names the endpoint.
class PlainServer : public flight::FlightServerBase {
 public:
  arrow::Status GetFlightInfo(const flight::ServerCallContext&,
                              const flight::FlightDescriptor& request,
                              std::unique_ptr<flight::FlightInfo>* info) override {
    if (request.type == flight::FlightDescriptor::CMD) {
      commands.push_back(request.cmd);
      if (!command_endpoints) return arrow::Status::Invalid("no such command");
      return Info(request, *command_endpoints, info);
    }
    if (request.path != std::vector<std::string>{"people"}) {
      return arrow::Status::KeyError("no such dataset");
    }
    return Info(request, endpoints, info);
  }

  arrow::Status DoGet(const flight::ServerCallContext&, const flight::Ticket& ticket,
                      std::unique_ptr<flight::FlightDataStream>* stream) override {
    const std::string& name = ticket.ticket;
    if (name == "first") *stream = Make({Rows(R"([[1, "Ann"], [2, "Bo"]])")});
    if (name == "second") *stream = Make({Rows(R"([[3, "Cy"]])")});
    if (name == "fails") {
      *stream = Make({Rows(R"([[5, "Ed"]])")}, arrow::Status::Invalid("disk on fire"));
    }
    if (name == "other") {
      const auto schema = arrow::schema({arrow::field("x", arrow::int8())});
      *stream = Make({Rows("[[1]]", schema)});
    }
    return *stream != nullptr ? arrow::Status::OK()
                              : arrow::Status::KeyError("no such ticket");
  }

  std::vector<flight::FlightEndpoint> endpoints;
  // What any command gives; unset, there are no commands.
  std::optional<std::vector<flight::FlightEndpoint>> command_endpoints;
  std::vector<std::string> commands;

 private:
  static std::unique_ptr<flight::FlightDataStream> Make(
      std::vector<std::shared_ptr<arrow::RecordBatch>> batches, arrow::Status end = {}) {
    return std::make_unique<Stream>(std::move(batches), std::move(end));
  }

  static arrow::Status Info(const flight::FlightDescriptor& descriptor,
                            const std::vector<flight::FlightEndpoint>& endpoints,
                            std::unique_ptr<flight::FlightInfo>* info) {
    ARROW_ASSIGN_OR_RAISE(
        auto made, flight::FlightInfo::Make(*Columns(), descriptor, endpoints, 3, 100));
    *info = std::make_unique<flight::FlightInfo>(std::move(made));
    return arrow::Status::OK();
  }
};

flight::FlightEndpoint Endpoint(const std::string& ticket,
                                std::vector<flight::Location> locations = {}) {
  return {{ticket}, std::move(locations), std::nullopt, ""};
}

class RowSourceTest : public ::testing::Test {
 protected:
  void SetUp() override {
    flight::FlightServerOptions options(*flight::Location::ForGrpcTcp("127.0.0.1", 0));
    ASSERT_TRUE(server_.Init(options).ok());
    server_.endpoints = {Endpoint("first"), Endpoint("second")};
    client_ = Client::Connect(server_.location(), stop_.get_token()).ValueOrDie();
  }
  void TearDown() override {
    client_.reset();
    ASSERT_TRUE(server_.Shutdown().ok());
  }

  arrow::Result<std::shared_ptr<arrow::Table>> Read(const Selection& selection) {
    Context context{.out = *err_,
                    .err = *err_,
                    .in = in_,
                    .out_terminal = {},
                    .err_terminal = {},
                    .stop = stop_.get_token()};
    ARROW_ASSIGN_OR_RAISE(source_,
                          RowSource::OpenDataset(context, *client_, "people", selection));
    arrow::RecordBatchVector batches;
    while (true) {
      ARROW_ASSIGN_OR_RAISE(auto batch, source_->Next());
      if (batch == nullptr) break;
      batches.push_back(std::move(batch));
    }
    ARROW_ASSIGN_OR_RAISE(auto table,
                          arrow::Table::FromRecordBatches(source_->schema(), batches));
    return table->CombineChunks();
  }

  void ExpectRows(const Selection& selection, const std::string& json,
                  const std::shared_ptr<arrow::Schema>& schema = Columns()) {
    const auto table = Read(selection);
    ASSERT_TRUE(table.ok()) << table.status();
    const auto expected = *arrow::Table::FromRecordBatches(schema, {Rows(json, schema)});
    EXPECT_TRUE((*table)->Equals(*expected)) << (*table)->ToString();
  }

  std::string Notes() { return (*err_->Finish())->ToString(); }

  PlainServer server_;
  std::stop_source stop_;
  std::unique_ptr<Client> client_;
  std::unique_ptr<RowSource> source_;
  std::shared_ptr<arrow::io::BufferOutputStream> err_ =
      *arrow::io::BufferOutputStream::Create();
  Input in_{-1};
};

TEST_F(RowSourceTest, ReadsAllEndpointsInOrder) {
  ExpectRows({}, R"([[1, "Ann"], [2, "Bo"], [3, "Cy"]])");
  EXPECT_EQ(source_->total_rows(), 3);
  EXPECT_EQ(source_->total_bytes(), 100);
  EXPECT_EQ(Notes(), "");
}

TEST_F(RowSourceTest, SelectsHereWhatTheServerDoesNotAndSaysSo) {
  ExpectRows({.columns = {"name"}, .limit = 2}, R"([["Ann"], ["Bo"]])",
             arrow::schema({Columns()->field(1)}));
  EXPECT_EQ(source_->total_rows(), 2);
  EXPECT_EQ(Notes(),
            "pinion: note: this server does not select columns and rows, so that is done "
            "here (no such command)\n");
  ASSERT_EQ(server_.commands.size(), 1);
  EXPECT_EQ(server_.commands[0], R"({"columns":["name"],"dataset":"people","limit":2})");
}

TEST_F(RowSourceTest, SelectsHereIfTheServerTookTheCommandForSomethingElse) {
  server_.command_endpoints = {Endpoint("other")};
  ExpectRows({.columns = {"name", "id"}, .limit = 1}, R"([["Ann", 1]])",
             arrow::schema({Columns()->field(1), Columns()->field(0)}));
  EXPECT_THAT(Notes(), HasSubstr("it sends other columns"));
}

TEST_F(RowSourceTest, TakesTheServersSelectionWithoutAWord) {
  server_.command_endpoints = {Endpoint("second")};
  ExpectRows({.columns = {"id", "name"}, .limit = 9}, R"([[3, "Cy"]])");
  EXPECT_EQ(Notes(), "");
}

TEST_F(RowSourceTest, ALimitHoldsEvenIfTheServerSendsMore) {
  server_.command_endpoints = {Endpoint("first")};
  ExpectRows({.limit = 1}, R"([[1, "Ann"]])");
}

TEST_F(RowSourceTest, AnUnknownColumnIsNotAskedFor) {
  const auto table = Read({.columns = {"nam"}});
  EXPECT_THAT(table.status().message(), HasSubstr("unknown column 'nam'"));
  EXPECT_TRUE(server_.commands.empty());
}

TEST_F(RowSourceTest, AnErrorInTheMiddleIsTheServers) {
  server_.endpoints = {Endpoint("first"), Endpoint("fails")};
  EXPECT_THAT(Read({}).status().message(), HasSubstr("disk on fire"));
}

TEST_F(RowSourceTest, AnEndpointOfOtherColumnsIsAnError) {
  server_.endpoints = {Endpoint("first"), Endpoint("other")};
  EXPECT_THAT(Read({}).status().message(), HasSubstr("part 2 of 2"));
}

TEST_F(RowSourceTest, WithoutEndpointsThereAreNoRows) {
  server_.endpoints = {};
  ExpectRows({}, "[]");
}

TEST_F(RowSourceTest, ReadsAnEndpointFromTheServerThatHasIt) {
  PlainServer other;
  flight::FlightServerOptions options(*flight::Location::ForGrpcTcp("127.0.0.1", 0));
  ASSERT_TRUE(other.Init(options).ok());
  server_.endpoints = {Endpoint("second", {other.location()}), Endpoint("first")};
  ExpectRows({}, R"([[3, "Cy"], [1, "Ann"], [2, "Bo"]])");
  source_.reset();
  ASSERT_TRUE(other.Shutdown().ok());
  EXPECT_THAT(Read({}).status().message(),
              HasSubstr("the server says that the data is elsewhere, but: cannot reach"));
}

TEST_F(RowSourceTest, TakesItsOwnConnectionIfTheServerDoesNotKnowItsAddress) {
  server_.endpoints = {Endpoint("first", {*flight::Location::Parse("grpc://0.0.0.0:1")}),
                       Endpoint("second", {flight::Location::ReuseConnection()})};
  ExpectRows({}, R"([[1, "Ann"], [2, "Bo"], [3, "Cy"]])");
}

TEST_F(RowSourceTest, AStopRequestEndsACallThatIsWaiting) {
  stop_.request_stop();
  EXPECT_TRUE(Read({}).status().IsCancelled());
}

}  // namespace
}  // namespace pinion::cli
