#include "flight/sql_transactions.h"

#include <utility>

namespace pinion::flight {

SqlTransaction::~SqlTransaction() {
  // Fails if the engine has rolled it back already, by its own time limit.
  (void)End(engine::TransactionEnd::kRollback);
}

arrow::Status SqlTransaction::End(engine::TransactionEnd end) {
  {
    base::MutexLock lock(mutex_);
    if (ended_) {
      return engine::MakeError(engine::ErrorClass::kTransaction,
                               "the transaction has ended already");
    }
    ended_ = true;
  }
  return session_->EndTransaction(engine_id_, end);
}

SqlTransactions::SqlTransactions(HandleLimits limits,
                                 const std::function<Clock::time_point()>& now)
    : transactions_(
          HandleScope::kConnection, limits, "transaction",
          "it has ended, was rolled back when its time limit passed, or belongs "
          "to another connection",
          now),
      savepoints_(HandleScope::kConnection, limits, "savepoint",
                  "it has ended, with its transaction or before, or belongs to another "
                  "connection",
                  now) {}

arrow::Result<std::string> SqlTransactions::Begin(
    const Caller& caller, std::shared_ptr<engine::Session> session) {
  ARROW_ASSIGN_OR_RAISE(std::string engine_id, session->BeginTransaction());
  return transactions_.Add(
      caller, std::make_shared<SqlTransaction>(std::move(session), std::move(engine_id)));
}

arrow::Status SqlTransactions::End(const Caller& caller, std::string_view handle,
                                   engine::TransactionEnd end) {
  ARROW_ASSIGN_OR_RAISE(auto transaction, transactions_.Take(handle, caller));
  return transaction->End(end);
}

arrow::Result<std::shared_ptr<SqlTransaction>> SqlTransactions::Find(
    const Caller& caller, std::string_view handle) {
  if (handle.empty()) return nullptr;
  return transactions_.Find(handle, caller);
}

arrow::Result<std::string> SqlTransactions::BeginSavepoint(const Caller& caller,
                                                           std::string_view transaction,
                                                           const std::string& name) {
  ARROW_ASSIGN_OR_RAISE(auto parent, transactions_.Find(transaction, caller));
  ARROW_ASSIGN_OR_RAISE(std::string engine_id,
                        parent->session()->BeginSavepoint(parent->engine_id(), name));
  return savepoints_.Add(
      caller, std::make_shared<Savepoint>(Savepoint{parent, std::move(engine_id)}));
}

arrow::Status SqlTransactions::EndSavepoint(const Caller& caller, std::string_view handle,
                                            engine::TransactionEnd end) {
  ARROW_ASSIGN_OR_RAISE(auto savepoint, savepoints_.Take(handle, caller));
  return savepoint->transaction->session()->EndSavepoint(savepoint->engine_id, end);
}

void SqlTransactions::Expire() {
  savepoints_.Expire();
  transactions_.Expire();
}

void SqlTransactions::Clear() {
  savepoints_.Clear();
  transactions_.Clear();
}

}  // namespace pinion::flight
