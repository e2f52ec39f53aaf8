// Pipelines of random shape whose stages fail, sleep and throw at random points. Run it
// under ThreadSanitizer; PINION_STRESS_RUNS and PINION_STRESS_SEED repeat and vary it.
#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>

#include <gtest/gtest.h>

#include "pinion/pipeline.h"

namespace pinion {
namespace {

// An item that counts those alive, to find leaked ones.
class Token {
 public:
  Token(int64_t number, std::atomic<int64_t>* alive) : number_(number), alive_(alive) {
    ++*alive_;
  }
  Token(Token&& other) noexcept
      : number_(other.number_), alive_(std::exchange(other.alive_, nullptr)) {}
  Token& operator=(Token&&) = delete;
  ~Token() {
    if (alive_ != nullptr) --*alive_;
  }
  int64_t number() const { return number_; }

 private:
  int64_t number_;
  std::atomic<int64_t>* alive_;
};

struct Shape {
  int64_t items;
  int lanes;
  int source_workers;
  std::array<StageOptions, 3> stages;
  bool ordered;
  double trouble;  // the chance of an error for each item and stage
  bool cancel;
  bool drop;
};

int64_t Number(const char* name, int64_t otherwise) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoll(text, nullptr, 10) : otherwise;
}

class Trial {
 public:
  explicit Trial(uint64_t seed) : random_(seed), shape_(RandomShape()) {}

  void RunOnce() {
    Flow flow = *MakeJob().Start();
    if (shape_.cancel) {
      while (taken_ < shape_.items / 2 && !flow.WaitFor(std::chrono::milliseconds(0))) {
        (void)flow.Stats();
      }
      flow.Cancel();
    }
    const arrow::Status status = flow.Wait();
    const PipelineStats stats = flow.Stats();
    if (status.ok()) {
      EXPECT_EQ(static_cast<int64_t>(got_.size()), Expected());
      EXPECT_EQ(stats.stages[0].items, shape_.items);
    } else if (status.IsCancelled()) {
      EXPECT_TRUE(shape_.cancel) << status;
    } else {
      ASSERT_TRUE(flow.failure().has_value()) << status;
      EXPECT_GT(shape_.trouble, 0) << status;
      std::lock_guard lock(mutex_);
      // The error that won is one that happened there, to that batch.
      const auto& at_fault = faults_[flow.failure()->stage];
      EXPECT_TRUE(at_fault.contains(flow.failure()->batch)) << status;
    }
    CheckItems();
    for (size_t i = 1; i < stats.stages.size(); ++i) {
      const QueueStats& queue = *stats.stages[i].queue;
      EXPECT_LE(queue.high_items, queue.limits.items);
      EXPECT_LE(queue.high_bytes, queue.limits.bytes);
    }
  }

  int64_t alive() const { return alive_; }

 private:
  Shape RandomShape() {
    auto upto = [this](int64_t most) {
      return std::uniform_int_distribution<int64_t>(1, most)(random_);
    };
    Shape shape{};
    shape.items = upto(400);
    shape.lanes = static_cast<int>(upto(4));
    shape.source_workers = static_cast<int>(upto(3));
    shape.ordered = upto(2) == 1;
    for (StageOptions& stage : shape.stages) {
      stage.workers = static_cast<int>(upto(4));
      stage.queue.items = upto(10);
      stage.queue.bytes = 40 * upto(10);
      stage.ordered = shape.ordered;
    }
    shape.stages[2].workers = 1;
    shape.trouble = upto(2) == 1 ? 0 : 0.005;
    shape.cancel = upto(4) == 1;
    shape.drop = upto(3) == 1;
    return shape;
  }

  // One in three items is dropped by the first stage.
  bool Dropped(int64_t number) const { return shape_.drop && number % 3 == 0; }
  int64_t Expected() const {
    int64_t kept = 0;
    for (int64_t n = 0; n < shape_.items; ++n) kept += Dropped(n) ? 0 : 1;
    return kept;
  }

  // Sleeps, yields, fails or throws, by chance.
  arrow::Status Trouble(const std::string& stage, int64_t batch) {
    thread_local std::mt19937_64 random(std::random_device{}());
    const double dice = std::uniform_real_distribution<>(0, 1)(random);
    if (dice < shape_.trouble) {
      {
        std::lock_guard lock(mutex_);
        faults_[stage].insert(batch);
      }
      if (dice < shape_.trouble / 2) throw std::runtime_error("thrown");
      return arrow::Status::Invalid("failed");
    }
    if (dice > 0.98) std::this_thread::sleep_for(std::chrono::microseconds(200));
    if (dice > 0.9) std::this_thread::yield();
    return arrow::Status::OK();
  }

  Job MakeJob() {
    Source<Token> source;
    source.lanes = shape_.lanes;
    source.open = [this](int lane, const StageContext&) {
      const int64_t from = shape_.items * lane / shape_.lanes;
      const int64_t to = shape_.items * (lane + 1) / shape_.lanes;
      return arrow::Result<Source<Token>::Generator>(
          [this, next = from,
           to](const StageContext&) mutable -> arrow::Result<std::optional<Token>> {
            if (next == to) return std::nullopt;
            return Token(next++, &alive_);
          });
    };
    auto first = [this](
                     Token token,
                     const StageContext& context) -> arrow::Result<std::optional<Token>> {
      ++taken_;
      ARROW_RETURN_NOT_OK(Trouble("first", context.batch));
      if (Dropped(token.number())) return std::nullopt;
      return token;
    };
    auto second = [this](Token token,
                         const StageContext& context) -> arrow::Result<Token> {
      ARROW_RETURN_NOT_OK(Trouble("second", context.batch));
      return token;
    };
    auto sink = [this](const Token& token, const StageContext& context) {
      got_.push_back(token.number());
      return Trouble("sink", context.batch);
    };
    return From("source", source,
                {.workers = shape_.source_workers, .ordered = shape_.ordered})
        .Then("first", first, shape_.stages[0])
        .Then("second", second, shape_.stages[1])
        .To("sink", sink, shape_.stages[2]);
  }

  // No item is doubled; in an ordered run none is missing before the last one.
  void CheckItems() {
    std::vector<int64_t> got = got_;
    if (shape_.ordered) {
      int64_t next = 0;
      for (const int64_t number : got) {
        while (Dropped(next)) ++next;
        ASSERT_EQ(number, next++);
      }
      return;
    }
    std::sort(got.begin(), got.end());
    EXPECT_EQ(std::unique(got.begin(), got.end()), got.end());
  }

  std::mt19937_64 random_;
  const Shape shape_;
  std::atomic<int64_t> alive_{0};
  std::atomic<int64_t> taken_{0};
  std::vector<int64_t> got_;
  std::mutex mutex_;
  std::map<std::string, std::set<int64_t>> faults_;
};

TEST(PipelineStressTest, RandomPipelinesLoseDoubleAndLeakNothing) {
  const int64_t runs = Number("PINION_STRESS_RUNS", 150);
  const int64_t seed = Number("PINION_STRESS_SEED", std::random_device{}());
  for (int64_t run = 0; run < runs; ++run) {
    SCOPED_TRACE("PINION_STRESS_SEED=" + std::to_string(seed + run) +
                 " PINION_STRESS_RUNS=1");
    Trial trial(static_cast<uint64_t>(seed + run));
    trial.RunOnce();
    EXPECT_EQ(trial.alive(), 0);
    if (HasFailure()) return;
  }
}

}  // namespace
}  // namespace pinion
