#include "flight/sql_ingest.h"

#include <string>

#include "engine/error.h"
#include "flight/sql_upload.h"

namespace pinion::flight {
namespace {

namespace sql = arrow::flight::sql;
using NotExist = sql::TableDefinitionOptionsTableNotExistOption;
using Exists = sql::TableDefinitionOptionsTableExistsOption;

arrow::Result<engine::IngestMode> ModeOf(const sql::TableDefinitionOptions& options) {
  if (options.if_not_exist == NotExist::kCreate) {
    switch (options.if_exists) {
      case Exists::kFail:
        return engine::IngestMode::kCreate;
      case Exists::kAppend:
        return engine::IngestMode::kCreateOrAppend;
      case Exists::kReplace:
        return engine::IngestMode::kReplace;
      case Exists::kUnspecified:
        break;
    }
  }
  if (options.if_not_exist == NotExist::kFail && options.if_exists == Exists::kAppend) {
    return engine::IngestMode::kAppend;
  }
  return arrow::Status::Invalid(
      "the table_definition_options make no sense: create a table that does not exist "
      "(and fail, append or replace if it does), or append to one that does");
}

}  // namespace

arrow::Result<int64_t> Ingest(const Call& call, engine::Session& session,
                              const SqlTransaction* transaction,
                              const sql::StatementIngest& command,
                              arrow::flight::FlightMessageReader& upload) {
  ARROW_RETURN_NOT_OK(
      call.Admit({Purpose::Subject::kSql, Purpose::Access::kWrite, command.table}));
  if (command.table.empty()) {
    return arrow::Status::Invalid("bulk ingestion needs the name of a table");
  }
  if (!command.options.empty()) {
    return arrow::Status::Invalid("unknown ingestion option '",
                                  command.options.begin()->first,
                                  "': there are none besides those of the command");
  }
  ARROW_ASSIGN_OR_RAISE(const engine::IngestMode mode,
                        ModeOf(command.table_definition_options));
  ARROW_ASSIGN_OR_RAISE(auto rows,
                        UploadReader::Open(UploadReader::Kind::kTable, upload, call));
  engine::IngestOptions options;
  options.mode = mode;
  if (transaction != nullptr) options.transaction_id = transaction->engine_id();
  options.stop = call.stop_token();
  options.check = CheckUploaded;
  return session.Ingest({.catalog = command.catalog,
                         .schema = command.schema,
                         .table = command.table,
                         .temporary = command.temporary},
                        std::move(rows), options);
}

}  // namespace pinion::flight
