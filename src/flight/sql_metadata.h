// The tables that describe a database, in exactly the schemas of Flight SQL: clients
// compare them field by field.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <arrow/flight/sql/server.h>
#include <arrow/record_batch.h>
#include <arrow/result.h>

#include "engine/session.h"

namespace pinion::flight {

using MetadataReader = arrow::Result<std::shared_ptr<arrow::RecordBatchReader>>;

MetadataReader ReadCatalogs(engine::Session& session);
MetadataReader ReadDbSchemas(engine::Session& session,
                             const arrow::flight::sql::GetDbSchemas& command);
MetadataReader ReadTables(engine::Session& session,
                          const arrow::flight::sql::GetTables& command);
MetadataReader ReadTableTypes(engine::Session& session);
MetadataReader ReadPrimaryKeys(engine::Session& session,
                               const arrow::flight::sql::GetPrimaryKeys& command);
MetadataReader ReadExportedKeys(engine::Session& session,
                                const arrow::flight::sql::GetExportedKeys& command);
MetadataReader ReadImportedKeys(engine::Session& session,
                                const arrow::flight::sql::GetImportedKeys& command);
MetadataReader ReadCrossReference(engine::Session& session,
                                  const arrow::flight::sql::GetCrossReference& command);
MetadataReader ReadXdbcTypes(engine::Session& session, std::optional<int32_t> data_type);

}  // namespace pinion::flight
