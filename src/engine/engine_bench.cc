// What a query costs besides its work: planning, streaming, converting, scanning.
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <benchmark/benchmark.h>

#include "base/random_id.h"
#include "data/catalog.h"
#include "data/dataset.h"
#include "data/file_writer.h"
#include "data/sample_table.h"
#include "engine/engine.h"
#include "tests/support/tpch.h"

namespace pinion::engine {
namespace {

constexpr int64_t kRows = 4'000'000;
constexpr double kTpchScale = 0.3;

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

  // The number of a query of TPC-H over tables of one kind.
  void RunTpch(const std::string& kind, size_t number) {
    MakeTpch();
    auto session = Must(engine_->OpenSession({}));
    Must(session->SetOption("schema", kind));
    auto statement = Must(session->Prepare(tests::TpchQueries().at(number - 1), {}));
    Drain(*statement, nullptr);
    Must(session->Close());
  }

  int64_t Drain(const std::string& sql) {
    auto statement = Must(session().Prepare(sql, {}));
    if (statement->info().kind == StatementKind::kQuery)
      return Drain(*statement, nullptr);
    return Must(statement->Update());
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
    AddSample("lz4", arrow::Compression::LZ4_FRAME);
    AddSample("plain", arrow::Compression::UNCOMPRESSED);
    engine_ = Must(Engine::Create({}, catalog_));
    Drain("CREATE TABLE t AS FROM plain");
  }

  ~Fixture() { std::filesystem::remove_all(folder_); }

  void AddSample(const std::string& name, arrow::Compression::type compression) {
    AddFile(name, data::Format::kFeather, compression,
            *data::SampleTable({.rows = kRows}));
  }

  void AddFile(const std::string& name, data::Format format,
               arrow::Compression::type compression, arrow::RecordBatchReader& rows) {
    const std::string path = folder_ / name;
    auto writer =
        Must(data::FileWriter::Create(path, format, rows.schema(), {compression}));
    std::shared_ptr<arrow::RecordBatch> batch;
    for (;;) {
      Must(rows.ReadNext(&batch));
      if (batch == nullptr) break;
      Must(writer->Write(*batch));
    }
    Must(writer->Finish());
    Must(catalog_->Add(name, Must(data::OpenDataset(path))));
  }

  // Each table as Feather (LZ4 and plain), as Parquet and as a table of the engine's own,
  // in schemas of these names. Once.
  void MakeTpch() {
    if (has_tpch_) return;
    has_tpch_ = true;
    const std::vector<std::pair<std::string, arrow::Compression::type>> kinds = {
        {"lz4", arrow::Compression::LZ4_FRAME},
        {"plain", arrow::Compression::UNCOMPRESSED},
        {"parquet", arrow::Compression::SNAPPY}};
    Drain("CREATE SCHEMA own");
    for (const auto& [kind, compression] : kinds) Drain("CREATE SCHEMA " + kind);
    for (const auto& [name, sql] : tests::TpchTables(kTpchScale)) {
      Drain("CREATE TABLE own." + name + " AS " + sql);
      for (const auto& [kind, compression] : kinds) {
        auto statement = Must(session().Prepare("FROM own." + name, {}));
        auto rows = Must(statement->Query(nullptr));
        const auto format =
            kind == "parquet" ? data::Format::kParquet : data::Format::kFeather;
        AddFile(name + "_" + kind, format, compression, *rows);
        Drain("CREATE VIEW " + kind + "." + name + " AS FROM datasets." + name + "_" +
              kind);
      }
    }
  }

  std::filesystem::path folder_;
  std::shared_ptr<data::Catalog> catalog_ = std::make_shared<data::Catalog>();
  std::unique_ptr<Engine> engine_;
  bool has_tpch_ = false;
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

// How long the first rows of a large result take, and to give up the rest.
void RunFirstBatch(benchmark::State& state, const std::string& sql) {
  auto& session = Fixture::Get().session();
  for (auto _ : state) {
    auto statement = Must(session.Prepare(sql, {}));
    auto stream = Must(statement->Query(nullptr));
    std::shared_ptr<arrow::RecordBatch> batch;
    Must(stream->ReadNext(&batch));
    Must(stream->Close());
  }
}

void BM_FirstBatchTable(benchmark::State& state) {
  RunFirstBatch(state, "SELECT * FROM t");
}
void BM_FirstBatchPlain(benchmark::State& state) {
  RunFirstBatch(state, "SELECT * FROM plain");
}
void BM_FirstBatchLz4(benchmark::State& state) {
  RunFirstBatch(state, "SELECT * FROM lz4");
}

std::shared_ptr<arrow::RecordBatch> OneNumber() {
  arrow::Int64Builder builder;
  Must(builder.Append(41));
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("1", arrow::int64())}), 1,
                                  {Must(builder.Finish())});
}

void BM_PreparedParameter(benchmark::State& state) {
  auto statement = Must(Fixture::Get().session().Prepare("SELECT $1::BIGINT + 1", {}));
  auto batch = OneNumber();
  for (auto _ : state) {
    auto reader = Must(arrow::RecordBatchReader::Make({batch}, batch->schema()));
    Fixture::Drain(*statement, reader);
  }
  state.SetItemsProcessed(state.iterations());
}

// As above, but prepared each time.
void BM_UnpreparedParameter(benchmark::State& state) {
  for (auto _ : state) {
    auto statement = Must(Fixture::Get().session().Prepare("SELECT $1::BIGINT + 1", {}));
    auto batch = OneNumber();
    auto reader = Must(arrow::RecordBatchReader::Make({batch}, batch->schema()));
    Fixture::Drain(*statement, reader);
  }
  state.SetItemsProcessed(state.iterations());
}

void RunTpch(benchmark::State& state, const std::string& kind) {
  auto& fixture = Fixture::Get();
  const auto number = static_cast<size_t>(state.range(0));
  fixture.RunTpch(kind, number);  // files into memory, statistics learnt
  for (auto _ : state) fixture.RunTpch(kind, number);
}

void BM_TpchOwn(benchmark::State& state) { RunTpch(state, "own"); }
void BM_TpchParquet(benchmark::State& state) { RunTpch(state, "parquet"); }
void BM_TpchPlain(benchmark::State& state) { RunTpch(state, "plain"); }
void BM_TpchLz4(benchmark::State& state) { RunTpch(state, "lz4"); }

BENCHMARK(BM_SelectConstant)->UseRealTime();
BENCHMARK(BM_UnpreparedParameter)->UseRealTime();
BENCHMARK(BM_PreparedParameter)->UseRealTime();
BENCHMARK(BM_FirstBatchTable)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_FirstBatchPlain)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_FirstBatchLz4)->UseRealTime()->Unit(benchmark::kMillisecond);
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

#define PINION_TPCH(kind)       \
  BENCHMARK(kind)               \
      ->DenseRange(1, 22)       \
      ->Iterations(5)           \
      ->MeasureProcessCPUTime() \
      ->UseRealTime()           \
      ->Unit(benchmark::kMillisecond)
PINION_TPCH(BM_TpchOwn);
PINION_TPCH(BM_TpchParquet);
PINION_TPCH(BM_TpchPlain);
PINION_TPCH(BM_TpchLz4);
#undef PINION_TPCH

}  // namespace
}  // namespace pinion::engine
