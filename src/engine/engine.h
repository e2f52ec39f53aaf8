#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include <arrow/result.h>
#include <arrow/status.h>

#include "engine/engine_info.h"
#include "engine/error.h"
#include "engine/session.h"
#include "engine/statement.h"

namespace pinion::data {
class Catalog;
}  // namespace pinion::data

namespace pinion::engine {

struct EngineOptions {
  // A database file, created if it does not exist and read_only is false. Empty: a
  // database in memory.
  std::string database_path = {};
  // Refuses every statement that writes, on every path.
  bool read_only = false;
  // 0: the engine's default (four fifths of the machine's).
  std::int64_t memory_limit_bytes = 0;
  // 0: as many as the machine has cores.
  int threads = 0;
  // Where the engine may spill to. Empty: a folder of its own below the system's
  // temporary one, removed at the end.
  std::string temp_directory = {};
  // 0: what is free on that disk.
  std::int64_t max_temp_bytes = 0;
  // How much of their results the engine may have ready before they are read, all
  // together; a result that is open has at least 4 MiB of it all the same.
  std::int64_t result_buffer_bytes = std::int64_t{256} << 20;
  // A transaction that nobody uses for so long is rolled back.
  std::chrono::milliseconds transaction_timeout = std::chrono::minutes(5);
  // The longest a statement and its stream may take; 0: no limit.
  std::chrono::milliseconds statement_timeout{0};
  // Statements, open results and transactions that may exist at once; more wait for
  // `connection_wait`, then fail with kLimit.
  int max_connections = 1024;
  std::chrono::milliseconds connection_wait = std::chrono::seconds(10);
};

struct SessionOptions {
  // Whose session it is; transactions are bound to it.
  std::string user = {};
  bool read_only = false;
  // Shared by callers who have no session of their own: refuses what would change its
  // state. Options set at opening hold for all of them.
  bool stateless = false;
  // As for Session::SetOption.
  std::map<std::string, OptionValue> options = {};
};

// SQL over the datasets of a catalog and over a database of its own.
//
// Thread-safe. Each dataset appears as a view of its name, from when it is added to the
// data::Catalog until it is removed there; a table of the same name in the database
// comes first. A dataset whose types the engine cannot take gives an error that says so
// when a statement names it. SQL reaches no file beside the datasets and the database.
class Engine {
 public:
  // The engine that this build has. `catalog` is shared with the caller.
  static arrow::Result<std::unique_ptr<Engine>> Create(
      const EngineOptions& options, std::shared_ptr<data::Catalog> catalog);

  // Closes it.
  virtual ~Engine() = default;

  virtual const EngineInfo& info() const = 0;

  virtual arrow::Result<std::shared_ptr<Session>> OpenSession(
      const SessionOptions& options) = 0;

  // A stateless session of no user. It lives as long as the engine.
  virtual std::shared_ptr<Session> default_session() = 0;

  // Cancels what runs, rolls back what is open, writes the database out. Sessions and
  // streams that still exist answer kUnavailable. Idempotent.
  virtual arrow::Status Close() = 0;
};

}  // namespace pinion::engine
