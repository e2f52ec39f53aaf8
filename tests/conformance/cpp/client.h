#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include <arrow/flight/client.h>
#include <arrow/flight/sql/client.h>
#include <arrow/result.h>

#include "values.h"

namespace conformance {

namespace flight = arrow::flight;

// {"error": …, "message": …}, by gRPC's name for the error.
Json ErrorAnswer(const arrow::Status& status);

// Carries out steps, one after the other.
class Client {
 public:
  explicit Client(std::string uri) : uri_(std::move(uri)) {}
  ~Client() { Close(); }

  arrow::Result<Json> Answer(const Json& step);

 private:
  using Session = flight::sql::FlightSqlClient;
  using Info = std::unique_ptr<flight::FlightInfo>;
  using UseBatch = std::function<arrow::Status(const arrow::RecordBatch&)>;

  // A result that is being read.
  struct Open {
    Session* session;
    Info info;
    std::unique_ptr<flight::FlightStreamReader> reader;
    int64_t rows = 0;
  };

  void Close();
  arrow::Result<Session*> SessionNamed(const std::string& name);
  const flight::sql::Transaction& TransactionOf(const Json& step) const;

  arrow::Result<Json> Query(Session& session, const Json& step, const std::string& sql);
  arrow::Result<Json> Update(Session& session, const Json& step);
  arrow::Result<Json> Many(Session& session, const Json& step);
  arrow::Result<Json> Drain(Session& session, const Json& step);
  arrow::Result<Json> OpenResult(Session& session, const Json& step);
  arrow::Result<Json> Read(const std::string& id);
  arrow::Result<Json> Rest(const std::string& id);
  arrow::Result<Json> Cancel(const std::string& id);
  arrow::Result<Json> CancelWhile(Session& session, const std::string& sql);
  arrow::Result<Json> Ingest(Session& session, const Json& step);
  arrow::Result<Json> Transact(Session& session, const Json& step);
  arrow::Result<Json> Tables(Session& session, const Json& wanted);
  arrow::Result<Json> TableSchema(Session& session, const std::string& table);
  arrow::Result<Json> Prepare(Session& session, const std::string& sql);
  arrow::Result<Json> SetSchema(Session& session, const std::string& name);

  const std::string uri_;
  std::map<std::string, std::unique_ptr<Session>> sessions_;
  std::map<std::string, flight::sql::Transaction> transactions_;
  std::map<std::string, Open> results_;
};

}  // namespace conformance
