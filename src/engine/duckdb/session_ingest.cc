// Ingest: its part of DuckSession.
#include <utility>

#include <duckdb/parser/expression/star_expression.hpp>
#include <duckdb/parser/parsed_data/create_table_info.hpp>
#include <duckdb/parser/query_node/select_node.hpp>
#include <duckdb/parser/statement/create_statement.hpp>
#include <duckdb/parser/statement/insert_statement.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>

#include "base/near_names.h"
#include "engine/duckdb/duck_session.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/result_stream.h"
#include "engine/duckdb/signature.h"
#include "engine/duckdb/stream_scan.h"

namespace pinion::engine::duck {
namespace {

using Statement = duckdb::unique_ptr<duckdb::SQLStatement>;

// The client's data: read once, counted as it is read.
class IngestSource : public StreamSource, public arrow::RecordBatchReader {
 public:
  IngestSource(std::shared_ptr<arrow::RecordBatchReader> reader, IngestOptions options)
      : schema_(reader->schema()),
        reader_(std::move(reader)),
        options_(std::move(options)) {}

  std::shared_ptr<arrow::Schema> schema() const override { return schema_; }

  arrow::Result<std::shared_ptr<arrow::RecordBatchReader>> Open() override {
    if (reader_ == nullptr) {
      return MakeError(ErrorClass::kInternal, "the data can be read only once");
    }
    return std::make_shared<IngestSource>(std::move(reader_), options_);
  }

  arrow::Status ReadNext(std::shared_ptr<arrow::RecordBatch>* batch) override {
    ARROW_RETURN_NOT_OK(reader_->ReadNext(batch));
    if (*batch != nullptr && options_.progress != nullptr) {
      options_.progress->rows_sent += (*batch)->num_rows();
    }
    return arrow::Status::OK();
  }

  arrow::Status Check(const arrow::RecordBatch& batch) override {
    return options_.check ? options_.check(batch) : arrow::Status::OK();
  }

  int64_t rows_at_once() const override { return kRowGroupRows; }

 private:
  const std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::RecordBatchReader> reader_;
  const IngestOptions options_;
};

duckdb::unique_ptr<duckdb::SelectStatement> SelectAllFrom(
    duckdb::unique_ptr<duckdb::TableRef> from) {
  auto node = duckdb::make_uniq<duckdb::SelectNode>();
  node->select_list.push_back(duckdb::make_uniq<duckdb::StarExpression>());
  node->from_table = std::move(from);
  auto select = duckdb::make_uniq<duckdb::SelectStatement>();
  select->node = std::move(node);
  return select;
}

duckdb::QualifiedName NameOf(const IngestTarget& target) {
  const std::string catalog =
      target.temporary ? TEMP_CATALOG : target.catalog.value_or("");
  return duckdb::QualifiedName(duckdb::Identifier(catalog),
                               duckdb::Identifier(target.schema.value_or("")),
                               duckdb::Identifier(target.table));
}

Statement CreateFrom(const IngestTarget& target, bool replace,
                     duckdb::unique_ptr<duckdb::TableRef> source) {
  auto info = duckdb::make_uniq<duckdb::CreateTableInfo>();
  info->SetQualifiedName(NameOf(target));
  info->temporary = target.temporary;
  info->on_conflict = replace ? duckdb::OnCreateConflict::REPLACE_ON_CONFLICT
                              : duckdb::OnCreateConflict::ERROR_ON_CONFLICT;
  info->query = SelectAllFrom(std::move(source));
  auto statement = duckdb::make_uniq<duckdb::CreateStatement>();
  statement->info = std::move(info);
  return statement;
}

// The columns by their names: those that the data lacks get their defaults.
Statement InsertFrom(const IngestTarget& target, const arrow::Schema& schema,
                     duckdb::unique_ptr<duckdb::TableRef> source) {
  auto statement = duckdb::make_uniq<duckdb::InsertStatement>();
  auto& node = *statement->node;
  node.qualified_name = NameOf(target);
  for (const auto& field : schema.fields()) node.columns.emplace_back(field->name());
  node.column_order = duckdb::InsertColumnOrder::INSERT_BY_POSITION;
  node.select_statement = SelectAllFrom(std::move(source));
  return statement;
}

arrow::Result<bool> Exists(duckdb::ClientContext& context, const IngestTarget& target) {
  auto table = duckdb::make_uniq<duckdb::BaseTableRef>();
  table->SetQualifiedName(NameOf(target));
  const auto select = SelectAllFrom(std::move(table));
  const auto status = BindSignature(context, *select, {}).status();
  if (status.ok()) return true;
  if (IsError(status, ErrorClass::kMissingObject)) return false;
  return status;
}

arrow::Status Missing(const IngestTarget& target) {
  return MakeError(ErrorClass::kMissingObject, "there is no table " +
                                                   base::QuoteForMessage(target.table) +
                                                   " to put the rows into");
}

arrow::Result<Statement> IngestStatement(duckdb::ClientContext& context,
                                         const IngestTarget& target,
                                         std::shared_ptr<arrow::RecordBatchReader> source,
                                         const IngestOptions& options) {
  const auto schema = source->schema();
  auto call = StreamCall(std::make_shared<IngestSource>(std::move(source), options));
  switch (options.mode) {
    case IngestMode::kCreate:
      return CreateFrom(target, /*replace=*/false, std::move(call));
    case IngestMode::kReplace:
      return CreateFrom(target, /*replace=*/true, std::move(call));
    case IngestMode::kReplaceExisting: {
      ARROW_ASSIGN_OR_RAISE(const bool exists, Exists(context, target));
      if (!exists) return Missing(target);
      return CreateFrom(target, /*replace=*/true, std::move(call));
    }
    case IngestMode::kAppend: {
      ARROW_ASSIGN_OR_RAISE(const bool exists, Exists(context, target));
      if (!exists) return Missing(target);
      return InsertFrom(target, *schema, std::move(call));
    }
    case IngestMode::kCreateOrAppend: {
      ARROW_ASSIGN_OR_RAISE(const bool exists, Exists(context, target));
      if (!exists) return CreateFrom(target, /*replace=*/false, std::move(call));
      return InsertFrom(target, *schema, std::move(call));
    }
  }
  return MakeError(ErrorClass::kInternal, "unknown mode of ingest");
}

}  // namespace

arrow::Result<int64_t> DuckSession::Ingest(
    const IngestTarget& target, std::shared_ptr<arrow::RecordBatchReader> source,
    const IngestOptions& options) {
  const PolicyOptions policy{read_only_ || options.read_only, stateless_};
  ExecuteOptions execute;
  execute.stop = options.stop;
  auto execution = std::make_shared<Execution>(core_, execute);
  ARROW_ASSIGN_OR_RAISE(auto place, Enter(options.transaction_id, *execution));
  ARROW_RETURN_NOT_OK(Connect(place));
  auto& connection = *place.connection;
  const bool own_transaction = place.transaction == nullptr;
  if (own_transaction) ARROW_RETURN_NOT_OK(connection.Begin());
  auto run = [&]() -> arrow::Result<int64_t> {
    ARROW_ASSIGN_OR_RAISE(auto statement, IngestStatement(connection.context(), target,
                                                          std::move(source), options));
    ARROW_ASSIGN_OR_RAISE(auto signature,
                          BindSignature(connection.context(), *statement, {}));
    ARROW_RETURN_NOT_OK(CheckProperties(signature.properties, policy));
    ARROW_ASSIGN_OR_RAISE(auto stream, connection.Start(execution, std::move(statement),
                                                        {}, {}, {.to_the_end = true}));
    ARROW_ASSIGN_OR_RAISE(const int64_t rows, stream->ReadCount());
    ARROW_RETURN_NOT_OK(execution->control().Check());
    if (own_transaction) ARROW_RETURN_NOT_OK(connection.Commit());
    return rows;
  };
  auto rows = run();
  if (!rows.ok() && own_transaction) (void)connection.Rollback();
  return rows;
}

}  // namespace pinion::engine::duck
