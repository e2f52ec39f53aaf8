// What the tests of the Flight SQL service over the wire, by Arrow's own client, share.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <arrow/array/builder_primitive.h>
#include <arrow/flight/client.h>
#include <arrow/flight/client_cookie_middleware.h>
#include <arrow/flight/sql/client.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <arrow/testing/gtest_util.h>
#include <gtest/gtest.h>

#include "flight/sql_proto.h"
#include "pinion/server.h"

namespace pinion::flight {

namespace sql = arrow::flight::sql;
using arrow::Result;
using arrow::Status;
using arrow::flight::FlightCallOptions;
using arrow::flight::FlightClient;
using arrow::flight::FlightDescriptor;
using arrow::flight::FlightInfo;
using arrow::flight::FlightStatusCode;
using arrow::flight::FlightStatusDetail;
using arrow::flight::Location;
using sql::FlightSqlClient;

// Work without end that gives no row before it.
inline constexpr char kEndless[] =
    "SELECT count(*) FROM range(10000000) a, range(10000000) b "
    "WHERE hash(a.range, b.range) = 42";

using NotExist = sql::TableDefinitionOptionsTableNotExistOption;
using Exists = sql::TableDefinitionOptionsTableExistsOption;
inline constexpr sql::TableDefinitionOptions kCreate{NotExist::kCreate, Exists::kFail};

// Of one column, "id".
inline Result<std::shared_ptr<arrow::RecordBatch>> Ids(const std::vector<int64_t>& ids) {
  arrow::Int64Builder builder;
  ARROW_RETURN_NOT_OK(builder.AppendValues(ids));
  ARROW_ASSIGN_OR_RAISE(auto array, builder.Finish());
  return arrow::RecordBatch::Make(arrow::schema({arrow::field("id", arrow::int64())}),
                                  static_cast<int64_t>(ids.size()), {std::move(array)});
}

inline FlightStatusCode FlightCode(const Status& status) {
  const auto detail = FlightStatusDetail::UnwrapStatus(status);
  return detail == nullptr ? FlightStatusCode::Failed : detail->code();
}

class SqlServiceTest : public testing::Test {
 protected:
  void SetUp() override {
    options_.listen = {"grpc://127.0.0.1:0"};
    ASSERT_NO_FATAL_FAILURE(Start());
  }

  void Start() {
    ASSERT_OK_AND_ASSIGN(server_, Server::Create(options_));
    ASSERT_OK(server_->Start());
    ASSERT_OK_AND_ASSIGN(client_, Connect());
  }

  using Middleware = std::vector<std::shared_ptr<arrow::flight::ClientMiddlewareFactory>>;

  Result<std::unique_ptr<FlightClient>> ConnectPlain(Middleware middleware = {}) {
    ARROW_ASSIGN_OR_RAISE(const Location location,
                          Location::Parse(server_->locations().front()));
    auto options = arrow::flight::FlightClientOptions::Defaults();
    options.middleware = std::move(middleware);
    return FlightClient::Connect(location, options);
  }

  // A connection of its own.
  Result<std::unique_ptr<FlightSqlClient>> Connect(Middleware middleware = {}) {
    ARROW_ASSIGN_OR_RAISE(auto client, ConnectPlain(std::move(middleware)));
    return std::make_unique<FlightSqlClient>(std::move(client));
  }

  Result<std::unique_ptr<FlightSqlClient>> ConnectWithCookies() {
    return Connect({arrow::flight::GetCookieFactory()});
  }

  Result<std::shared_ptr<arrow::Table>> Fetch(const FlightInfo& info) {
    ARROW_ASSIGN_OR_RAISE(auto reader, client_->DoGet({}, info.endpoints().at(0).ticket));
    return reader->ToTable();
  }

  Result<std::shared_ptr<arrow::Table>> Query(FlightSqlClient& client,
                                              const std::string& text) {
    ARROW_ASSIGN_OR_RAISE(const auto info, client.Execute({}, text));
    return Fetch(*info);
  }

  // The body of an ActionCreatePreparedStatementResult.
  static Result<std::string> PrepareRaw(FlightClient& client, const std::string& text) {
    arrow::flight::Action action;
    action.type = "CreatePreparedStatement";
    action.body = arrow::Buffer::FromString(
        PackSqlMessage("ActionCreatePreparedStatementRequest", SerializeHandle(text)));
    ARROW_ASSIGN_OR_RAISE(auto results, client.DoAction(action));
    ARROW_ASSIGN_OR_RAISE(const auto result, results->Next());
    return UnpackSqlMessage(std::string_view(*result->body)).value().body;
  }

  // The one number that a query gives.
  Result<int64_t> Number(const std::string& text) {
    ARROW_ASSIGN_OR_RAISE(const auto table, Query(*client_, text));
    ARROW_ASSIGN_OR_RAISE(const auto scalar, table->column(0)->GetScalar(0));
    ARROW_ASSIGN_OR_RAISE(const auto number, scalar->CastTo(arrow::int64()));
    return static_cast<const arrow::Int64Scalar&>(*number).value;
  }

  Status Update(const std::string& text) {
    return client_->ExecuteUpdate({}, text).status();
  }

  ServerOptions options_;
  std::unique_ptr<Server> server_;
  std::unique_ptr<FlightSqlClient> client_;
};

}  // namespace pinion::flight
