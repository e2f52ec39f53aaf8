// What the tests of DuckDB's own behaviour share.
#pragma once

#include <memory>
#include <string>

#include <arrow/table.h>

#include "data/dataset.h"
#include "data/file_writer.h"
#include "engine/engine_test.h"

namespace pinion::engine::duck {

class DuckEngineTest : public EngineTest {
 protected:
  std::string Plan(const std::string& sql) {
    auto table = Query("EXPLAIN " + sql);
    if (!table.ok()) return table.status().ToString();
    return (*table)->column(1)->GetScalar(0).ValueOrDie()->ToString();
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
};

}  // namespace pinion::engine::duck
