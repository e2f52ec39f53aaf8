#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <arrow/result.h>

#include "base/mutex.h"
#include "engine/session.h"
#include "flight/sql_handles.h"

namespace pinion::flight {

// A transaction that a client began: the engine's id stays here, so that only whoever
// holds the handle, and is its owner, can use it. Rolled back when it is dropped without
// an end.
class SqlTransaction {
 public:
  SqlTransaction(std::shared_ptr<engine::Session> session, std::string engine_id)
      : session_(std::move(session)), engine_id_(std::move(engine_id)) {}
  ~SqlTransaction();
  SqlTransaction(const SqlTransaction&) = delete;
  SqlTransaction& operator=(const SqlTransaction&) = delete;

  const std::string& engine_id() const { return engine_id_; }
  const std::shared_ptr<engine::Session>& session() const { return session_; }

  // The second of two fails.
  arrow::Status End(engine::TransactionEnd end) PINION_EXCLUDES(mutex_);

 private:
  const std::shared_ptr<engine::Session> session_;
  const std::string engine_id_;
  base::Mutex mutex_;
  bool ended_ PINION_GUARDED_BY(mutex_) = false;
};

// The transactions and savepoints of all clients.
//
// Thread-safe.
class SqlTransactions {
 public:
  // `now` is for tests.
  explicit SqlTransactions(HandleLimits limits,
                           const std::function<Clock::time_point()>& now = Clock::now);

  arrow::Result<std::string> Begin(const Caller& caller,
                                   std::shared_ptr<engine::Session> session);
  arrow::Status End(const Caller& caller, std::string_view handle,
                    engine::TransactionEnd end);
  // Null for an empty handle: no transaction.
  arrow::Result<std::shared_ptr<SqlTransaction>> Find(const Caller& caller,
                                                      std::string_view handle);

  arrow::Result<std::string> BeginSavepoint(const Caller& caller,
                                            std::string_view transaction,
                                            const std::string& name);
  arrow::Status EndSavepoint(const Caller& caller, std::string_view handle,
                             engine::TransactionEnd end);

  void Expire();
  void Clear();
  const HandleLimits& limits() const { return transactions_.limits(); }

 private:
  struct Savepoint {
    std::shared_ptr<SqlTransaction> transaction;
    std::string engine_id;
  };

  HandleStore<SqlTransaction> transactions_;
  HandleStore<Savepoint> savepoints_;
};

}  // namespace pinion::flight
