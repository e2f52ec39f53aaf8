// What it costs to open a file of many batches, to count its rows, and to hand out its
// messages, without anybody to send them to.
#include <filesystem>
#include <string>

#include <benchmark/benchmark.h>

#include "base/random_id.h"
#include "data/dataset.h"
#include "data/file_writer.h"
#include "data/sample_table.h"

namespace pinion::data {
namespace {

void Check(const arrow::Status& status) {
  if (!status.ok()) status.Abort();
}

// A file of the sample table that is removed at the end.
class SampleFile {
 public:
  SampleFile(int64_t batches, int64_t batch_rows)
      : path_(std::filesystem::temp_directory_path() /
              ("pinion-" + base::RandomId() + ".feather")) {
    const auto table =
        SampleTable({.rows = batches * batch_rows, .batch_rows = batch_rows});
    auto writer =
        FileWriter::Create(path_, Format::kFeather, table->schema()).ValueOrDie();
    while (auto batch = table->Next().ValueOrDie()) Check(writer->Write(*batch));
    Check(writer->Finish());
  }
  ~SampleFile() { std::filesystem::remove(path_); }
  SampleFile(const SampleFile&) = delete;
  SampleFile& operator=(const SampleFile&) = delete;

  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

// 50,000 batches are a file of 50 GB if each has a megabyte.
void BM_Open(benchmark::State& state) {
  const SampleFile file(state.range(0), 1);
  for (auto _ : state) benchmark::DoNotOptimize(OpenDataset(file.path()).ValueOrDie());
}
BENCHMARK(BM_Open)->Arg(1)->Arg(1000)->Arg(50'000)->Unit(benchmark::kMicrosecond);

void BM_OpenAndCountRows(benchmark::State& state) {
  const SampleFile file(state.range(0), 1);
  for (auto _ : state) {
    benchmark::DoNotOptimize(OpenDataset(file.path()).ValueOrDie()->num_rows());
  }
}
BENCHMARK(BM_OpenAndCountRows)->Arg(1000)->Arg(50'000)->Unit(benchmark::kMicrosecond);

const SampleFile& LargeFile() {
  static const SampleFile file(32, 64 * 1024);
  return file;
}

// The argument is the number of columns that are read.
ReadOptions Columns(const benchmark::State& state) {
  ReadOptions options;
  options.columns.emplace();
  for (int i = 0; i < state.range(0); ++i) options.columns->push_back(i);
  return options;
}

void BM_ReadMessages(benchmark::State& state) {
  const auto dataset = OpenDataset(LargeFile().path()).ValueOrDie();
  int64_t bytes = 0;
  for (auto _ : state) {
    auto messages = dataset->OpenMessages(Columns(state), {}).ValueOrDie();
    while (auto payload = messages->Next().ValueOrDie()) bytes += payload->body_length;
  }
  state.SetBytesProcessed(bytes);
}
BENCHMARK(BM_ReadMessages)->Arg(2)->Arg(6)->Unit(benchmark::kMicrosecond);

void BM_DecodeBatches(benchmark::State& state) {
  const auto dataset = OpenDataset(LargeFile().path()).ValueOrDie();
  int64_t rows = 0;
  for (auto _ : state) {
    auto reader = dataset->OpenReader(Columns(state)).ValueOrDie();
    while (auto batch = reader->Next().ValueOrDie()) rows += batch->num_rows();
  }
  state.SetItemsProcessed(rows);
}
BENCHMARK(BM_DecodeBatches)->Arg(2)->Arg(6)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace pinion::data
