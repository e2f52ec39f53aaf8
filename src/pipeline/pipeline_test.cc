#include "pinion/pipeline.h"

#include <atomic>
#include <latch>
#include <numeric>
#include <set>
#include <stdexcept>
#include <thread>

#include <arrow/array/builder_primitive.h>
#include <arrow/table.h>
#include <arrow/testing/gtest_util.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace pinion {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// 0, 1, …, count - 1
auto Count(int64_t count) {
  return [count, next = int64_t{0}]() mutable -> std::optional<int64_t> {
    if (next == count) return std::nullopt;
    return next++;
  };
}

std::vector<int64_t> Iota(int64_t count) {
  std::vector<int64_t> values(static_cast<size_t>(count));
  std::iota(values.begin(), values.end(), 0);
  return values;
}

// Waits until the run is told to stop.
arrow::Status WaitForStop(const StageContext& context) {
  std::atomic<bool> stopped{false};
  std::stop_callback callback(context.stop, [&] {
    stopped = true;
    stopped.notify_all();
  });
  stopped.wait(false);
  return arrow::Status::Cancelled("stopped waiting");
}

Batch IntBatch(int64_t first, int64_t rows) {
  arrow::Int64Builder builder;
  for (int64_t i = 0; i < rows; ++i) ARROW_EXPECT_OK(builder.Append(first + i));
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("n", arrow::int64())}),
                                  rows, {builder.Finish().ValueOrDie()});
}

TEST(PipelineTest, GivesEveryItemInOrder) {
  std::vector<int64_t> got;
  auto stats = From("count", Count(1000))
                   .Then("double", [](int64_t n) { return 2 * n; })
                   .To("collect", [&](int64_t n) { got.push_back(n / 2); })
                   .Run();
  ASSERT_TRUE(stats.ok()) << stats.status();
  EXPECT_EQ(got, Iota(1000));
  ASSERT_EQ(stats->stages.size(), 3);
  for (const StageStats& stage : stats->stages) EXPECT_EQ(stage.items, 1000);
  EXPECT_FALSE(stats->stages[0].queue.has_value());
  EXPECT_LE(stats->stages[1].queue->high_items, 8);
  EXPECT_EQ(stats->stages[1].queue->items, 0);
}

TEST(PipelineTest, AnEmptySourceEndsWell) {
  bool called = false;
  ASSERT_TRUE(From("count", Count(0))
                  .Then("same", [](int64_t n) { return n; }, {.workers = 3})
                  .To("sink", [&](int64_t) { called = true; })
                  .Run()
                  .ok());
  EXPECT_FALSE(called);
}

// Later items finish first: each worker waits for the one that took the next item.
TEST(PipelineTest, SeveralWorkersKeepTheOrder) {
  std::vector<int64_t> got;
  std::array<std::atomic<bool>, 100> finished{};
  auto stage = [&](int64_t n) {
    if (n % 2 == 0) {
      finished[static_cast<size_t>(n) + 1].wait(false);
    } else {
      finished[static_cast<size_t>(n)] = true;
      finished[static_cast<size_t>(n)].notify_all();
    }
    return n;
  };
  ASSERT_TRUE(From("count", Count(100))
                  .Then("later first", stage, {.workers = 2})
                  .To("collect", [&](int64_t n) { got.push_back(n); })
                  .Run()
                  .ok());
  EXPECT_EQ(got, Iota(100));
}

TEST(PipelineTest, UnorderedItemsComeAsTheyFinish) {
  std::vector<int64_t> got;
  std::atomic<bool> second_done{false};
  auto stage = [&](int64_t n) {
    if (n == 0) second_done.wait(false);
    return n;
  };
  auto sink = [&](int64_t n) {
    got.push_back(n);
    if (n == 1) {
      second_done = true;
      second_done.notify_all();
    }
  };
  ASSERT_TRUE(From("count", Count(2))
                  .Then("stage", stage, {.workers = 2, .ordered = false})
                  .To("collect", sink)
                  .Run()
                  .ok());
  EXPECT_THAT(got, ElementsAre(1, 0));
}

TEST(PipelineTest, AStageMayDropItems) {
  std::vector<int64_t> got;
  auto odd = [](int64_t n) { return n % 2 == 0 ? std::nullopt : std::optional(n); };
  ASSERT_TRUE(From("count", Count(101))
                  .Then("odd", odd, {.workers = 3})
                  .To("collect", [&](int64_t n) { got.push_back(n); })
                  .Run()
                  .ok());
  ASSERT_EQ(got.size(), 50);
  for (size_t i = 0; i < got.size(); ++i) EXPECT_EQ(got[i], 2 * int64_t(i) + 1);
}

TEST(PipelineTest, ItemsMayBeMoveOnlyLargeAndOfChangingType) {
  struct Large {
    std::array<int64_t, 16> values;
  };
  int64_t sum = 0;
  ASSERT_TRUE(From("count", Count(10))
                  .Then("box", [](int64_t n) { return std::make_unique<int64_t>(n); })
                  .Then("grow",
                        [](std::unique_ptr<int64_t> n) {
                          Large large{};
                          large.values[15] = *n;
                          return large;
                        })
                  .To("sum", [&](const Large& large) { sum += large.values[15]; })
                  .Run()
                  .ok());
  EXPECT_EQ(sum, 45);
}

TEST(PipelineTest, EachWorkerMayHaveItsOwnState) {
  std::atomic<int> made{0};
  auto make = [&](int) -> arrow::Result<std::function<int64_t(int64_t)>> {
    ++made;
    return [turn = int64_t{0}](int64_t n) mutable { return n + 0 * ++turn; };
  };
  int64_t count = 0;
  ASSERT_TRUE(From("count", Count(50))
                  .ThenPerWorker("stateful", make, {.workers = 3})
                  .To("count", [&](int64_t) { ++count; })
                  .Run()
                  .ok());
  EXPECT_EQ(made, 3);
  EXPECT_EQ(count, 50);
}

TEST(PipelineTest, TheFirstErrorNamesItsStageAndBatch) {
  auto flow = From("count", Count(1000))
                  .Then("divide",
                        [](int64_t n) -> arrow::Result<int64_t> {
                          if (n == 17) return arrow::Status::Invalid("divided by zero");
                          return n;
                        })
                  .To("sink", [](int64_t) {})
                  .Start();
  ASSERT_TRUE(flow.ok());
  const arrow::Status status = flow->Wait();
  EXPECT_TRUE(status.IsInvalid());
  EXPECT_EQ(status.message(), "stage 'divide', batch 17: divided by zero");
  ASSERT_TRUE(flow->failure().has_value());
  EXPECT_EQ(flow->failure()->stage, "divide");
  EXPECT_EQ(flow->failure()->batch, 17);
  EXPECT_EQ(flow->Stats().stages[1].items, 18);
}

TEST(PipelineTest, AnExceptionIsAnErrorOfItsStage) {
  auto source = [n = 0]() mutable -> std::optional<int> {
    if (n == 3) throw std::runtime_error("no more paper");
    return n++;
  };
  const auto stats = From("printer", source).To("sink", [](int) {}).Run();
  EXPECT_EQ(stats.status().message(),
            "stage 'printer', batch 3: threw an exception: no more paper");
}

TEST(PipelineTest, AnErrorInTheSinkStopsAnEndlessSource) {
  auto endless = [] { return std::optional(1); };
  auto sink = [n = 0](int) mutable {
    return ++n < 10 ? arrow::Status::OK() : arrow::Status::IOError("disk full");
  };
  const auto stats = From("endless", endless).To("disk", sink).Run();
  EXPECT_TRUE(stats.status().IsIOError());
  EXPECT_EQ(stats.status().message(), "stage 'disk', batch 9: disk full");
}

TEST(PipelineTest, ASlowSinkHoldsTheSourceBack) {
  std::atomic<int64_t> made{0};
  auto source = [&]() -> std::optional<int64_t> { return made++; };
  auto flow =
      From("source", source)
          .To("stuck",
              [](int64_t, const StageContext& context) { return WaitForStop(context); },
              {.queue = {.items = 3}})
          .Start();
  ASSERT_TRUE(flow.ok());
  // One in the sink's hands, three in its queue, one in the source's hands.
  while (flow->Stats().stages[1].queue->items < 3 || made < 5) std::this_thread::yield();
  EXPECT_FALSE(flow->WaitFor(std::chrono::milliseconds(20)));
  EXPECT_EQ(made, 5);
  flow->Cancel();
  EXPECT_TRUE(flow->Wait().IsCancelled());
}

TEST(PipelineTest, CancelsFromOutsideAndFromTheHandle) {
  auto start = [](const RunOptions& options) {
    return From("endless", [] { return std::optional(1); })
        .Then("stuck",
              [](int, const StageContext& context) -> arrow::Result<int> {
                return WaitForStop(context);
              })
        .To("sink", [](int) {})
        .Start(options);
  };
  std::stop_source stop;
  ASSERT_OK_AND_ASSIGN(Flow outside, start({.stop = stop.get_token()}));
  stop.request_stop();
  EXPECT_EQ(outside.Wait().ToString(), "Cancelled: cancelled");
  EXPECT_FALSE(outside.failure().has_value());

  ASSERT_OK_AND_ASSIGN(Flow handle, start({}));
  handle.Cancel();
  EXPECT_TRUE(handle.Wait().IsCancelled());

  ASSERT_OK_AND_ASSIGN(Flow late, start({.time_limit = std::chrono::milliseconds(5)}));
  EXPECT_EQ(late.Wait().ToString(), "Cancelled: stopped at the time limit of 5.00 ms");

  ASSERT_OK_AND_ASSIGN(Flow dropped, start({}));  // its destructor joins
}

TEST(PipelineTest, RefusesImpossibleOptions) {
  auto run = [](StageOptions options) {
    return From("count", Count(1))
        .Then(
            "compute", [](int64_t n) { return n; }, options)
        .To("sink", [](int64_t) {})
        .Run()
        .status()
        .message();
  };
  EXPECT_EQ(run({.workers = -2}), "stage 'compute': needs at least 1 worker, not -2");
  EXPECT_EQ(run({.queue = {.items = 0}}),
            "stage 'compute': its queue must hold at least 1 item, not 0");
  EXPECT_EQ(run({.queue = {.bytes = -1}}),
            "stage 'compute': its queue must hold at least 1 byte, not -1");
}

TEST(PipelineTest, ABatchAboveTheMemoryLimitIsAnError) {
  auto source = [n = 0]() mutable -> std::optional<Batch> {
    return IntBatch(0, n++ == 2 ? 1000 : 10);
  };
  const auto stats = From("fetch", source)
                         .To("sink", [](const Batch&) {}, {.queue = {.bytes = 4000}})
                         .Run();
  EXPECT_TRUE(stats.status().IsCapacityError());
  EXPECT_EQ(stats.status().message(),
            "stage 'fetch', batch 2: takes 8.00 KB, more than the 4.00 KB that the queue "
            "after this stage may hold");
}

TEST(PipelineTest, QueuesStayWithinTheirBytes) {
  auto source = [n = int64_t{0}]() mutable -> std::optional<Batch> {
    if (n == 200) return std::nullopt;
    ++n;
    return IntBatch(n, 1 + n % 100);
  };
  auto same = [](Batch batch) { return batch; };
  const StageOptions options{.workers = 3, .queue = {.items = 100, .bytes = 2000}};
  ASSERT_OK_AND_ASSIGN(auto stats,
                       From("fetch", source)
                           .Then("same", same, options)
                           .To("sink", [](const Batch&) {}, {.queue = {.bytes = 1500}})
                           .Run());
  EXPECT_LE(stats.stages[1].queue->high_bytes, 2000);
  EXPECT_LE(stats.stages[2].queue->high_bytes, 1500);
  EXPECT_GT(stats.stages[1].queue->high_bytes, 0);
  EXPECT_EQ(stats.stages[2].rows, stats.stages[0].rows);
}

TEST(PipelineTest, ASliceCountsItsOwnPart) {
  EXPECT_EQ(ItemTraits<Batch>::Bytes(IntBatch(0, 1000)->Slice(10, 5)), 40);
}

TEST(PipelineTest, LanesAreReadSideBySideAndGivenInOrder) {
  Source<int64_t> source;
  source.lanes = 5;
  std::atomic<int> open{0};
  std::latch both(2);
  source.open = [&](int lane, const StageContext&) {
    if (open++ < 2) both.arrive_and_wait();  // needs two lanes at the same time
    return arrow::Result<Source<int64_t>::Generator>(
        [lane,
         n = 0](const StageContext&) mutable -> arrow::Result<std::optional<int64_t>> {
          if (n == 10 * lane) return std::nullopt;
          return 100 * lane + n++;
        });
  };
  std::vector<int64_t> expected;
  for (int lane = 0; lane < 5; ++lane) {
    for (int n = 0; n < 10 * lane; ++n) expected.push_back(100 * lane + n);
  }
  std::vector<int64_t> got;
  ASSERT_TRUE(From("lanes", source, {.workers = 2})
                  .To("collect", [&](int64_t n) { got.push_back(n); })
                  .Run()
                  .ok());
  EXPECT_EQ(got, expected);
}

TEST(PipelineTest, SequentialRunsGiveTheSame) {
  std::vector<int64_t> got;
  std::vector<std::thread::id> threads;
  ASSERT_OK_AND_ASSIGN(
      auto stats, From("count", Count(100))
                      .Then("half",
                            [](int64_t n) {
                              return n % 2 == 0 ? std::optional(n / 2) : std::nullopt;
                            },
                            {.workers = 4})
                      .To("collect",
                          [&](int64_t n) {
                            got.push_back(n);
                            threads.push_back(std::this_thread::get_id());
                          })
                      .Run({.sequential = true}));
  EXPECT_EQ(got, Iota(50));
  EXPECT_EQ(std::set(threads.begin(), threads.end()).size(), 1);
  EXPECT_TRUE(stats.sequential);
  EXPECT_EQ(stats.stages[1].items, 100);
  EXPECT_EQ(stats.stages[2].items, 50);
  EXPECT_LE(stats.StageTime(), stats.wall);

  const auto failed =
      From("count", Count(9))
          .To("sink",
              [](int64_t n) {
                return n == 4 ? arrow::Status::IOError("full") : arrow::Status::OK();
              })
          .Run({.sequential = true});
  EXPECT_EQ(failed.status().message(), "stage 'sink', batch 4: full");
}

class RecordingSink : public Sink<int64_t> {
 public:
  explicit RecordingSink(std::vector<std::string>* log) : log_(log) {}
  ~RecordingSink() override { log_->push_back("destroyed"); }
  arrow::Status Write(int64_t n, const StageContext&) override {
    log_->push_back(std::to_string(n));
    return arrow::Status::OK();
  }
  arrow::Status Finish(const StageContext&) override {
    log_->push_back("finished");
    return arrow::Status::OK();
  }

 private:
  std::vector<std::string>* log_;
};

TEST(PipelineTest, ASinkIsFinishedOnlyWhenAllWentWell) {
  std::vector<std::string> log;
  ASSERT_TRUE(From("count", Count(2))
                  .To("sink", std::make_unique<RecordingSink>(&log))
                  .Run()
                  .ok());
  EXPECT_THAT(log, ElementsAre("0", "1", "finished", "destroyed"));

  log.clear();
  auto failing = [n = 0]() mutable -> arrow::Result<std::optional<int64_t>> {
    if (n == 2) return arrow::Status::IOError("gone");
    return n++;
  };
  EXPECT_FALSE(From("count", failing)
                   .To("sink", std::make_unique<RecordingSink>(&log))
                   .Run()
                   .ok());
  EXPECT_EQ(log.back(), "destroyed");
  EXPECT_EQ(std::count(log.begin(), log.end(), "finished"), 0);
}

TEST(PipelineTest, AReaderPullsTheBatches) {
  auto source = [n = int64_t{0}]() mutable -> std::optional<Batch> {
    if (n == 20) return std::nullopt;
    return IntBatch(10 * n++, 10);
  };
  auto schema = IntBatch(0, 0)->schema();
  ASSERT_OK_AND_ASSIGN(
      auto reader, From("fetch", source)
                       .Then("same", [](Batch batch) { return batch; }, {.workers = 2})
                       .ToReader(schema));
  ASSERT_OK_AND_ASSIGN(auto table, reader->ToTable());
  ASSERT_OK_AND_ASSIGN(auto expected,
                       arrow::Table::FromRecordBatches({IntBatch(0, 200)}));
  EXPECT_TRUE(table->CombineChunks().ValueOrDie()->Equals(*expected));
}

TEST(PipelineTest, AReaderReportsErrorsAndMayBeLeft) {
  auto start = [] {
    return From("fetch",
                [n = int64_t{0}]() mutable -> arrow::Result<std::optional<Batch>> {
                  if (n == 100) return arrow::Status::IOError("connection lost");
                  return IntBatch(10 * n++, 10);
                })
        .ToReader(IntBatch(0, 0)->schema());
  };
  ASSERT_OK_AND_ASSIGN(auto reader, start());
  EXPECT_EQ(reader->ToTable().status().message(),
            "stage 'fetch', batch 100: connection lost");
  ASSERT_OK_AND_ASSIGN(auto left, start());
  Batch batch;
  ASSERT_OK(left->ReadNext(&batch));
  EXPECT_EQ(batch->num_rows(), 10);
  ASSERT_OK(left->Close());
  EXPECT_TRUE(left->ReadNext(&batch).IsInvalid());
}

TEST(PipelineTest, ReadsARecordBatchReader) {
  ASSERT_OK_AND_ASSIGN(auto reader,
                       arrow::RecordBatchReader::Make({IntBatch(0, 3), IntBatch(3, 4)}));
  int64_t rows = 0;
  ASSERT_TRUE(From("read", ReaderSource(reader))
                  .To("count", [&](const Batch& batch) { rows += batch->num_rows(); })
                  .Run()
                  .ok());
  EXPECT_EQ(rows, 7);
}

TEST(PipelineStatsTest, TellsTheBottleneckAndPrintsTableAndJson) {
  using std::chrono::milliseconds;
  PipelineStats stats;
  stats.wall = milliseconds(2000);
  stats.stages = {{.name = "fetch", .items = 20, .busy = milliseconds(1000)},
                  {.name = "com\"pute",
                   .workers = 2,
                   .items = 20,
                   .busy = milliseconds(2400),
                   .queue = QueueStats{.limits = {8, 1 << 20}, .high_items = 3}},
                  {.name = "sink", .items = 20, .busy = milliseconds(600)}};
  EXPECT_EQ(stats.Bottleneck().name, "com\"pute");
  EXPECT_EQ(stats.StageTime(), milliseconds(4000));
  EXPECT_DOUBLE_EQ(stats.Speedup(), 2);
  EXPECT_THAT(stats.ToString(), HasSubstr("2.00 times as fast"));
  EXPECT_THAT(stats.ToString(), HasSubstr("3/8"));
  EXPECT_THAT(stats.ToJson(), HasSubstr(R"("name":"com\"pute","workers":2)"));
  EXPECT_THAT(stats.ToJson(), HasSubstr(R"("wall_s":2.000000,"stages_s":4.000000)"));
}

}  // namespace
}  // namespace pinion
