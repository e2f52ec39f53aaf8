// What a query costs besides its work: planning, streaming, converting, scanning.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <benchmark/benchmark.h>

#include "base/random_id.h"
#include "data/catalog.h"
#include "data/dataset.h"
#include "data/file_writer.h"
#include "data/sample_table.h"
#include "engine/engine.h"

namespace pinion::engine {
namespace {

constexpr int64_t kRows = 4'000'000;

template <typename T>
T Must(arrow::Result<T> result) {
  if (!result.ok()) {
    std::cerr << result.status() << "\n";
    std::exit(1);
  }
  return std::move(result).ValueUnsafe();
}

void Must(const arrow::Status& status) {
  if (status.ok()) return;
  std::cerr << status << "\n";
  std::exit(1);
}

// An engine over the sample table as Feather (LZ4 and plain) and as a table of its own.
class Fixture {
 public:
  static Fixture& Get() {
    static Fixture fixture;
    return fixture;
  }

  Session& session() { return *engine_->default_session(); }

  int64_t Drain(const std::string& sql) {
    auto statement = Must(session().Prepare(sql, {}));
    return Drain(*statement, nullptr);
  }

  static int64_t Drain(Statement& statement,
                       std::shared_ptr<arrow::RecordBatchReader> parameters) {
    auto stream = Must(statement.Query(std::move(parameters)));
    int64_t rows = 0;
    std::shared_ptr<arrow::RecordBatch> batch;
    for (;;) {
      Must(stream->ReadNext(&batch));
      if (batch == nullptr) return rows;
      rows += batch->num_rows();
    }
  }

 private:
  Fixture() {
    folder_ = std::filesystem::temp_directory_path() / ("pinion-" + base::RandomId());
    std::filesystem::create_directory(folder_);
    auto catalog = std::make_shared<data::Catalog>();
    AddFile(*catalog, "lz4", arrow::Compression::LZ4_FRAME);
    AddFile(*catalog, "plain", arrow::Compression::UNCOMPRESSED);
    engine_ = Must(Engine::Create({}, catalog));
    auto create = Must(session().Prepare("CREATE TABLE t AS FROM plain", {}));
    Must(create->Update());
  }

  ~Fixture() { std::filesystem::remove_all(folder_); }

  void AddFile(data::Catalog& catalog, const std::string& name,
               arrow::Compression::type compression) {
    const std::string path = folder_ / (name + ".feather");
    auto rows = data::SampleTable({.rows = kRows});
    auto writer = Must(data::FileWriter::Create(path, data::Format::kFeather,
                                                rows->schema(), {compression}));
    std::shared_ptr<arrow::RecordBatch> batch;
    for (;;) {
      Must(rows->ReadNext(&batch));
      if (batch == nullptr) break;
      Must(writer->Write(*batch));
    }
    Must(writer->Finish());
    Must(catalog.Add(name, Must(data::OpenDataset(path))));
  }

  std::filesystem::path folder_;
  std::unique_ptr<Engine> engine_;
};

void RunText(benchmark::State& state, const std::string& sql) {
  auto& fixture = Fixture::Get();
  int64_t rows = 0;
  for (auto _ : state) rows += fixture.Drain(sql);
  state.SetItemsProcessed(rows);
}

void BM_SelectConstant(benchmark::State& state) { RunText(state, "SELECT 42"); }
void BM_SelectTable(benchmark::State& state) { RunText(state, "SELECT * FROM t"); }
void BM_SelectLz4(benchmark::State& state) { RunText(state, "SELECT * FROM lz4"); }
void BM_SelectPlain(benchmark::State& state) { RunText(state, "SELECT * FROM plain"); }
void BM_SelectIds(benchmark::State& state) {
  RunText(state, "SELECT id, age FROM plain");
}
void BM_FilterTable(benchmark::State& state) {
  RunText(state, "SELECT count(*), sum(age) FROM t WHERE id % 7 = 3");
}
void BM_FilterLz4(benchmark::State& state) {
  RunText(state, "SELECT count(*), sum(age) FROM lz4 WHERE id % 7 = 3");
}
void BM_FilterPlain(benchmark::State& state) {
  RunText(state, "SELECT count(*), sum(age) FROM plain WHERE id % 7 = 3");
}
void BM_GroupPlain(benchmark::State& state) {
  RunText(state, "SELECT city, count(*), avg(age) FROM plain GROUP BY city");
}
void BM_PointTable(benchmark::State& state) {
  RunText(state, "SELECT * FROM t WHERE id = 3999999");
}
void BM_PointPlain(benchmark::State& state) {
  RunText(state, "SELECT * FROM plain WHERE id = 3999999");
}

void BM_PreparedParameter(benchmark::State& state) {
  auto statement = Must(Fixture::Get().session().Prepare("SELECT $1::BIGINT + 1", {}));
  arrow::Int64Builder builder;
  Must(builder.Append(41));
  auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("1", arrow::int64())}), 1, {Must(builder.Finish())});
  for (auto _ : state) {
    auto reader = Must(arrow::RecordBatchReader::Make({batch}, batch->schema()));
    Fixture::Drain(*statement, reader);
  }
  state.SetItemsProcessed(state.iterations());
}

BENCHMARK(BM_SelectConstant)->UseRealTime();
BENCHMARK(BM_PreparedParameter)->UseRealTime();
BENCHMARK(BM_SelectTable)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SelectPlain)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SelectLz4)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_SelectIds)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_FilterTable)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_FilterPlain)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_FilterLz4)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_GroupPlain)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_PointTable)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_PointPlain)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace pinion::engine
