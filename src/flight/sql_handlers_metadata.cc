// The part of SqlHandlers that describes the database.
#include <utility>

#include "flight/sql_handlers.h"
#include "flight/sql_metadata.h"

namespace pinion::flight {
namespace {

namespace sql = arrow::flight::sql;
using arrow::Result;
using arrow::flight::FlightDataStream;
using arrow::flight::FlightDescriptor;
using arrow::flight::FlightEndpoint;
using arrow::flight::FlightInfo;
using arrow::flight::RecordBatchStream;
using arrow::flight::ServerCallContext;
using sql::SqlSchema;
using InfoResult = Result<std::unique_ptr<FlightInfo>>;
using StreamResult = Result<std::unique_ptr<FlightDataStream>>;

InfoResult MakeInfo(const std::shared_ptr<arrow::Schema>& schema,
                    const FlightDescriptor& descriptor) {
  FlightEndpoint endpoint;
  endpoint.ticket.ticket = descriptor.cmd;
  ARROW_ASSIGN_OR_RAISE(
      FlightInfo info,
      FlightInfo::Make(schema, descriptor, {std::move(endpoint)}, -1, -1, true));
  return std::make_unique<FlightInfo>(std::move(info));
}

// What `read` makes of the caller's session.
template <typename Read>
StreamResult Stream(const ServerCallContext& context, SqlSessions& sessions, Read read) {
  ARROW_ASSIGN_OR_RAISE(const Call* call, Call::Of(context));
  ARROW_RETURN_NOT_OK(call->Admit({.subject = Purpose::Subject::kServer}));
  ARROW_ASSIGN_OR_RAISE(const auto session, sessions.Of(call->caller()));
  ARROW_ASSIGN_OR_RAISE(auto reader, read(*session));
  return std::make_unique<RecordBatchStream>(std::move(reader));
}

}  // namespace

InfoResult SqlHandlers::GetFlightInfoCatalogs(const ServerCallContext&,
                                              const FlightDescriptor& descriptor) {
  return MakeInfo(SqlSchema::GetCatalogsSchema(), descriptor);
}

StreamResult SqlHandlers::DoGetCatalogs(const ServerCallContext& context) {
  return Stream(context, parts_.sessions, ReadCatalogs);
}

InfoResult SqlHandlers::GetFlightInfoSchemas(const ServerCallContext&,
                                             const sql::GetDbSchemas&,
                                             const FlightDescriptor& descriptor) {
  return MakeInfo(SqlSchema::GetDbSchemasSchema(), descriptor);
}

StreamResult SqlHandlers::DoGetDbSchemas(const ServerCallContext& context,
                                         const sql::GetDbSchemas& command) {
  return Stream(context, parts_.sessions, [&](engine::Session& session) {
    return ReadDbSchemas(session, command);
  });
}

InfoResult SqlHandlers::GetFlightInfoTables(const ServerCallContext&,
                                            const sql::GetTables& command,
                                            const FlightDescriptor& descriptor) {
  return MakeInfo(command.include_schema ? SqlSchema::GetTablesSchemaWithIncludedSchema()
                                         : SqlSchema::GetTablesSchema(),
                  descriptor);
}

StreamResult SqlHandlers::DoGetTables(const ServerCallContext& context,
                                      const sql::GetTables& command) {
  return Stream(context, parts_.sessions,
                [&](engine::Session& session) { return ReadTables(session, command); });
}

InfoResult SqlHandlers::GetFlightInfoTableTypes(const ServerCallContext&,
                                                const FlightDescriptor& descriptor) {
  return MakeInfo(SqlSchema::GetTableTypesSchema(), descriptor);
}

StreamResult SqlHandlers::DoGetTableTypes(const ServerCallContext& context) {
  return Stream(context, parts_.sessions, ReadTableTypes);
}

InfoResult SqlHandlers::GetFlightInfoPrimaryKeys(const ServerCallContext&,
                                                 const sql::GetPrimaryKeys&,
                                                 const FlightDescriptor& descriptor) {
  return MakeInfo(SqlSchema::GetPrimaryKeysSchema(), descriptor);
}

StreamResult SqlHandlers::DoGetPrimaryKeys(const ServerCallContext& context,
                                           const sql::GetPrimaryKeys& command) {
  return Stream(context, parts_.sessions, [&](engine::Session& session) {
    return ReadPrimaryKeys(session, command);
  });
}

InfoResult SqlHandlers::GetFlightInfoExportedKeys(const ServerCallContext&,
                                                  const sql::GetExportedKeys&,
                                                  const FlightDescriptor& descriptor) {
  return MakeInfo(SqlSchema::GetExportedKeysSchema(), descriptor);
}

StreamResult SqlHandlers::DoGetExportedKeys(const ServerCallContext& context,
                                            const sql::GetExportedKeys& command) {
  return Stream(context, parts_.sessions, [&](engine::Session& session) {
    return ReadExportedKeys(session, command);
  });
}

InfoResult SqlHandlers::GetFlightInfoImportedKeys(const ServerCallContext&,
                                                  const sql::GetImportedKeys&,
                                                  const FlightDescriptor& descriptor) {
  return MakeInfo(SqlSchema::GetImportedKeysSchema(), descriptor);
}

StreamResult SqlHandlers::DoGetImportedKeys(const ServerCallContext& context,
                                            const sql::GetImportedKeys& command) {
  return Stream(context, parts_.sessions, [&](engine::Session& session) {
    return ReadImportedKeys(session, command);
  });
}

InfoResult SqlHandlers::GetFlightInfoCrossReference(const ServerCallContext&,
                                                    const sql::GetCrossReference&,
                                                    const FlightDescriptor& descriptor) {
  return MakeInfo(SqlSchema::GetCrossReferenceSchema(), descriptor);
}

StreamResult SqlHandlers::DoGetCrossReference(const ServerCallContext& context,
                                              const sql::GetCrossReference& command) {
  return Stream(context, parts_.sessions, [&](engine::Session& session) {
    return ReadCrossReference(session, command);
  });
}

InfoResult SqlHandlers::GetFlightInfoXdbcTypeInfo(const ServerCallContext&,
                                                  const sql::GetXdbcTypeInfo&,
                                                  const FlightDescriptor& descriptor) {
  return MakeInfo(SqlSchema::GetXdbcTypeInfoSchema(), descriptor);
}

StreamResult SqlHandlers::DoGetXdbcTypeInfo(const ServerCallContext& context,
                                            const sql::GetXdbcTypeInfo& command) {
  return Stream(context, parts_.sessions, [&](engine::Session& session) {
    return ReadXdbcTypes(session, command.data_type);
  });
}

}  // namespace pinion::flight
