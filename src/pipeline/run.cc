#include "pipeline/run.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "pipeline/byte_text.h"

namespace pinion::internal {

namespace {

arrow::Status CheckLimits(const std::string& stage, const QueueLimits& queue) {
  if (queue.items < 1) {
    return arrow::Status::Invalid(
        "stage '", stage, "': its queue must hold at least 1 item, not ", queue.items);
  }
  if (queue.bytes < 1) {
    return arrow::Status::Invalid(
        "stage '", stage, "': its queue must hold at least 1 byte, not ", queue.bytes);
  }
  return arrow::Status::OK();
}

arrow::Status CheckWorkers(const std::string& stage, int workers) {
  if (workers < 1) {
    return arrow::Status::Invalid("stage '", stage, "': needs at least 1 worker, not ",
                                  workers);
  }
  return arrow::Status::OK();
}

arrow::Status Check(const Plan& plan, const RunOptions& options) {
  ARROW_RETURN_NOT_OK(CheckWorkers(plan.source.name, plan.source.options.workers));
  for (const StagePlan& stage : plan.stages) {
    ARROW_RETURN_NOT_OK(CheckWorkers(stage.name, stage.options.workers));
    ARROW_RETURN_NOT_OK(CheckLimits(stage.name, stage.options.queue));
  }
  if (plan.pulled) {
    ARROW_RETURN_NOT_OK(CheckLimits("reader", *plan.pulled));
    if (options.sequential) {
      return arrow::Status::Invalid("a pipeline that is pulled cannot run sequentially");
    }
  }
  return arrow::Status::OK();
}

}  // namespace

arrow::Result<std::unique_ptr<Run>> Run::Start(Plan plan, const RunOptions& options) {
  ARROW_RETURN_NOT_OK(Check(plan, options));
  std::unique_ptr<Run> run(new Run(std::move(plan), options));
  run->BuildStages();
  run->StartThreads();
  return run;
}

Run::Run(Plan plan, const RunOptions& options)
    : plan_(std::move(plan)), options_(options), started_(Meter::Clock::now()) {}

Run::~Run() {
  Cancel();
  (void)Wait();
  outside_stop_.reset();
}

void Run::BuildStages() {
  auto source = std::make_unique<Stage>();
  source->name = plan_.source.name;
  source->workers = std::clamp(plan_.source.lanes, 1, plan_.source.options.workers);
  stages_.push_back(std::move(source));
  bool reorder = plan_.source.options.ordered && stages_[0]->workers > 1;
  for (const StagePlan& plan : plan_.stages) {
    auto stage = std::make_unique<Stage>();
    stage->name = plan.name;
    stage->workers = plan.options.workers;
    stage->plan = &plan;
    if (!options_.sequential) {
      stage->in = std::make_unique<TurnQueue>(plan.options.queue, reorder);
      stages_.back()->out = stage->in.get();
    }
    reorder = plan.options.ordered && plan.options.workers > 1;
    stages_.push_back(std::move(stage));
  }
  if (plan_.pulled) {
    pulled_ = std::make_unique<TurnQueue>(*plan_.pulled, reorder);
    stages_.back()->out = pulled_.get();
  }
  for (const auto& stage : stages_) {
    if (options_.sequential) stage->workers = 1;
    stage->meters = std::vector<Meter>(static_cast<size_t>(stage->workers));
    stage->workers_left = stage->workers;
  }
}

void Run::StartThreads() {
  {
    base::MutexLock lock(mutex_);
    threads_left_ = 1;  // this one, so that the run does not end while it starts
  }
  if (options_.sequential) {
    Spawn([this] { RunSequentially(); });
  } else {
    for (int worker = 0; worker < stages_[0]->workers; ++worker) {
      Spawn([this, worker] { RunSource(*stages_[0], worker); });
    }
    for (size_t index = 1; index < stages_.size(); ++index) {
      for (int worker = 0; worker < stages_[index]->workers; ++worker) {
        Spawn([this, index, worker] { RunStage(index, worker); });
      }
    }
  }
  EndThread();
  if (options_.time_limit) {
    time_limit_ = std::jthread([this](std::stop_token stop) {
      const auto deadline = started_ + *options_.time_limit;
      bool ended;
      {
        base::MutexLock lock(mutex_);
        ended = ended_.WaitUntil(
            mutex_, stop, deadline,
            [this]() PINION_REQUIRES(mutex_) { return threads_left_ == 0; });
      }
      if (ended || stop.stop_requested()) return;
      StopWith(arrow::Status::Cancelled("stopped at the time limit of ",
                                        DurationText(*options_.time_limit)),
               std::nullopt);
    });
  }
  outside_stop_.emplace(options_.stop, [this] { Cancel(); });
}

void Run::Spawn(std::function<void()> body) {
  {
    base::MutexLock lock(mutex_);
    ++threads_left_;
  }
  try {
    base::MutexLock lock(join_mutex_);
    threads_.emplace_back([this, body = std::move(body)] {
      body();
      EndThread();
    });
  } catch (const std::system_error& error) {
    StopWith(arrow::Status::IOError("cannot start a thread: ", error.what()),
             std::nullopt);
    EndThread();
  }
}

void Run::EndThread() {
  base::MutexLock lock(mutex_);
  if (--threads_left_ > 0) return;
  end_time_ = Meter::Clock::now();
  ended_.NotifyAll();
}

arrow::Status Run::Wait() {
  {
    base::MutexLock lock(mutex_);
    ended_.Wait(mutex_, [this]() PINION_REQUIRES(mutex_) { return threads_left_ == 0; });
  }
  {
    base::MutexLock lock(join_mutex_);
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }
  base::MutexLock lock(mutex_);
  return status_;
}

bool Run::WaitFor(std::chrono::milliseconds time) {
  base::MutexLock lock(mutex_);
  return ended_.WaitUntil(mutex_, {}, Meter::Clock::now() + time,
                          [this]()
                              PINION_REQUIRES(mutex_) { return threads_left_ == 0; });
}

void Run::Cancel() { StopWith(arrow::Status::Cancelled("cancelled"), std::nullopt); }

void Run::Fail(const std::string& stage, int64_t batch, const arrow::Status& status) {
  StopWith(
      status.WithMessage("stage '", stage, "', batch ", batch, ": ", status.message()),
      StageFailure{stage, batch, status});
}

void Run::StopWith(arrow::Status status, std::optional<StageFailure> failure) {
  {
    base::MutexLock lock(mutex_);
    if (!status_.ok() || end_time_.has_value()) return;
    if (finishing_ && !failure.has_value()) {
      // What the sink finishes counts: the cancellation is its result only if it fails.
      if (late_cancel_.ok()) late_cancel_ = std::move(status);
    } else {
      status_ = late_cancel_.ok() ? std::move(status) : late_cancel_;
      if (late_cancel_.ok()) failure_ = std::move(failure);
    }
  }
  stop_.request_stop();
  for (const auto& stage : stages_) {
    if (stage->in) stage->in->Abort();
  }
  if (pulled_) pulled_->Abort();
}

bool Run::BeginFinishing() {
  base::MutexLock lock(mutex_);
  finishing_ = status_.ok();
  return finishing_;
}

std::optional<StageFailure> Run::failure() const {
  base::MutexLock lock(mutex_);
  return failure_;
}

PipelineStats Run::Stats() const {
  PipelineStats stats;
  stats.sequential = options_.sequential;
  {
    base::MutexLock lock(mutex_);
    stats.wall = end_time_.value_or(Meter::Clock::now()) - started_;
  }
  for (const auto& stage : stages_) {
    StageStats each;
    each.name = stage->name;
    each.workers = stage->workers;
    for (const Meter& meter : stage->meters) meter.AddTo(&each);
    if (stage->in) each.queue = stage->in->stats();
    stats.stages.push_back(std::move(each));
  }
  return stats;
}

arrow::Result<std::optional<Cargo>> Run::Pull() {
  if (!pulled_->Pop(1, &pull_taken_, pull_meter_)) {
    ARROW_RETURN_NOT_OK(Wait());
    return std::nullopt;
  }
  return std::move(pull_taken_.cargo.front());
}

}  // namespace pinion::internal
