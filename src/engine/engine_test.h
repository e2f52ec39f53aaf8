// What the tests of the engine interface share. They know no engine: to run them on
// another one, instantiate them with its factory.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <gtest/gtest.h>

#include "data/catalog.h"
#include "data/dataset.h"
#include "data/file_writer.h"
#include "engine/engine.h"
#include "tests/support/arrow_assert.h"
#include "tests/support/temporary_folder.h"

namespace pinion::engine {

using EngineFactory = std::function<arrow::Result<std::unique_ptr<Engine>>(
    const EngineOptions&, std::shared_ptr<data::Catalog>)>;

struct EngineKind {
  std::string name;
  EngineFactory create;
};

// The engines that this build has.
inline std::vector<EngineKind> EngineKinds() {
  return {{"Default",
           [](const EngineOptions& options, std::shared_ptr<data::Catalog> catalog) {
             return Engine::Create(options, std::move(catalog));
           }}};
}

inline std::string KindName(const testing::TestParamInfo<EngineKind>& info) {
  return info.param.name;
}

inline void PrintTo(const EngineKind& kind, std::ostream* out) { *out << kind.name; }

class EngineTest : public testing::TestWithParam<EngineKind> {
 protected:
  void SetUp() override { Open({}); }

  // Replaces the engine by one with other options.
  void Open(EngineOptions options) {
    if (options.temp_directory.empty()) options.temp_directory = folder_ / "temp";
    session_.reset();
    engine_.reset();
    auto engine = GetParam().create(options, catalog_);
    ASSERT_TRUE(engine.ok()) << engine.status();
    engine_ = std::move(engine).ValueUnsafe();
    session_ = NewSession();
  }

  std::shared_ptr<Session> NewSession(const SessionOptions& options = {}) {
    auto session = engine_->OpenSession(options);
    EXPECT_TRUE(session.ok()) << session.status();
    return session.ok() ? *session : nullptr;
  }

  arrow::Result<std::shared_ptr<Statement>> Prepare(const std::string& sql,
                                                    const std::string& transaction = {}) {
    PrepareOptions options;
    options.transaction_id = transaction;
    return session_->Prepare(sql, options);
  }

  arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> Stream(
      const std::string& sql, const std::string& transaction = {},
      const ExecuteOptions& options = {}) {
    ARROW_ASSIGN_OR_RAISE(auto statement, Prepare(sql, transaction));
    return statement->Query(nullptr, options);
  }

  arrow::Result<std::shared_ptr<arrow::Table>> Query(
      const std::string& sql, const std::string& transaction = {}) {
    ARROW_ASSIGN_OR_RAISE(auto stream, Stream(sql, transaction));
    return stream->ToTable();
  }

  arrow::Result<int64_t> Run(const std::string& sql,
                             const std::string& transaction = {}) {
    ARROW_ASSIGN_OR_RAISE(auto statement, Prepare(sql, transaction));
    return statement->Update();
  }

  // The single value of a query as text; for what a table would only clutter.
  std::string Value(const std::string& sql, const std::string& transaction = {}) {
    auto table = Query(sql, transaction);
    if (!table.ok()) return table.status().ToString();
    if ((*table)->num_rows() != 1 || (*table)->num_columns() != 1) {
      return "not a single value: " + (*table)->ToString();
    }
    auto scalar = (*table)->column(0)->GetScalar(0);
    return scalar.ok() ? (*scalar)->ToString() : scalar.status().ToString();
  }

  static ErrorClass ClassOf(const arrow::Status& status) {
    const auto detail = GetErrorDetail(status);
    EXPECT_NE(detail, nullptr) << status;
    return detail ? detail->error_class() : ErrorClass::kInternal;
  }

  template <typename T>
  static ErrorClass ClassOf(const arrow::Result<T>& result) {
    EXPECT_FALSE(result.ok());
    return ClassOf(result.status());
  }

  static std::shared_ptr<arrow::Array> Array(const std::shared_ptr<arrow::DataType>& type,
                                             const std::string& text) {
    auto array = ::arrow::json::ArrayFromJSONString(type, text);
    EXPECT_TRUE(array.ok()) << array.status();
    return array.ok() ? *array : nullptr;
  }

  // A batch of the given columns.
  static std::shared_ptr<arrow::RecordBatch> Batch(
      const std::vector<std::pair<std::string, std::shared_ptr<arrow::Array>>>& columns) {
    arrow::FieldVector fields;
    arrow::ArrayVector arrays;
    for (const auto& [name, array] : columns) {
      fields.push_back(arrow::field(name, array->type()));
      arrays.push_back(array);
    }
    const int64_t rows = arrays.empty() ? 0 : arrays.front()->length();
    return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows,
                                    std::move(arrays));
  }

  static std::shared_ptr<arrow::RecordBatchReader> Reader(
      std::shared_ptr<arrow::RecordBatch> batch) {
    auto schema = batch->schema();
    auto reader = arrow::RecordBatchReader::Make({std::move(batch)}, std::move(schema));
    EXPECT_TRUE(reader.ok()) << reader.status();
    return reader.ok() ? *reader : nullptr;
  }

  void Serve(const std::string& name, const std::string& path) {
    auto dataset = data::OpenDataset(path);
    ASSERT_OK(dataset);
    ASSERT_OK(catalog_->Replace(name, *dataset));
  }

  void ServeTable(const std::string& name, data::Format format, const arrow::Table& table,
                  int64_t batch_rows) {
    const std::string path = folder_ / (name + "." + std::string(FormatName(format)));
    ASSERT_OK_AND_ASSIGN(auto writer,
                         data::FileWriter::Create(path, format, table.schema()));
    arrow::TableBatchReader reader(table);
    reader.set_chunksize(batch_rows);
    std::shared_ptr<arrow::RecordBatch> batch;
    for (;;) {
      ASSERT_OK(reader.ReadNext(&batch));
      if (batch == nullptr) break;
      ASSERT_OK(writer->Write(*batch));
    }
    ASSERT_OK(writer->Finish());
    Serve(name, path);
  }

  tests::TemporaryFolder folder_;
  std::shared_ptr<data::Catalog> catalog_ = std::make_shared<data::Catalog>();
  std::unique_ptr<Engine> engine_;
  std::shared_ptr<Session> session_;
};

}  // namespace pinion::engine
