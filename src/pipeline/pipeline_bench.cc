// What the pipeline itself costs, and how well its stages overlap.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <thread>

#include <benchmark/benchmark.h>

#include "pinion/pipeline.h"

namespace pinion {
namespace {

// Items that are nothing, through a source, a stage and a sink that do nothing. Wanted:
// at least 1,000,000 a second on two cores, with queues that hold no more than they may.
void BM_EmptyItems(benchmark::State& state) {
  constexpr int64_t kItems = 1'000'000;
  const StageOptions options{.queue = {.items = state.range(0)}};
  for (auto unused : state) {
    auto source = [next = int64_t{0}]() mutable -> std::optional<int64_t> {
      if (next == kItems) return std::nullopt;
      return next++;
    };
    int64_t seen = 0;
    const auto stats = From("source", source)
                           .Then(
                               "stage", [](int64_t n) { return n; }, options)
                           .To(
                               "sink", [&](int64_t) { ++seen; }, options)
                           .Run();
    if (!stats.ok() || seen != kItems) {
      state.SkipWithError("lost items");
      break;
    }
    for (size_t i = 1; i < stats->stages.size(); ++i) {
      if (stats->stages[i].queue->high_items > state.range(0)) {
        state.SkipWithError("a queue held more than its limit");
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * kItems);
}
BENCHMARK(BM_EmptyItems)
    ->Arg(64)
    ->Arg(1024)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

// 200 items whose stages take so many milliseconds each. `over_slowest` is the wall
// clock, less the first item's way through, against 200 times the slowest stage;
// wanted: 1.05.
void BM_Overlap(benchmark::State& state) {
  constexpr int64_t kItems = 200;
  const std::array<int64_t, 3> ms{state.range(0), state.range(1), state.range(2)};
  const auto work = [](int64_t milliseconds) {
    std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
  };
  double worst = 0;
  for (auto unused : state) {
    auto source = [&, next = int64_t{0}]() mutable -> std::optional<int64_t> {
      if (next == kItems) return std::nullopt;
      work(ms[0]);
      return next++;
    };
    auto job = From("a", source)
                   .Then("b", [&](int64_t n) { return work(ms[1]), n; })
                   .To("c", [&](int64_t) { work(ms[2]); });
    const auto stats = std::move(job).Run();
    if (!stats.ok()) {
      state.SkipWithError("failed");
      break;
    }
    const double wall = std::chrono::duration<double, std::milli>(stats->wall).count() -
                        static_cast<double>(ms[0] + ms[1] + ms[2]);
    const double slowest = static_cast<double>(*std::max_element(ms.begin(), ms.end()));
    worst = std::max(worst, wall / (static_cast<double>(kItems) * slowest));
  }
  state.counters["over_slowest"] = worst;
}
BENCHMARK(BM_Overlap)
    ->Args({5, 5, 5})
    ->Args({2, 10, 4})
    ->Args({10, 3, 3})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pinion
