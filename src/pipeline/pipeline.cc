#include "pinion/pipeline.h"

#include <arrow/util/byte_size.h>

#include "pipeline/run.h"

namespace pinion {

int64_t ItemTraits<Batch>::Bytes(const Batch& batch) {
  auto bytes = arrow::util::ReferencedBufferSize(*batch);
  // Types whose ranges Arrow cannot work out count their whole buffers.
  return bytes.ok() ? *bytes : arrow::util::TotalBufferSize(*batch);
}

Flow::Flow(std::unique_ptr<internal::Run> run) : run_(std::move(run)) {}
Flow::Flow(Flow&&) noexcept = default;
Flow& Flow::operator=(Flow&&) noexcept = default;
Flow::~Flow() = default;

arrow::Status Flow::Wait() { return run_->Wait(); }
bool Flow::WaitFor(std::chrono::milliseconds time) { return run_->WaitFor(time); }
void Flow::Cancel() { run_->Cancel(); }
PipelineStats Flow::Stats() const { return run_->Stats(); }
std::optional<StageFailure> Flow::failure() const { return run_->failure(); }

arrow::Result<Flow> Job::Start(const RunOptions& options) && {
  ARROW_ASSIGN_OR_RAISE(auto run, internal::Run::Start(std::move(plan_), options));
  return Flow(std::move(run));
}

arrow::Result<PipelineStats> Job::Run(const RunOptions& options) && {
  ARROW_ASSIGN_OR_RAISE(Flow flow, std::move(*this).Start(options));
  ARROW_RETURN_NOT_OK(flow.Wait());
  return flow.Stats();
}

Source<Batch> ReaderSource(const std::shared_ptr<arrow::RecordBatchReader>& reader) {
  Source<Batch> source;
  source.schema = reader->schema();
  source.open = [reader](int, const StageContext&) {
    return arrow::Result<Source<Batch>::Generator>(
        [reader](const StageContext&) -> arrow::Result<std::optional<Batch>> {
          Batch batch;
          ARROW_RETURN_NOT_OK(reader->ReadNext(&batch));
          if (batch == nullptr) return std::nullopt;
          return batch;
        });
  };
  return source;
}

namespace internal {

namespace {

// Pulls from a run that it owns.
class PullReader : public arrow::RecordBatchReader {
 public:
  PullReader(std::unique_ptr<Run> run, std::shared_ptr<arrow::Schema> schema)
      : run_(std::move(run)), schema_(std::move(schema)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    batch->reset();
    if (closed_) return arrow::Status::Invalid("the reader is closed");
    ARROW_ASSIGN_OR_RAISE(auto cargo, run_->Pull());
    if (cargo.has_value()) *batch = cargo->value.Take<Batch>();
    return arrow::Status::OK();
  }

  arrow::Status Close() override {
    closed_ = true;
    run_->Cancel();
    (void)run_->Wait();  // what ReadNext did not report, nobody asks for any more
    return arrow::Status::OK();
  }

 private:
  const std::unique_ptr<Run> run_;
  const std::shared_ptr<arrow::Schema> schema_;
  bool closed_ = false;
};

}  // namespace

arrow::Result<std::unique_ptr<arrow::RecordBatchReader>> StartReader(
    Plan plan, std::shared_ptr<arrow::Schema> schema, QueueLimits queue,
    const RunOptions& options) {
  plan.pulled = queue;
  ARROW_ASSIGN_OR_RAISE(auto run, Run::Start(std::move(plan), options));
  return std::make_unique<PullReader>(std::move(run), std::move(schema));
}

}  // namespace internal
}  // namespace pinion
