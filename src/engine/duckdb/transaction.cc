#include "engine/duckdb/transaction.h"

#include <utility>

#include "base/random_id.h"
#include "engine/error.h"

namespace pinion::engine::duck {
namespace {

// Beyond so many, those that have ended are forgotten.
constexpr size_t kKeptTransactions = 1024;

}  // namespace

Transaction::Use::Use(std::shared_ptr<Transaction> transaction)
    : transaction_(std::move(transaction)) {
  ++transaction_->uses_;
}

Transaction::Use::~Use() {
  transaction_->last_use_ = Timer::Clock::now();
  --transaction_->uses_;
}

arrow::Result<std::shared_ptr<Transaction>> Transaction::Begin(
    std::shared_ptr<Core> core, std::shared_ptr<Connection> connection,
    std::string user) {
  ARROW_RETURN_NOT_OK(connection->Begin());
  return Adopt(std::move(core), std::move(connection), std::move(user));
}

std::shared_ptr<Transaction> Transaction::Adopt(std::shared_ptr<Core> core,
                                                std::shared_ptr<Connection> connection,
                                                std::string user) {
  std::shared_ptr<Transaction> transaction(
      new Transaction(std::move(core), std::move(connection), std::move(user)));
  transaction->Watch();
  return transaction;
}

Transaction::Transaction(std::shared_ptr<Core> core,
                         std::shared_ptr<Connection> connection, std::string user)
    : core_(std::move(core)),
      user_(std::move(user)),
      connection_(std::move(connection)) {}

Transaction::~Transaction() { (void)End(TransactionEnd::kRollback); }

arrow::Result<std::shared_ptr<Connection>> Transaction::Open() {
  base::MutexLock lock(mutex_);
  if (connection_ == nullptr) return ended_;
  return connection_;
}

void Transaction::Watch() {
  const auto timeout = core_->options().transaction_timeout;
  if (timeout.count() <= 0) return;
  base::MutexLock lock(mutex_);
  if (connection_ == nullptr) return;
  alarm_ = core_->timer().Set(last_use_.load() + timeout, [weak = weak_from_this()] {
    if (auto transaction = weak.lock()) transaction->ExpireIfIdle();
  });
}

void Transaction::ExpireIfIdle() {
  const auto timeout = core_->options().transaction_timeout;
  std::shared_ptr<Connection> connection;
  std::unique_ptr<Timer::Alarm> alarm;
  {
    // A Use begins before Open: whoever opens it from here on finds that it has ended.
    base::MutexLock lock(mutex_);
    if (connection_ == nullptr) return;
    if (uses_ > 0) {
      last_use_ = Timer::Clock::now();
    } else if (last_use_.load() + timeout <= Timer::Clock::now()) {
      connection = std::exchange(connection_, nullptr);
      ended_ = MakeError(ErrorClass::kTransaction,
                         "the transaction was rolled back because nothing used it for " +
                             std::to_string(timeout.count()) + " ms",
                         std::nullopt, "25P03");
      alarm = std::move(alarm_);
    }
  }
  if (connection == nullptr) {
    Watch();
  } else {
    (void)Finish(*connection, TransactionEnd::kRollback);
  }
}

arrow::Status Transaction::End(TransactionEnd end) {
  std::shared_ptr<Connection> connection;
  std::unique_ptr<Timer::Alarm> alarm;
  {
    base::MutexLock lock(mutex_);
    if (connection_ == nullptr) return ended_;
    connection = std::exchange(connection_, nullptr);
    ended_ = MakeError(ErrorClass::kTransaction, "the transaction has ended");
    alarm = std::move(alarm_);
  }
  return Finish(*connection, end);
}

arrow::Status Transaction::Finish(Connection& connection, TransactionEnd end) {
  executions_.StopAll(StopReason::kTransactionEnded, /*forever=*/true);
  if (end == TransactionEnd::kRollback) return connection.Rollback();
  auto status = connection.Commit();
  if (!status.ok()) (void)connection.Rollback();
  return status;
}

void Transaction::Forget() {
  std::shared_ptr<Connection> connection;
  std::unique_ptr<Timer::Alarm> alarm;
  base::MutexLock lock(mutex_);
  connection = std::move(connection_);
  connection_ = nullptr;
  alarm = std::move(alarm_);
  ended_ = MakeError(ErrorClass::kTransaction, "the transaction has ended");
}

bool Transaction::ended() {
  base::MutexLock lock(mutex_);
  return connection_ == nullptr;
}

std::string TransactionRegistry::Add(std::shared_ptr<Transaction> transaction) {
  base::MutexLock lock(mutex_);
  if (transactions_.size() >= kKeptTransactions) {
    std::erase_if(transactions_, [](const auto& entry) { return entry.second->ended(); });
  }
  auto id = base::RandomId();
  transactions_.emplace(id, std::move(transaction));
  return id;
}

arrow::Result<std::shared_ptr<Transaction>> TransactionRegistry::Find(
    const std::string& id, const std::string& user) {
  base::MutexLock lock(mutex_);
  const auto it = transactions_.find(id);
  if (it == transactions_.end() || it->second->user() != user) {
    return MakeError(ErrorClass::kTransaction,
                     "there is no open transaction with this id: it has ended, or it was "
                     "never begun");
  }
  return it->second;
}

void TransactionRegistry::Remove(const std::string& id) {
  std::shared_ptr<Transaction> removed;  // destroyed after the lock is released
  base::MutexLock lock(mutex_);
  const auto it = transactions_.find(id);
  if (it == transactions_.end()) return;
  removed = std::move(it->second);
  transactions_.erase(it);
}

void TransactionRegistry::RollbackAll() {
  std::map<std::string, std::shared_ptr<Transaction>> all;
  {
    base::MutexLock lock(mutex_);
    all.swap(transactions_);
  }
  for (auto& [id, transaction] : all) {
    (void)transaction->End(TransactionEnd::kRollback);
  }
}

}  // namespace pinion::engine::duck
