#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "pinion/internal/plan.h"
#include "pipeline/meter.h"
#include "pipeline/turn_queue.h"

namespace pinion::internal {

// A plan at work: its threads, the queues between them, and the first error.
//
// Each stage has its workers' threads; the last worker of a stage to end closes the queue
// after it, so the end travels from the source to the sink. Whatever ends the run early
// (an error, Cancel, the time limit) is recorded once, then all queues are aborted and
// the stages' stop token is requested, so that every thread comes to its end.
//
// Thread-safe. The destructor cancels and joins.
class Run {
 public:
  static arrow::Result<std::unique_ptr<Run>> Start(Plan plan, const RunOptions& options);
  ~Run();

  arrow::Status Wait() PINION_EXCLUDES(mutex_);
  bool WaitFor(std::chrono::milliseconds time) PINION_EXCLUDES(mutex_);
  void Cancel();
  PipelineStats Stats() const PINION_EXCLUDES(mutex_);
  std::optional<StageFailure> failure() const PINION_EXCLUDES(mutex_);

  // The next item of a pulled plan, by one thread. Nullopt at the end.
  arrow::Result<std::optional<Cargo>> Pull();

 private:
  // A stage, or the source as the first of them.
  struct Stage {
    std::string name;
    int workers = 1;
    std::unique_ptr<TurnQueue> in;  // none for the source
    TurnQueue* out = nullptr;       // none for the sink
    const StagePlan* plan = nullptr;
    std::vector<Meter> meters;
    std::atomic<int> workers_left{0};
  };

  Run(Plan plan, const RunOptions& options);

  void BuildStages();
  void StartThreads();
  void Spawn(std::function<void()> body);
  void EndThread() PINION_EXCLUDES(mutex_);

  void RunSource(Stage& stage, int worker);
  bool RunLane(Stage& stage, int lane, StageContext& context, Meter& meter);
  void RunStage(size_t index, int worker);
  bool Handle(Stage& stage, const Process& process, Cargo cargo, int64_t turn,
              StageContext& context, Meter& meter);
  bool Deliver(Stage& stage, int64_t turn, Cargo cargo, bool last, Meter& meter);
  void EndWorker(Stage& stage, const StageContext& context);
  // False when the run has failed already.
  bool BeginFinishing() PINION_EXCLUDES(mutex_);
  void RunSequentially();
  bool HandleSequentially(Cargo cargo, std::vector<Process>& processes,
                          std::vector<StageContext>& contexts);

  void Fail(const std::string& stage, int64_t batch, const arrow::Status& status);
  // Ends the run early. The first call counts.
  void StopWith(arrow::Status status, std::optional<StageFailure> failure)
      PINION_EXCLUDES(mutex_);
  bool stopped() const { return stop_.stop_requested(); }

  Plan plan_;
  const RunOptions options_;
  std::vector<std::unique_ptr<Stage>> stages_;
  std::unique_ptr<TurnQueue> pulled_;
  Meter pull_meter_;
  TurnQueue::Taken pull_taken_;
  std::atomic<int> next_lane_{0};
  std::stop_source stop_;
  const Meter::Clock::time_point started_;

  mutable base::Mutex mutex_;
  base::CondVar ended_;
  arrow::Status status_ PINION_GUARDED_BY(mutex_);
  std::optional<StageFailure> failure_ PINION_GUARDED_BY(mutex_);
  // From the moment in which the last stage finishes, when cancelling comes too late.
  bool finishing_ PINION_GUARDED_BY(mutex_) = false;
  arrow::Status late_cancel_ PINION_GUARDED_BY(mutex_);
  int threads_left_ PINION_GUARDED_BY(mutex_) = 0;
  std::optional<Meter::Clock::time_point> end_time_ PINION_GUARDED_BY(mutex_);

  base::Mutex join_mutex_;
  std::vector<std::thread> threads_ PINION_GUARDED_BY(join_mutex_);
  std::jthread time_limit_;
  std::optional<std::stop_callback<std::function<void()>>> outside_stop_;
};

}  // namespace pinion::internal
