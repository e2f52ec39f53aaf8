#include "engine/duckdb/duck_engine.h"

#include <utility>

#include "data/catalog.h"
#include "engine/duckdb/core.h"
#include "engine/duckdb/duck_session.h"

namespace pinion::engine::duck {
namespace {

class DuckEngine : public Engine {
 public:
  DuckEngine(std::shared_ptr<Core> core, std::shared_ptr<DuckSession> default_session)
      : core_(std::move(core)), default_session_(std::move(default_session)) {}

  ~DuckEngine() override { (void)Close(); }

  const EngineInfo& info() const override { return core_->info(); }

  arrow::Result<std::shared_ptr<Session>> OpenSession(
      const SessionOptions& options) override {
    return DuckSession::Open(core_, options);
  }

  std::shared_ptr<Session> default_session() override { return default_session_; }

  arrow::Status Close() override { return core_->Close(); }

 private:
  const std::shared_ptr<Core> core_;
  const std::shared_ptr<DuckSession> default_session_;
};

}  // namespace

arrow::Result<std::unique_ptr<Engine>> CreateEngine(
    const EngineOptions& options, std::shared_ptr<data::Catalog> catalog) {
  if (catalog == nullptr) catalog = std::make_shared<data::Catalog>();
  ARROW_ASSIGN_OR_RAISE(auto core, Core::Open(options, std::move(catalog)));
  SessionOptions shared;
  shared.stateless = true;
  ARROW_ASSIGN_OR_RAISE(auto session,
                        DuckSession::Open(core, shared, /*permanent=*/true));
  return std::make_unique<DuckEngine>(std::move(core), std::move(session));
}

}  // namespace pinion::engine::duck
