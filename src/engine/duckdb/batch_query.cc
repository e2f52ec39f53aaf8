#include "engine/duckdb/batch_query.h"

#include <stop_token>
#include <utility>
#include <vector>

#include <duckdb.hpp>
#include <duckdb/function/replacement_scan.hpp>
#include <duckdb/main/extension/extension_loader.hpp>
#include <duckdb/main/query_result_stream.hpp>

#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/statement_policy.h"
#include "engine/duckdb/stream_scan.h"
#include "engine/duckdb/wire_format.h"
#include "engine/duckdb/wire_type.h"

namespace pinion::engine::duck {
namespace {

constexpr char kTable[] = "batch";
// One batch out for one batch in, up to what 32-bit offsets can hold.
constexpr BatchLimits kOneBatch{int64_t{1} << 40, int64_t{1} << 40};

// The batch of the moment.
class BatchSlot : public StreamSource {
 public:
  explicit BatchSlot(std::shared_ptr<arrow::Schema> schema)
      : schema_(std::move(schema)) {}

  void Set(std::shared_ptr<arrow::RecordBatch> batch) { batch_ = std::move(batch); }

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }
  arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> Open() override {
    return arrow::RecordBatchReader::Make({batch_}, schema_);
  }

 private:
  const std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::RecordBatch> batch_;
};

struct SlotData : public duckdb::ReplacementScanData {
  explicit SlotData(std::shared_ptr<BatchSlot> slot_in) : slot(std::move(slot_in)) {}
  const std::shared_ptr<BatchSlot> slot;
};

duckdb::unique_ptr<duckdb::TableRef> Replace(
    duckdb::ClientContext&, duckdb::ReplacementScanInput& input,
    duckdb::optional_ptr<duckdb::ReplacementScanData> data) {
  if (!input.schema_name.empty() || duckdb::Identifier(input.table_name) != kTable) {
    return nullptr;
  }
  auto call = StreamCall(data->Cast<SlotData>().slot);
  call->alias = duckdb::Identifier(kTable);
  return call;
}

class DuckBatchQuery : public BatchQuery {
 public:
  DuckBatchQuery(std::string sql, std::shared_ptr<arrow::Schema> input)
      : sql_(std::move(sql)), slot_(std::make_shared<BatchSlot>(std::move(input))) {}

  // May throw as DuckDB does.
  arrow::Status Prepare() {
    duckdb::DBConfig config;
    config.SetOptionByName("threads", duckdb::Value::BIGINT(1));
    config.SetOptionByName("autoload_known_extensions", duckdb::Value::BOOLEAN(false));
    config.SetOptionByName("enable_external_access", duckdb::Value::BOOLEAN(false));
    database_ = std::make_unique<duckdb::DuckDB>(nullptr, &config);
    duckdb::ExtensionLoader loader(*database_->instance, "pinion");
    loader.RegisterFunction(StreamFunction());
    duckdb::DBConfig::GetConfig(*database_->instance)
        .replacement_scans.emplace_back(Replace, duckdb::make_uniq<SlotData>(slot_));
    connection_ = std::make_unique<duckdb::Connection>(*database_);
    auto statements = connection_->ExtractStatements(sql_);
    if (statements.size() != 1 ||
        statements[0]->type != duckdb::StatementType::SELECT_STATEMENT) {
      return MakeError(ErrorClass::kNotSupported,
                       "a batch is computed by one SELECT, FROM batch");
    }
    ARROW_RETURN_NOT_OK(CheckStatement(*statements[0], {.read_only = true}).status());
    prepared_ = connection_->Prepare(std::move(statements[0]));
    if (prepared_->HasError()) return ToStatus(prepared_->GetErrorObject(), sql_);
    if (prepared_->GetParameterCount() > 0) {
      return MakeError(ErrorClass::kParameter, "the query of a batch has no parameters");
    }
    ARROW_ASSIGN_OR_RAISE(schema_,
                          WireSchema(prepared_->GetNames(), prepared_->GetTypes()));
    return arrow::Status::OK();
  }

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }

  arrow::Result<std::shared_ptr<arrow::RecordBatch>> Run(
      const std::shared_ptr<arrow::RecordBatch>& batch,
      const std::stop_token& stop) override {
    if (!batch->schema()->Equals(*slot_->schema(), /*check_metadata=*/false)) {
      return MakeError(ErrorClass::kBinding,
                       "the batch has other columns than the query was planned for");
    }
    slot_->Set(batch);
    auto result = Guard([&] { return RunPlan(stop); }, sql_);
    slot_->Set(nullptr);
    if (stop.stop_requested()) {
      return MakeError(ErrorClass::kCancelled, "the query was cancelled");
    }
    return result;
  }

 private:
  arrow::Result<std::shared_ptr<arrow::RecordBatch>> RunPlan(
      const std::stop_token& stop) {
    duckdb::vector<duckdb::Value> no_values;
    auto result = prepared_->Submit(
        no_values, duckdb::QueryParameters(
                       duckdb::make_shared_ptr<WireFormat>(kOneBatch, kOneBatch.bytes)));
    if (result->HasError()) return ToStatus(result->GetErrorObject(), sql_);
    duckdb::QueryResultStream<WireFormat> stream(std::move(result));
    const std::stop_callback interrupt(stop, [&] { connection_->Interrupt(); });
    arrow::RecordBatchVector batches;
    while (auto unit = stream.Fetch()) batches.push_back(std::move(unit->batch));
    if (stream.HasError()) return ToStatus(stream.GetErrorObject(), sql_);
    if (batches.size() == 1) return batches.front();
    if (batches.empty()) return arrow::RecordBatch::MakeEmpty(schema_);
    return arrow::ConcatenateRecordBatches(batches);
  }

  const std::string sql_;
  const std::shared_ptr<BatchSlot> slot_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<duckdb::DuckDB> database_;
  std::unique_ptr<duckdb::Connection> connection_;
  duckdb::unique_ptr<duckdb::PreparedStatement> prepared_;
};

}  // namespace

arrow::Result<std::unique_ptr<BatchQuery>> CreateBatchQuery(
    const std::string& sql, const std::shared_ptr<arrow::Schema>& schema) {
  auto query = std::make_unique<DuckBatchQuery>(sql, schema);
  ARROW_RETURN_NOT_OK(Guard([&] { return query->Prepare(); }, sql));
  return query;
}

}  // namespace pinion::engine::duck
