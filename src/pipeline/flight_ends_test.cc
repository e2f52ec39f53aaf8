// Flight sources and sinks against a Flight server in this process.
#include <filesystem>
#include <thread>

#include <arrow/array/array_dict.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/flight/types.h>
#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/testing/gtest_util.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pinion/pipeline.h"
#include "pipeline/flight_connection.h"
#include "pipeline/test_flight_server.h"

namespace pinion {
namespace {

using internal::TestFlightServer;
using ::testing::HasSubstr;
using Batches = TestFlightServer::Batches;

Batch IntBatch(int64_t first, int64_t rows) {
  arrow::Int64Builder builder;
  for (int64_t i = 0; i < rows; ++i) ARROW_EXPECT_OK(builder.Append(first + i));
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("n", arrow::int64())}),
                                  rows, {builder.Finish().ValueOrDie()});
}

// Parts of batches of so many rows, which count on from 0.
std::vector<Batches> Parts(int parts, int batches, int64_t rows = 10) {
  std::vector<Batches> made(static_cast<size_t>(parts));
  int64_t next = 0;
  for (Batches& part : made) {
    for (int i = 0; i < batches; ++i, next += rows) part.push_back(IntBatch(next, rows));
  }
  return made;
}

// So many that a stream of several batches is decoded ahead.
constexpr int64_t kManyRows = 40'000;

std::shared_ptr<arrow::Table> Whole(const std::vector<Batches>& parts) {
  Batches all;
  for (const Batches& part : parts) all.insert(all.end(), part.begin(), part.end());
  return arrow::Table::FromRecordBatches(all).ValueOrDie();
}

// Runs the source into a table.
arrow::Result<std::shared_ptr<arrow::Table>> Fetch(arrow::Result<Source<Batch>> source,
                                                   const SourceOptions& options = {
                                                       .workers = 4}) {
  ARROW_RETURN_NOT_OK(source.status());
  Batches batches;
  ARROW_RETURN_NOT_OK(
      From("fetch", *std::move(source), options)
          .To("collect", [&](Batch batch) { batches.push_back(std::move(batch)); })
          .Run()
          .status());
  return arrow::Table::FromRecordBatches(batches);
}

TEST(FlightSourceTest, ReadsOneStream) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(1, 20)));
  ASSERT_OK_AND_ASSIGN(auto source, FlightSource(server->uri(), "table"));
  EXPECT_EQ(source.lanes, 1);
  EXPECT_EQ(source.total_rows, 200);
  EXPECT_TRUE(source.schema->Equals(*IntBatch(0, 0)->schema()));
  ASSERT_OK_AND_ASSIGN(auto table, Fetch(source));
  EXPECT_TRUE(table->Equals(*Whole(Parts(1, 20))));
}

TEST(FlightSourceTest, ReadsSeveralEndpointsInOrder) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(7, 20)));
  ASSERT_OK_AND_ASSIGN(auto table, Fetch(FlightSource(server->uri(), "table")));
  EXPECT_TRUE(table->Equals(*Whole(Parts(7, 20))));
  EXPECT_EQ(server->streams_opened, 7);

  ASSERT_OK_AND_ASSIGN(auto unordered, Fetch(FlightSource(server->uri(), "table"),
                                             {.workers = 3, .ordered = false}));
  EXPECT_EQ(unordered->num_rows(), 1400);
}

TEST(FlightSourceTest, TakesTheSchemaFromTheStreamIfThePlanHasNone) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(2, 2)));
  server->without_schema = true;
  ASSERT_OK_AND_ASSIGN(auto source, FlightSource(server->uri(), "table"));
  EXPECT_EQ(source.schema, nullptr);
  ASSERT_OK_AND_ASSIGN(auto table, Fetch(source));
  EXPECT_TRUE(table->Equals(*Whole(Parts(2, 2))));
}

TEST(FlightSourceTest, AnUnknownDatasetAndAnAbsentServerAreErrors) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(1, 1)));
  EXPECT_THAT(FlightSource(server->uri(), "tabel").status().message(),
              HasSubstr("unknown dataset"));
  const std::string uri = server->uri();
  server.reset();
  EXPECT_TRUE(internal::IsConnectionLoss(FlightSource(uri, "table").status()));
  EXPECT_FALSE(FlightSource("carrier pigeon", "table").ok());
}

TEST(FlightSourceTest, GoesOnAfterTheLastWholeBatch) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(2, 20)));
  server->break_after = 7;
  server->streams_to_break = 3;
  std::atomic<int> retries{0};
  FlightOptions options{.retries = 3, .retry_delay = std::chrono::milliseconds(1)};
  options.on_retry = [&](const arrow::Status& broken, int64_t) {
    EXPECT_THAT(broken.message(), HasSubstr("the server died"));
    ++retries;
  };
  ASSERT_OK_AND_ASSIGN(auto table, Fetch(FlightSource(server->uri(), "table", options)));
  EXPECT_TRUE(table->Equals(*Whole(Parts(2, 20))));
  EXPECT_EQ(retries, 3);
}

TEST(FlightSourceTest, ReadsLongStreamsWithAnyNumberOfDecoders) {
  const auto parts = Parts(2, 30, kManyRows);
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(parts));
  for (const bool compress : {false, true}) {
    server->compress = compress;
    for (const int decoders : {-1, 0, 1, 5}) {
      SCOPED_TRACE(decoders);
      ASSERT_OK_AND_ASSIGN(auto table, Fetch(FlightSource(server->uri(), "table",
                                                          {.decoders = decoders})));
      EXPECT_TRUE(table->Equals(*Whole(parts)));
    }
  }
}

TEST(FlightSourceTest, AsksForCompression) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(1, 2, 10)));
  for (const char* compression : {"", "none", "zstd"}) {
    ASSERT_OK(Fetch(FlightSource(server->uri(), "table", {.compression = compression})));
    EXPECT_EQ(server->asked_compression(), compression);
  }
}

TEST(FlightSourceTest, ALongStreamGoesOnAfterTheLastWholeBatch) {
  const auto parts = Parts(1, 30, kManyRows);
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(parts));
  server->compress = true;
  server->break_after = 20;
  server->streams_to_break = 2;
  const FlightOptions options{.retries = 2, .retry_delay = std::chrono::milliseconds(1)};
  ASSERT_OK_AND_ASSIGN(auto table, Fetch(FlightSource(server->uri(), "table", options)));
  EXPECT_TRUE(table->Equals(*Whole(parts)));
}

TEST(FlightSourceTest, DictionariesApplyToTheBatchesAfterThem) {
  const auto type = arrow::dictionary(arrow::int32(), arrow::utf8());
  std::vector<Batches> parts(1);
  for (int i = 0; i < 20; ++i) {
    arrow::Int32Builder indices;
    for (int row = 0; row < kManyRows; ++row) ASSERT_OK(indices.Append(row % 2));
    arrow::StringBuilder words;
    ASSERT_OK(words.AppendValues({"a" + std::to_string(i), "b"}));
    parts[0].push_back(arrow::RecordBatch::Make(
        arrow::schema({arrow::field("word", type)}), kManyRows,
        {arrow::DictionaryArray::FromArrays(type, *indices.Finish(), *words.Finish())
             .ValueOrDie()}));
  }
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(parts));
  ASSERT_OK_AND_ASSIGN(auto table,
                       Fetch(FlightSource(server->uri(), "table", {.decoders = 3})));
  EXPECT_TRUE(table->Equals(*Whole(parts)));
}

TEST(FlightSourceTest, ALongStreamCanBeCancelled) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(1, 200, kManyRows)));
  ASSERT_OK_AND_ASSIGN(auto source, FlightSource(server->uri(), "table"));
  std::atomic<int> taken{0};
  ASSERT_OK_AND_ASSIGN(Flow flow, From("fetch", source)
                                      .To("sink",
                                          [&](const Batch&, const StageContext& context) {
                                            if (++taken < 5) return;
                                            while (!context.stop.stop_requested()) {
                                              std::this_thread::yield();
                                            }
                                          })
                                      .Start());
  while (taken < 5) std::this_thread::yield();
  flow.Cancel();
  EXPECT_TRUE(flow.Wait().IsCancelled());
}

TEST(FlightSourceTest, WithoutRetriesALostServerIsAnError) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(1, 20)));
  server->break_after = 7;
  server->streams_to_break = 100;
  auto once = Fetch(FlightSource(server->uri(), "table"));
  EXPECT_THAT(once.status().message(), HasSubstr("stage 'fetch', batch 7: "));
  EXPECT_THAT(once.status().message(), HasSubstr("the server died"));
  EXPECT_EQ(server->streams_opened, 1);

  const FlightOptions twice{.retries = 2, .retry_delay = std::chrono::milliseconds(1)};
  EXPECT_THAT(Fetch(FlightSource(server->uri(), "table", twice)).status().message(),
              HasSubstr("(after 2 retries)"));
  EXPECT_EQ(server->streams_opened, 4);

  const auto query = arrow::flight::FlightDescriptor::Command("SELECT 1");
  EXPECT_THAT(Fetch(FlightSource(server->uri(), query, twice)).status().message(),
              HasSubstr("the stream of a query cannot be resumed"));
}

TEST(FlightSourceTest, ADatasetThatChangedIsNotGoneOnWith) {
  const FlightOptions options{.retries = 1, .retry_delay = std::chrono::milliseconds(1)};
  auto retry_with = [&](std::vector<Batches> other) {
    auto server = TestFlightServer::Start(Parts(1, 20)).ValueOrDie();
    server->break_after = 7;
    server->streams_to_break = 1;
    server->ReplaceAfterBreak(std::move(other));
    return Fetch(FlightSource(server->uri(), "table", options)).status().message();
  };
  EXPECT_THAT(retry_with(Parts(1, 21)), HasSubstr("another number of rows"));
  EXPECT_THAT(retry_with(Parts(2, 10)), HasSubstr("another number of endpoints"));
  auto shuffled = Parts(1, 20);
  std::swap(shuffled[0][6], shuffled[0][9]);
  EXPECT_THAT(retry_with(shuffled), HasSubstr("other values"));
  auto uneven = Parts(1, 20);
  uneven[0][2] = IntBatch(0, 9);
  uneven[0][3] = IntBatch(0, 11);
  EXPECT_THAT(retry_with(uneven), HasSubstr("other batches"));
}

// The server never answers: only a cancelled call ends it, and the server's destructor.
TEST(FlightSourceTest, EveryWaitForTheServerCanBeCancelled) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(2, 5)));
  auto cancel_when_waiting = [&](int waiting, auto&& cancel) {
    while (server->waiting < waiting) std::this_thread::yield();
    cancel();
  };
  server->hang_in_planning = true;
  std::stop_source stop;
  std::jthread canceller([&] { cancel_when_waiting(1, [&] { stop.request_stop(); }); });
  EXPECT_TRUE(FlightSource(server->uri(),
                           arrow::flight::FlightDescriptor::Path({"table"}), {},
                           stop.get_token())
                  .status()
                  .IsCancelled());
  canceller.join();
  server->hang_in_planning = false;

  for (std::atomic<bool>* hang :
       {&server->hang_before_schema, &server->hang_after_first}) {
    *hang = true;
    while (server->waiting > 0) std::this_thread::yield();
    ASSERT_OK_AND_ASSIGN(auto source, FlightSource(server->uri(), "table"));
    ASSERT_OK_AND_ASSIGN(
        Flow flow,
        From("fetch", source, {.workers = 2}).To("sink", [](const Batch&) {}).Start());
    cancel_when_waiting(2, [&] { flow.Cancel(); });
    EXPECT_TRUE(flow.Wait().IsCancelled());
    *hang = false;
  }
}

TEST(FlightSourceTest, ARateLimitSlowsTheFetchDown) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(2, 5)));
  const auto before = std::chrono::steady_clock::now();
  ASSERT_OK(Fetch(FlightSource(server->uri(), "table", {.rate_limit = 16'000})));
  // 800 bytes
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::milliseconds(50));
}

TEST(FlightSinkTest, UploadsWhatTheSourceGives) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(2, 50)));
  ASSERT_OK_AND_ASSIGN(auto source, FlightSource(server->uri(), "table"));
  ASSERT_OK_AND_ASSIGN(auto sink, FlightSink(server->uri(), "copy", nullptr));
  ASSERT_OK(From("fetch", source).To("put", std::move(sink)).Run());
  ASSERT_NE(server->uploaded(), nullptr);
  EXPECT_TRUE(server->uploaded()->Equals(*Whole(Parts(2, 50))));
  EXPECT_EQ(server->uploaded_name(), "copy");
}

TEST(FlightSinkTest, UploadsAnEmptyTable) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(1, 1)));
  auto nothing = [] { return std::optional<Batch>(); };
  ASSERT_OK_AND_ASSIGN(auto sink,
                       FlightSink(server->uri(), "none", IntBatch(0, 0)->schema()));
  ASSERT_OK(From("nothing", nothing).To("put", std::move(sink)).Run());
  ASSERT_NE(server->uploaded(), nullptr);
  EXPECT_EQ(server->uploaded()->num_rows(), 0);

  ASSERT_OK_AND_ASSIGN(auto unknown, FlightSink(server->uri(), "none", nullptr));
  EXPECT_THAT(
      From("nothing", nothing).To("put", std::move(unknown)).Run().status().message(),
      HasSubstr("no batch came, and no schema"));
}

TEST(FlightSinkTest, ARunThatFailsCancelsItsUpload) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(1, 1)));
  auto source = [&, n = 0]() mutable -> arrow::Result<std::optional<Batch>> {
    if (n == 20) {
      while (server->uploads_begun == 0) std::this_thread::yield();
      return arrow::Status::IOError("gone");
    }
    return IntBatch(10 * n++, 10);
  };
  ASSERT_OK_AND_ASSIGN(auto sink, FlightSink(server->uri(), "half", nullptr));
  EXPECT_THAT(From("fetch", source).To("put", std::move(sink)).Run().status().message(),
              HasSubstr("batch 20: gone"));
  while (server->uploads_cancelled == 0) std::this_thread::yield();
  EXPECT_EQ(server->uploaded(), nullptr);
}

TEST(FlightSinkTest, TheServersRefusalIsTheError) {
  ASSERT_OK_AND_ASSIGN(auto server, TestFlightServer::Start(Parts(1, 1)));
  server->refuse_upload_after = 3;
  auto endless = [] { return std::optional<Batch>(IntBatch(0, 10)); };
  ASSERT_OK_AND_ASSIGN(auto sink, FlightSink(server->uri(), "x", nullptr));
  const auto status = From("endless", endless).To("put", std::move(sink)).Run().status();
  EXPECT_THAT(status.message(), HasSubstr("the disk of the server is full"));
  EXPECT_THAT(status.message(), HasSubstr("stage 'put'"));
}

class FileSinkTest : public ::testing::Test {
 protected:
  FileSinkTest()
      : folder_(std::filesystem::path(::testing::TempDir()) /
                ("pinion-file-sink-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
  }
  ~FileSinkTest() override { std::filesystem::remove_all(folder_); }

  size_t FilesLeft() const {
    return static_cast<size_t>(
        std::distance(std::filesystem::directory_iterator(folder_), {}));
  }

  const std::filesystem::path folder_;
};

TEST_F(FileSinkTest, WritesAFileWhenAllWentWell) {
  const std::string path = folder_ / "out.feather";
  ASSERT_OK_AND_ASSIGN(auto sink, FileSink(path, IntBatch(0, 0)->schema()));
  auto source = [n = 0]() mutable -> std::optional<Batch> {
    if (n == 20) return std::nullopt;
    return IntBatch(10 * n++, 10);
  };
  ASSERT_OK(From("fetch", source).To("write", std::move(sink)).Run());
  EXPECT_EQ(FilesLeft(), 1);
  ASSERT_OK_AND_ASSIGN(auto file, arrow::io::ReadableFile::Open(path));
  ASSERT_OK_AND_ASSIGN(auto reader, arrow::ipc::RecordBatchFileReader::Open(file));
  ASSERT_OK_AND_ASSIGN(auto table, reader->ToTable());
  EXPECT_TRUE(table->Equals(*Whole({{IntBatch(0, 200)}})));
}

TEST_F(FileSinkTest, LeavesNothingWhenSomethingFailed) {
  ASSERT_OK_AND_ASSIGN(auto sink, FileSink(folder_ / "out.csv", nullptr));
  auto source = [n = 0]() mutable -> arrow::Result<std::optional<Batch>> {
    if (n == 20) return arrow::Status::IOError("gone");
    return IntBatch(10 * n++, 10);
  };
  EXPECT_FALSE(From("fetch", source).To("write", std::move(sink)).Run().ok());
  EXPECT_EQ(FilesLeft(), 0);
}

TEST_F(FileSinkTest, RefusesAnUnknownEnding) {
  EXPECT_TRUE(FileSink(folder_ / "out.docx", nullptr).status().IsInvalid());
}

}  // namespace
}  // namespace pinion
