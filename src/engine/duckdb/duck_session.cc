#include "engine/duckdb/duck_session.h"

#include <algorithm>
#include <utility>

#include <duckdb/catalog/catalog_search_path.hpp>
#include <duckdb/main/client_data.hpp>
#include <duckdb/parser/expression/constant_expression.hpp>
#include <duckdb/parser/statement/set_statement.hpp>

#include "engine/duckdb/dataset_views.h"
#include "engine/duckdb/duck_statement.h"
#include "engine/duckdb/error_translation.h"
#include "engine/duckdb/result_stream.h"

namespace pinion::engine::duck {
namespace {

duckdb::CatalogSearchEntry DatasetsEntry() {
  return {duckdb::Identifier(kDatasetsCatalog), duckdb::Identifier("main")};
}

}  // namespace

DuckSession::DuckSession(std::shared_ptr<Core> core, const SessionOptions& options,
                         bool permanent)
    : core_(std::move(core)),
      user_(options.user),
      read_only_(options.read_only || core_->options().read_only),
      stateless_(options.stateless),
      permanent_(permanent) {}

arrow::Result<std::shared_ptr<DuckSession>> DuckSession::Open(
    std::shared_ptr<Core> core, const SessionOptions& options, bool permanent) {
  std::shared_ptr<DuckSession> session(
      new DuckSession(std::move(core), options, permanent));
  ARROW_ASSIGN_OR_RAISE(auto connection, session->core_->Connect());
  {
    base::MutexLock lock(session->mutex_);
    session->home_ =
        std::make_shared<Connection>(session->core_, std::move(connection), nullptr);
    ARROW_RETURN_NOT_OK(session->SetSearchPath(std::nullopt, std::nullopt));
  }
  for (const auto& [name, value] : options.options) {
    ARROW_RETURN_NOT_OK(session->ApplyOption(name, value));
  }
  return session;
}

DuckSession::~DuckSession() { (void)Shut(); }

arrow::Status DuckSession::CheckOpen() {
  if (closed_) return MakeError(ErrorClass::kCancelled, "the session is closed");
  return arrow::Status::OK();
}

arrow::Result<std::shared_ptr<Statement>> DuckSession::Prepare(
    const std::string& sql, const PrepareOptions& options) {
  return DuckStatement::Prepare(shared_from_this(), sql, options);
}

void DuckSession::Configure(duckdb::ClientContext& context) {
  auto& home = home_->context();
  auto& home_data = duckdb::ClientData::Get(home);
  auto& data = duckdb::ClientData::Get(context);
  context.config = home.config;
  data.temporary_objects = home_data.temporary_objects;
  data.catalog_search_path->Set(home_data.catalog_search_path->GetSetPaths(),
                                duckdb::CatalogSetPathType::SET_DIRECTLY);
}

arrow::Result<std::unique_ptr<duckdb::Connection>> DuckSession::Connect() {
  ARROW_ASSIGN_OR_RAISE(auto connection, core_->Connect());
  base::MutexLock lock(mutex_);
  ARROW_RETURN_NOT_OK(CheckOpen());
  ARROW_RETURN_NOT_OK(Guard([&]() PINION_REQUIRES(mutex_) -> arrow::Status {
    Configure(*connection->context);
    return arrow::Status::OK();
  }));
  return connection;
}

arrow::Result<std::shared_ptr<Connection>> DuckSession::TransactionConnection(
    const std::string& transaction_id) {
  std::shared_ptr<Transaction> transaction;
  if (!transaction_id.empty()) {
    ARROW_ASSIGN_OR_RAISE(transaction, core_->transactions().Find(transaction_id, user_));
  } else {
    base::MutexLock lock(mutex_);
    transaction = text_transaction_;
  }
  if (transaction == nullptr) return nullptr;
  return transaction->Open();
}

arrow::Result<DuckSession::Place> DuckSession::Enter(const std::string& transaction_id,
                                                     Execution& execution) {
  executions_.Add(execution.shared_control());
  Place place;
  if (!transaction_id.empty()) {
    ARROW_ASSIGN_OR_RAISE(place.transaction,
                          core_->transactions().Find(transaction_id, user_));
  } else {
    base::MutexLock lock(mutex_);
    ARROW_RETURN_NOT_OK(CheckOpen());
    place.transaction = text_transaction_;
    place.by_text = place.transaction != nullptr;
  }
  if (place.transaction != nullptr) {
    execution.Hold(std::make_shared<Transaction::Use>(place.transaction));
    ARROW_ASSIGN_OR_RAISE(place.connection, place.transaction->Open());
    place.transaction->executions().Add(execution.shared_control());
    return place;
  }
  ARROW_ASSIGN_OR_RAISE(place.permit, core_->budget()->Acquire(execution.stop()));
  return place;
}

arrow::Status DuckSession::Connect(Place& place) {
  if (place.connection != nullptr) return arrow::Status::OK();
  ARROW_ASSIGN_OR_RAISE(auto connection, Connect());
  place.connection =
      std::make_shared<Connection>(core_, std::move(connection), place.permit);
  return arrow::Status::OK();
}

arrow::Status DuckSession::Leave(const Place& place) {
  const bool open = place.connection->InTransaction();
  if (place.transaction != nullptr && !place.by_text) return arrow::Status::OK();
  if (place.by_text) {
    if (open) return arrow::Status::OK();
    place.transaction->Forget();
    base::MutexLock lock(mutex_);
    if (text_transaction_ == place.transaction) text_transaction_.reset();
    return arrow::Status::OK();
  }
  if (!open) return arrow::Status::OK();
  if (stateless_) {
    ARROW_RETURN_NOT_OK(place.connection->Rollback());
    return MakeError(ErrorClass::kTransaction,
                     "the text began a transaction and did not end it, and there is no "
                     "session to keep it: it was rolled back");
  }
  auto adopted = Transaction::Adopt(core_, place.connection, user_);
  base::MutexLock lock(mutex_);
  if (text_transaction_ != nullptr) {
    return MakeError(ErrorClass::kTransaction,
                     "another statement of this session began a transaction meanwhile");
  }
  text_transaction_ = std::move(adopted);
  return arrow::Status::OK();
}

arrow::Result<std::string> DuckSession::BeginTransaction() {
  ARROW_ASSIGN_OR_RAISE(auto permit, core_->budget()->Acquire({}));
  ARROW_ASSIGN_OR_RAISE(auto connection, Connect());
  ARROW_ASSIGN_OR_RAISE(
      auto transaction,
      Transaction::Begin(
          core_,
          std::make_shared<Connection>(core_, std::move(connection), std::move(permit)),
          user_));
  return core_->transactions().Add(std::move(transaction));
}

arrow::Status DuckSession::EndTransaction(const std::string& transaction_id,
                                          TransactionEnd end) {
  ARROW_ASSIGN_OR_RAISE(auto transaction,
                        core_->transactions().Find(transaction_id, user_));
  auto status = transaction->End(end);
  core_->transactions().Remove(transaction_id);
  return status;
}

arrow::Result<std::string> DuckSession::BeginSavepoint(const std::string&,
                                                       const std::string&) {
  return MakeError(
      ErrorClass::kNotSupported,
      core_->info().name + " " + core_->info().version + " has no savepoints");
}

arrow::Status DuckSession::EndSavepoint(const std::string&, TransactionEnd) {
  return BeginSavepoint({}, {}).status();
}

void DuckSession::KeepDatasetsInPath() {
  auto& path = *duckdb::ClientData::Get(home_->context()).catalog_search_path;
  auto entries = path.GetSetPaths();
  if (entries.empty()) {
    entries.emplace_back(duckdb::Identifier(core_->database_name()),
                         duckdb::Identifier("main"));
  }
  const bool there = std::any_of(entries.begin(), entries.end(), [](const auto& entry) {
    return entry.GetCatalog() == kDatasetsCatalog;
  });
  if (!there) entries.push_back(DatasetsEntry());
  path.Set(std::move(entries), duckdb::CatalogSetPathType::SET_DIRECTLY);
}

uint64_t DuckSession::Version() {
  const uint64_t shared = core_->catalog_version() + core_->views().catalog_generation();
  base::MutexLock lock(mutex_);
  return shared + settings_version_;
}

arrow::Status DuckSession::RunAtHome(const std::shared_ptr<Execution>& execution,
                                     duckdb::unique_ptr<duckdb::SQLStatement> statement) {
  ++settings_version_;
  auto& set = statement->Cast<duckdb::SetStatement>();
  const auto name = set.name.GetIdentifierName();
  const bool path = set.name == "schema" || set.name == "search_path";
  const bool variable = set.scope == duckdb::SetScope::VARIABLE;
  if (!path && !variable) set.scope = duckdb::SetScope::SESSION;
  const bool reset = set.set_type == duckdb::SetType::RESET;
  const auto text = statement->query;
  if (reset && !path && !variable) {
    // DuckDB would go back to its own default instead of the engine's.
    statement = duckdb::make_uniq<duckdb::SetVariableStatement>(
        set.name, duckdb::ConstantExpression::FromValue(core_->InitialSetting(name)),
        duckdb::SetScope::SESSION);
  }
  ARROW_ASSIGN_OR_RAISE(auto stream, home_->Start(execution, std::move(statement), {},
                                                  text, {.to_the_end = true}));
  ARROW_RETURN_NOT_OK(stream->ReadCount().status());
  if (path) {
    return Guard([&]() PINION_REQUIRES(mutex_) -> arrow::Status {
      KeepDatasetsInPath();
      return arrow::Status::OK();
    });
  }
  if (!variable && reset) changed_settings_.erase(name);
  if (!variable && !reset) changed_settings_.insert(name);
  return arrow::Status::OK();
}

arrow::Status DuckSession::Change(const std::shared_ptr<Execution>& execution,
                                  duckdb::unique_ptr<duckdb::SQLStatement> statement,
                                  Connection& connection) {
  base::MutexLock lock(mutex_);
  ARROW_RETURN_NOT_OK(CheckOpen());
  ARROW_RETURN_NOT_OK(RunAtHome(execution, std::move(statement)));
  return Guard([&]() PINION_REQUIRES(mutex_) -> arrow::Status {
    Configure(connection.context());
    return arrow::Status::OK();
  });
}

arrow::Status DuckSession::Close() {
  if (permanent_) return arrow::Status::OK();
  return Shut();
}

arrow::Status DuckSession::Shut() {
  std::shared_ptr<Connection> home;
  std::shared_ptr<Transaction> transaction;
  {
    base::MutexLock lock(mutex_);
    if (closed_) return arrow::Status::OK();
    closed_ = true;
    home = std::move(home_);
    transaction = std::move(text_transaction_);
  }
  executions_.StopAll(StopReason::kSessionClosed, /*forever=*/true);
  if (transaction != nullptr) return transaction->End(TransactionEnd::kRollback);
  return arrow::Status::OK();
}

}  // namespace pinion::engine::duck
