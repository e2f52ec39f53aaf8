#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <string>

#include <arrow/result.h>
#include <arrow/status.h>

#include "base/mutex.h"
#include "engine/duckdb/connection.h"
#include "engine/duckdb/core.h"
#include "engine/duckdb/execution_control.h"
#include "engine/duckdb/timer.h"
#include "engine/session.h"

namespace pinion::engine::duck {

// A transaction that outlives a statement, on a connection of its own. Left alone for
// EngineOptions::transaction_timeout, it is rolled back.
//
// Thread-safe. Owned by the registry, or by the session whose SQL text began it; the
// statements that run in it hold it too.
class Transaction : public std::enable_shared_from_this<Transaction> {
 public:
  // Begins it. `connection` is in no transaction.
  static arrow::Result<std::shared_ptr<Transaction>> Begin(
      std::shared_ptr<Core> core, std::shared_ptr<Connection> connection,
      std::string user);
  // Takes over a connection on which SQL text has begun one.
  static std::shared_ptr<Transaction> Adopt(std::shared_ptr<Core> core,
                                            std::shared_ptr<Connection> connection,
                                            std::string user);
  ~Transaction();

  // Marks the transaction as in use while it lives.
  class Use {
   public:
    explicit Use(std::shared_ptr<Transaction> transaction);
    ~Use();
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;

   private:
    const std::shared_ptr<Transaction> transaction_;
  };

  // Its connection; kTransaction when it has ended.
  arrow::Result<std::shared_ptr<Connection>> Open() PINION_EXCLUDES(mutex_);
  // Stopped with the transaction.
  ExecutionSet& executions() { return executions_; }

  arrow::Status End(TransactionEnd end) PINION_EXCLUDES(mutex_);
  // For one that SQL text has ended on its connection.
  void Forget() PINION_EXCLUDES(mutex_);
  bool ended() PINION_EXCLUDES(mutex_);
  const std::string& user() const { return user_; }

 private:
  Transaction(std::shared_ptr<Core> core, std::shared_ptr<Connection> connection,
              std::string user);

  void Watch() PINION_EXCLUDES(mutex_);
  void ExpireIfIdle() PINION_EXCLUDES(mutex_);
  // On a connection that was taken from this.
  arrow::Status Finish(Connection& connection, TransactionEnd end);

  const std::shared_ptr<Core> core_;
  const std::string user_;
  ExecutionSet executions_;
  std::atomic<int> uses_{0};
  std::atomic<Timer::Clock::time_point> last_use_{Timer::Clock::now()};
  base::Mutex mutex_;
  // Null once it has ended; `ended_` says how.
  std::shared_ptr<Connection> connection_ PINION_GUARDED_BY(mutex_);
  arrow::Status ended_ PINION_GUARDED_BY(mutex_);
  std::unique_ptr<Timer::Alarm> alarm_ PINION_GUARDED_BY(mutex_);
};

// The transactions that clients hold by their ids. One that was rolled back by its time
// limit stays for a while, to say so. Thread-safe.
class TransactionRegistry {
 public:
  // Returns the id.
  std::string Add(std::shared_ptr<Transaction> transaction) PINION_EXCLUDES(mutex_);
  // kTransaction if there is none of this user's by that id.
  arrow::Result<std::shared_ptr<Transaction>> Find(const std::string& id,
                                                   const std::string& user)
      PINION_EXCLUDES(mutex_);
  void Remove(const std::string& id) PINION_EXCLUDES(mutex_);
  void RollbackAll() PINION_EXCLUDES(mutex_);

 private:
  base::Mutex mutex_;
  std::map<std::string, std::shared_ptr<Transaction>> transactions_
      PINION_GUARDED_BY(mutex_);
};

}  // namespace pinion::engine::duck
