// What the threads of a run do.
#include <algorithm>
#include <exception>
#include <utility>

#include "pipeline/byte_text.h"
#include "pipeline/run.h"

namespace pinion::internal {

namespace {

// A stage's only worker takes at most as many items at once as this, and only while they
// are quicker than that: one lock for many small items, but a slow item lets the queue
// fill up. With several workers each takes one, so that none waits behind another.
constexpr int64_t kMostAtOnce = 64;
constexpr int64_t kQuickNanoseconds = 5000;

// Runs what belongs to the user, whose exceptions become errors.
template <typename F>
auto Guarded(F&& call) -> decltype(call()) {
  try {
    return call();
  } catch (const std::exception& error) {
    return arrow::Status::UnknownError("threw an exception: ", error.what());
  } catch (...) {
    return arrow::Status::UnknownError("threw something that is no std::exception");
  }
}

}  // namespace

void Run::RunSource(Stage& stage, int worker) {
  Meter& meter = stage.meters[static_cast<size_t>(worker)];
  meter.Enter(Phase::kBusy);
  StageContext context{stop_.get_token(), worker, stage.workers};
  for (int lane = next_lane_++; lane < plan_.source.lanes; lane = next_lane_++) {
    if (!RunLane(stage, lane, context, meter)) break;
  }
  EndWorker(stage, context);
  meter.Enter(Phase::kEnded);
}

bool Run::RunLane(Stage& stage, int lane, StageContext& context, Meter& meter) {
  auto given = [&stage] {
    int64_t items = 0;
    for (const Meter& each : stage.meters) items += each.items();
    return items;
  };
  auto opened = Guarded([&] { return plan_.source.open(lane, context); });
  if (!opened.ok()) {
    Fail(stage.name, given(), opened.status());
    return false;
  }
  while (!stopped()) {
    context.batch = meter.items();
    MaybeCargo next = Guarded([&] { return (*opened)(context); });
    if (!next.ok()) {
      Fail(stage.name, given(), next.status());
      return false;
    }
    if (!next->has_value()) {
      if (stage.out != nullptr) stage.out->EndTurn(lane);
      return true;
    }
    meter.Count((*next)->rows, (*next)->bytes);
    if (stage.out == nullptr) continue;
    (*next)->number = given() - 1;
    if (!Deliver(stage, lane, **std::move(next), false, meter)) return false;
  }
  return false;
}

void Run::RunStage(size_t index, int worker) {
  Stage& stage = *stages_[index];
  Meter& meter = stage.meters[static_cast<size_t>(worker)];
  meter.Enter(Phase::kBusy);
  StageContext context{stop_.get_token(), worker, stage.workers};
  auto process = Guarded([&] { return stage.plan->make(worker); });
  if (!process.ok()) {
    Fail(stage.name, 0, process.status());
  } else {
    const int64_t half = stage.workers == 1 ? stage.in->limits().items / 2 : 1;
    const int64_t cap = std::clamp<int64_t>(half, 1, kMostAtOnce);
    int64_t most = 1;
    TurnQueue::Taken taken;
    int64_t busy = meter.busy_nanoseconds();
    while (stage.in->Pop(most, &taken, meter)) {
      const auto count = static_cast<int64_t>(taken.cargo.size());
      for (int64_t i = 0; i < count && !stopped(); ++i) {
        Cargo cargo = std::move(taken.cargo[static_cast<size_t>(i)]);
        // The first queue knows the order of the source's items.
        if (index == 1) cargo.number = taken.first_turn + i;
        if (!Handle(stage, *process, std::move(cargo), taken.first_turn + i, context,
                    meter)) {
          break;
        }
      }
      meter.Enter(Phase::kBusy);  // brings the time up to date
      const int64_t before = std::exchange(busy, meter.busy_nanoseconds());
      const int64_t spent = busy - before;
      most = spent < kQuickNanoseconds * count ? std::min(2 * most, cap) : 1;
    }
  }
  EndWorker(stage, context);
  meter.Enter(Phase::kEnded);
}

bool Run::Handle(Stage& stage, const Process& process, Cargo cargo, int64_t turn,
                 StageContext& context, Meter& meter) {
  const int64_t number = cargo.number;
  context.batch = number;
  meter.Count(cargo.rows, cargo.bytes);
  MaybeCargo result = Guarded([&] { return process(std::move(cargo), context); });
  if (!result.ok()) {
    Fail(stage.name, number, result.status());
    return false;
  }
  if (stage.out == nullptr) return true;
  if (!result->has_value()) {
    stage.out->EndTurn(turn);
    return true;
  }
  (*result)->number = number;
  return Deliver(stage, turn, **std::move(result), true, meter);
}

bool Run::Deliver(Stage& stage, int64_t turn, Cargo cargo, bool last, Meter& meter) {
  const int64_t limit = stage.out->limits().bytes;
  if (cargo.bytes > limit) {
    Fail(stage.name, cargo.number,
         arrow::Status::CapacityError("takes ", ByteText(cargo.bytes), ", more than the ",
                                      ByteText(limit),
                                      " that the queue after this stage may hold"));
    return false;
  }
  return stage.out->Push(turn, std::move(cargo), last, meter);
}

// The last worker of a stage finishes it and passes the end on.
void Run::EndWorker(Stage& stage, const StageContext& context) {
  if (stage.workers_left.fetch_sub(1) != 1 || stopped()) return;
  if (stage.plan != nullptr && stage.plan->finish) {
    if (!BeginFinishing()) return;
    arrow::Status finished = Guarded([&] { return stage.plan->finish(context); });
    if (!finished.ok()) {
      int64_t items = 0;
      for (const Meter& each : stage.meters) items += each.items();
      Fail(stage.name, items, finished.WithMessage("at the end: ", finished.message()));
      return;
    }
  }
  if (stage.out != nullptr) stage.out->Close();
}

void Run::RunSequentially() {
  std::vector<Process> processes;
  std::vector<StageContext> contexts(stages_.size(), {stop_.get_token(), 0, 0});
  for (size_t i = 1; i < stages_.size(); ++i) {
    auto process = Guarded([&] { return stages_[i]->plan->make(0); });
    if (!process.ok()) return Fail(stages_[i]->name, 0, process.status());
    processes.push_back(*std::move(process));
  }
  Stage& source = *stages_[0];
  Meter& meter = source.meters[0];
  for (int lane = 0; lane < plan_.source.lanes; ++lane) {
    meter.Enter(Phase::kBusy);
    auto next = Guarded([&] { return plan_.source.open(lane, contexts[0]); });
    if (!next.ok()) return Fail(source.name, meter.items(), next.status());
    while (true) {
      if (stopped()) return;
      meter.Enter(Phase::kBusy);
      contexts[0].batch = meter.items();
      MaybeCargo cargo = Guarded([&] { return (*next)(contexts[0]); });
      meter.Enter(Phase::kEnded);
      if (!cargo.ok()) return Fail(source.name, meter.items(), cargo.status());
      if (!cargo->has_value()) break;
      (*cargo)->number = meter.items();
      meter.Count((*cargo)->rows, (*cargo)->bytes);
      if (!HandleSequentially(**std::move(cargo), processes, contexts)) return;
    }
  }
  for (size_t i = 1; i < stages_.size(); ++i) {
    stages_[i]->meters[0].Enter(Phase::kBusy);
    EndWorker(*stages_[i], contexts[i]);
    stages_[i]->meters[0].Enter(Phase::kEnded);
  }
}

bool Run::HandleSequentially(Cargo cargo, std::vector<Process>& processes,
                             std::vector<StageContext>& contexts) {
  const int64_t number = cargo.number;
  for (size_t i = 1; i < stages_.size(); ++i) {
    Stage& stage = *stages_[i];
    Meter& meter = stage.meters[0];
    contexts[i].batch = number;
    meter.Count(cargo.rows, cargo.bytes);
    meter.Enter(Phase::kBusy);
    MaybeCargo result =
        Guarded([&] { return processes[i - 1](std::move(cargo), contexts[i]); });
    meter.Enter(Phase::kEnded);
    if (!result.ok()) {
      Fail(stage.name, number, result.status());
      return false;
    }
    if (!result->has_value()) return true;
    cargo = **std::move(result);
    cargo.number = number;
  }
  return true;
}

}  // namespace pinion::internal
