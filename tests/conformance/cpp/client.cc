#include "client.h"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <arrow/array.h>
#include <arrow/flight/client_cookie_middleware.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/reader.h>
#include <arrow/util/align_util.h>

namespace conformance {
namespace {

namespace sql = flight::sql;
using arrow::RecordBatch;
using arrow::Result;
using arrow::Status;
using arrow::StatusCode;

const char* CodeOf(const Status& status) {
  if (const auto detail = flight::FlightStatusDetail::UnwrapStatus(status)) {
    switch (detail->code()) {
      case flight::FlightStatusCode::TimedOut:
        return "DEADLINE_EXCEEDED";
      case flight::FlightStatusCode::Cancelled:
        return "CANCELLED";
      case flight::FlightStatusCode::Unauthenticated:
        return "UNAUTHENTICATED";
      case flight::FlightStatusCode::Unauthorized:
        return "PERMISSION_DENIED";
      case flight::FlightStatusCode::Unavailable:
        return "UNAVAILABLE";
      case flight::FlightStatusCode::Internal:
      case flight::FlightStatusCode::Failed:
        return "INTERNAL";
    }
  }
  switch (status.code()) {
    case StatusCode::Invalid:
      return "INVALID_ARGUMENT";
    case StatusCode::KeyError:
      return "NOT_FOUND";
    case StatusCode::AlreadyExists:
      return "ALREADY_EXISTS";
    case StatusCode::NotImplemented:
      return "UNIMPLEMENTED";
    case StatusCode::Cancelled:
      return "CANCELLED";
    default:
      return "UNKNOWN";
  }
}

flight::FlightCallOptions OptionsOf(const Json& step) {
  flight::FlightCallOptions options;
  if (step.contains("seconds")) {
    options.timeout = flight::TimeoutDuration(step["seconds"].get<double>());
  }
  return options;
}

Json Counted(int64_t count) {
  Json answer;
  answer["count"] = count < 0 ? Json() : Json(count);
  return answer;
}

// Null at the end. What gRPC received lies anywhere in memory.
Result<std::shared_ptr<RecordBatch>> NextBatch(flight::FlightStreamReader& reader) {
  ARROW_ASSIGN_OR_RAISE(flight::FlightStreamChunk chunk, reader.Next());
  if (chunk.data == nullptr) return nullptr;
  return arrow::util::EnsureAlignment(std::move(chunk.data), arrow::util::kValueAlignment,
                                      arrow::default_memory_pool());
}

Status EachBatch(flight::FlightStreamReader& reader,
                 const std::function<Status(const RecordBatch&)>& use) {
  while (true) {
    ARROW_ASSIGN_OR_RAISE(const auto batch, NextBatch(reader));
    if (batch == nullptr) return Status::OK();
    ARROW_RETURN_NOT_OK(use(*batch));
  }
}

Status EachBatch(sql::FlightSqlClient& session, const flight::FlightCallOptions& options,
                 const flight::FlightInfo& info,
                 const std::function<Status(const RecordBatch&)>& use) {
  for (const flight::FlightEndpoint& endpoint : info.endpoints()) {
    ARROW_ASSIGN_OR_RAISE(const auto reader, session.DoGet(options, endpoint.ticket));
    ARROW_ASSIGN_OR_RAISE(const auto schema, reader->GetSchema());
    arrow::ipc::DictionaryMemo memo;
    ARROW_ASSIGN_OR_RAISE(const auto promised, info.GetSchema(&memo));
    if (!schema->Equals(*promised, /*check_metadata=*/true)) {
      return Status::UnknownError("promised ", promised->ToString(), ", got ",
                                  schema->ToString());
    }
    ARROW_RETURN_NOT_OK(EachBatch(*reader, use));
  }
  return Status::OK();
}

// Columns named by their number.
Json ParameterColumns(const Json& types) {
  Json columns = Json::array();
  for (size_t place = 0; place < types.size(); ++place) {
    columns.push_back(Json::array({std::to_string(place), types[place]}));
  }
  return columns;
}

Status Bind(sql::PreparedStatement& statement, const Json& step, const Json& rows) {
  ARROW_ASSIGN_OR_RAISE(auto batch,
                        BatchOf(ParameterColumns(step["parameter_types"]), rows));
  return statement.SetParameters(std::move(batch));
}

Result<sql::TableDefinitionOptions> IngestMode(const std::string& mode) {
  using NotExist = sql::TableDefinitionOptionsTableNotExistOption;
  using Exists = sql::TableDefinitionOptionsTableExistsOption;
  if (mode == "create")
    return sql::TableDefinitionOptions{NotExist::kCreate, Exists::kFail};
  if (mode == "append")
    return sql::TableDefinitionOptions{NotExist::kFail, Exists::kAppend};
  if (mode == "replace") {
    return sql::TableDefinitionOptions{NotExist::kCreate, Exists::kReplace};
  }
  if (mode == "create_append") {
    return sql::TableDefinitionOptions{NotExist::kCreate, Exists::kAppend};
  }
  return Status::NotImplemented("the client does not know the mode ", mode);
}

}  // namespace

Json ErrorAnswer(const Status& status) {
  Json answer;
  answer["error"] = CodeOf(status);
  answer["message"] = status.ToString();
  return answer;
}

void Client::Close() {
  for (auto& [id, open] : results_) open.reader->Cancel();
  results_.clear();
  transactions_.clear();
  for (auto& [name, session] : sessions_) (void)session->Close();
  sessions_.clear();
}

Result<Client::Session*> Client::SessionNamed(const std::string& name) {
  std::unique_ptr<Session>& session = sessions_[name];
  if (session == nullptr) {
    ARROW_ASSIGN_OR_RAISE(const auto location, flight::Location::Parse(uri_));
    auto options = flight::FlightClientOptions::Defaults();
    options.middleware.push_back(flight::GetCookieFactory());
    ARROW_ASSIGN_OR_RAISE(auto client, flight::FlightClient::Connect(location, options));
    session = std::make_unique<Session>(std::move(client));
  }
  return session.get();
}

const sql::Transaction& Client::TransactionOf(const Json& step) const {
  return step.contains("in") ? transactions_.at(step["in"].get<std::string>())
                             : sql::no_transaction();
}

Result<Json> Client::Answer(const Json& step) {
  const std::string kind = step.begin().key();
  const Json& value = step.begin().value();
  if (kind == "scenario") {
    Close();
    return Json::object();
  }
  ARROW_ASSIGN_OR_RAISE(Session * session, SessionNamed(step.value("on", "")));
  if (kind == "query") return Query(*session, step, value.get<std::string>());
  if (kind == "as_query") {
    ARROW_RETURN_NOT_OK(Query(*session, step, value.get<std::string>()));
    return Json::object();
  }
  if (kind == "update") return Update(*session, step);
  if (kind == "many") return Many(*session, step);
  if (kind == "drain") return Drain(*session, step);
  if (kind == "open") return OpenResult(*session, step);
  if (kind == "read") return Read(value.get<std::string>());
  if (kind == "rest") return Rest(value.get<std::string>());
  if (kind == "cancel") return Cancel(value.get<std::string>());
  if (kind == "cancel_while") return CancelWhile(*session, value.get<std::string>());
  if (kind == "ingest") return Ingest(*session, step);
  if (kind == "begin" || kind == "commit" || kind == "rollback") {
    return Transact(*session, step);
  }
  if (kind == "tables") return Tables(*session, value);
  if (kind == "table_schema") return TableSchema(*session, value.get<std::string>());
  if (kind == "prepare") return Prepare(*session, value.get<std::string>());
  if (kind == "set_schema") return SetSchema(*session, value.get<std::string>());
  Json answer;
  answer["unsupported"] = "the client does not know this step";
  return answer;
}

Result<Json> Client::Query(Session& session, const Json& step, const std::string& text) {
  const flight::FlightCallOptions options = OptionsOf(step);
  Info info;
  std::shared_ptr<sql::PreparedStatement> statement;
  if (step.contains("parameters")) {
    ARROW_ASSIGN_OR_RAISE(statement, session.Prepare(options, text, TransactionOf(step)));
    ARROW_RETURN_NOT_OK(Bind(*statement, step, Json::array({step["parameters"]})));
    ARROW_ASSIGN_OR_RAISE(info, statement->Execute(options));
  } else {
    ARROW_ASSIGN_OR_RAISE(info, session.Execute(options, text, TransactionOf(step)));
  }
  arrow::ipc::DictionaryMemo memo;
  ARROW_ASSIGN_OR_RAISE(const auto schema, info->GetSchema(&memo));
  Json answer{
      {"columns", Json::array()}, {"types", Json::array()}, {"rows", Json::array()}};
  for (const Json& field : FieldsOf(*schema)) {
    answer["columns"].push_back(field[0]);
    answer["types"].push_back(field[1]);
  }
  const auto add_rows = [&](const RecordBatch& batch) -> Status {
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      Json values = Json::array();
      for (const auto& column : batch.columns()) {
        ARROW_ASSIGN_OR_RAISE(Json value, ValueOf(*column, row));
        values.push_back(std::move(value));
      }
      answer["rows"].push_back(std::move(values));
    }
    return Status::OK();
  };
  ARROW_RETURN_NOT_OK(EachBatch(session, options, *info, add_rows));
  if (statement != nullptr) ARROW_RETURN_NOT_OK(statement->Close());
  return answer;
}

Result<Json> Client::Update(Session& session, const Json& step) {
  ARROW_ASSIGN_OR_RAISE(
      const int64_t count,
      session.ExecuteUpdate(OptionsOf(step), step["update"].get<std::string>(),
                            TransactionOf(step)));
  return Counted(count);
}

Result<Json> Client::Many(Session& session, const Json& step) {
  ARROW_ASSIGN_OR_RAISE(
      const auto statement,
      session.Prepare({}, step["many"].get<std::string>(), TransactionOf(step)));
  if (!step["parameter_types"].empty()) {
    ARROW_RETURN_NOT_OK(Bind(*statement, step, step["parameters"]));
  }
  ARROW_ASSIGN_OR_RAISE(const int64_t count, statement->ExecuteUpdate());
  ARROW_RETURN_NOT_OK(statement->Close());
  return Counted(count);
}

Result<Json> Client::Drain(Session& session, const Json& step) {
  ARROW_ASSIGN_OR_RAISE(const Info info,
                        session.Execute({}, step["drain"].get<std::string>()));
  int64_t total = 0;
  int64_t sum = 0;
  const auto add = [&](const RecordBatch& batch) {
    total += batch.num_rows();
    const auto& first = static_cast<const arrow::Int64Array&>(*batch.column(0));
    for (int64_t row = 0; row < first.length(); ++row) sum += first.Value(row);
    return Status::OK();
  };
  ARROW_RETURN_NOT_OK(EachBatch(session, {}, *info, add));
  return Json{{"total", total}, {"sum", sum}};
}

Result<Json> Client::OpenResult(Session& session, const Json& step) {
  Open open{&session, nullptr, nullptr};
  ARROW_ASSIGN_OR_RAISE(open.info, session.Execute({}, step["sql"].get<std::string>()));
  ARROW_ASSIGN_OR_RAISE(open.reader,
                        session.DoGet({}, open.info->endpoints().at(0).ticket));
  results_.insert_or_assign(step["open"].get<std::string>(), std::move(open));
  return Json::object();
}

Result<Json> Client::Read(const std::string& id) {
  Open& open = results_.at(id);
  ARROW_ASSIGN_OR_RAISE(const auto batch, NextBatch(*open.reader));
  if (batch == nullptr) return Status::UnknownError("the result has no batch");
  open.rows += batch->num_rows();
  ARROW_ASSIGN_OR_RAISE(Json first, ValueOf(*batch->column(0), 0));
  return Json{{"first", std::move(first)}};
}

Result<Json> Client::Rest(const std::string& id) {
  Open open = std::move(results_.extract(id).mapped());
  const auto count = [&](const RecordBatch& batch) {
    open.rows += batch.num_rows();
    return Status::OK();
  };
  ARROW_RETURN_NOT_OK(EachBatch(*open.reader, count));
  return Json{{"total", open.rows}};
}

// By the action for it: the stream then ends with an error.
Result<Json> Client::Cancel(const std::string& id) {
  Open open = std::move(results_.extract(id).mapped());
  flight::CancelFlightInfoRequest request(
      std::make_unique<flight::FlightInfo>(*open.info));
  ARROW_RETURN_NOT_OK(open.session->CancelFlightInfo({}, request));
  const Status ended =
      EachBatch(*open.reader, [](const RecordBatch&) { return Status::OK(); });
  if (ended.ok()) {
    return Status::UnknownError("the cancelled result ended as if it were whole");
  }
  return Json::object();
}

// By cancelling the call.
Result<Json> Client::CancelWhile(Session& session, const std::string& text) {
  ARROW_ASSIGN_OR_RAISE(const Info info, session.Execute({}, text));
  ARROW_ASSIGN_OR_RAISE(const auto reader,
                        session.DoGet({}, info->endpoints().at(0).ticket));
  std::mutex mutex;
  std::condition_variable ended;
  bool done = false;
  std::thread canceller([&] {
    std::unique_lock lock(mutex);
    while (!ended.wait_for(lock, std::chrono::milliseconds(100), [&] { return done; })) {
      reader->Cancel();
    }
  });
  const Status status =
      EachBatch(*reader, [](const RecordBatch&) { return Status::OK(); });
  {
    std::lock_guard lock(mutex);
    done = true;
  }
  ended.notify_one();
  canceller.join();
  ARROW_RETURN_NOT_OK(status);
  return Json::object();
}

Result<Json> Client::Ingest(Session& session, const Json& step) {
  ARROW_ASSIGN_OR_RAISE(const auto batch, BatchOf(step["columns"], step["rows"]));
  ARROW_ASSIGN_OR_RAISE(const auto reader, arrow::RecordBatchReader::Make({batch}));
  ARROW_ASSIGN_OR_RAISE(const auto mode, IngestMode(step["mode"].get<std::string>()));
  ARROW_ASSIGN_OR_RAISE(
      const int64_t count,
      session.ExecuteIngest({}, reader, mode, step["ingest"].get<std::string>(),
                            std::nullopt, std::nullopt, /*temporary=*/false,
                            TransactionOf(step)));
  return Counted(count);
}

Result<Json> Client::Transact(Session& session, const Json& step) {
  const std::string kind = step.begin().key();
  const auto id = step.begin().value().get<std::string>();
  if (kind == "begin") {
    ARROW_ASSIGN_OR_RAISE(auto transaction, session.BeginTransaction({}));
    transactions_.insert_or_assign(id, std::move(transaction));
    return Json::object();
  }
  const auto transaction = std::move(transactions_.extract(id).mapped());
  ARROW_RETURN_NOT_OK(kind == "commit" ? session.Commit({}, transaction)
                                       : session.Rollback({}, transaction));
  return Json::object();
}

Result<Json> Client::Tables(Session& session, const Json& wanted) {
  const auto pattern = wanted["name"].get<std::string>();
  const auto types = wanted.value("types", std::vector<std::string>());
  ARROW_ASSIGN_OR_RAISE(const Info info,
                        session.GetTables({}, nullptr, nullptr, &pattern, false,
                                          types.empty() ? nullptr : &types));
  Json names = Json::array();
  const auto add = [&](const RecordBatch& batch) {
    const auto& column = static_cast<const arrow::StringArray&>(*batch.column(2));
    for (int64_t row = 0; row < column.length(); ++row) {
      names.push_back(column.GetString(row));
    }
    return Status::OK();
  };
  ARROW_RETURN_NOT_OK(EachBatch(session, {}, *info, add));
  return Json{{"names", std::move(names)}};
}

Result<Json> Client::TableSchema(Session& session, const std::string& table) {
  ARROW_ASSIGN_OR_RAISE(const Info info,
                        session.GetTables({}, nullptr, nullptr, &table, true, nullptr));
  Json fields = Json::array();
  const auto add = [&](const RecordBatch& batch) -> Status {
    const auto& column = static_cast<const arrow::BinaryArray&>(*batch.column(4));
    for (int64_t row = 0; row < column.length(); ++row) {
      arrow::io::BufferReader bytes(
          arrow::Buffer::FromString(std::string(column.GetView(row))));
      arrow::ipc::DictionaryMemo memo;
      ARROW_ASSIGN_OR_RAISE(const auto schema, arrow::ipc::ReadSchema(&bytes, &memo));
      fields = FieldsOf(*schema);
    }
    return Status::OK();
  };
  ARROW_RETURN_NOT_OK(EachBatch(session, {}, *info, add));
  return Json{{"fields", std::move(fields)}};
}

Result<Json> Client::Prepare(Session& session, const std::string& text) {
  ARROW_ASSIGN_OR_RAISE(const auto statement, session.Prepare({}, text));
  Json answer{{"fields", FieldsOf(*statement->dataset_schema())},
              {"parameter_count", statement->parameter_schema()->num_fields()}};
  ARROW_RETURN_NOT_OK(statement->Close());
  return answer;
}

Result<Json> Client::SetSchema(Session& session, const std::string& name) {
  ARROW_ASSIGN_OR_RAISE(const auto result,
                        session.SetSessionOptions(
                            {}, flight::SetSessionOptionsRequest({{"schema", name}})));
  if (!result.errors.empty()) return Status::Invalid(result.ToString());
  return Json::object();
}

}  // namespace conformance
