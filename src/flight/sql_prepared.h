#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include <arrow/flight/server.h>
#include <arrow/result.h>
#include <arrow/table.h>

#include "base/mutex.h"
#include "flight/call_gate.h"
#include "flight/client_traits.h"
#include "flight/sql_handles.h"
#include "flight/sql_options.h"
#include "flight/sql_proto.h"
#include "flight/sql_statements.h"

namespace pinion::flight {

// The prepared statements of all clients, with the parameters bound to them.
//
// Thread-safe. Borrows the statements.
class SqlPrepared {
 public:
  SqlPrepared(SqlStatements& statements, const SqlOptions& options);

  // Declares the parameters so that what such a client binds means what it meant to say.
  arrow::Result<PreparedStatementReply> Create(const Call& call, const SqlText& text,
                                               const ClientTraits& client);
  arrow::Status Close(const Call& call, std::string_view handle);

  // Keeps the uploaded rows for the runs that follow.
  arrow::Status Bind(const Call& call, std::string_view handle,
                     arrow::flight::FlightMessageReader& upload);

  // A run of it with what is bound.
  arrow::Result<SqlStatements::Run> Find(const Call& call, std::string_view handle);

  // Runs it for the count of changed rows, once for each row of the upload; without rows
  // there, with what is bound.
  arrow::Result<int64_t> Update(const Call& call, std::string_view handle,
                                arrow::flight::FlightMessageReader& upload);

  void Expire() { statements_by_handle_.Expire(); }
  void Clear() { statements_by_handle_.Clear(); }

 private:
  struct Entry {
    SqlPlan plan;
    base::Mutex mutex;
    std::shared_ptr<arrow::Table> parameters PINION_GUARDED_BY(mutex);
  };

  SqlStatements& statements_;
  const int64_t max_parameter_bytes_;
  HandleStore<Entry> statements_by_handle_;
};

}  // namespace pinion::flight
