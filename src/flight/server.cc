#include "pinion/server.h"

#include <filesystem>
#include <malloc.h>
#include <map>
#include <thread>
#include <utility>

#include <arrow/memory_pool.h>

#include "base/near_names.h"
#include "data/catalog.h"
#include "data/dataset.h"
#include "data/preload.h"
#include "engine/engine.h"
#include "flight/call_gate.h"
#include "flight/listener.h"
#include "flight/plain_service.h"
#include "flight/read_ahead_stream.h"
#include "flight/sql_service.h"

namespace pinion {
namespace {

using arrow::Result;
using arrow::Status;

// For calls that were told to stop to say so to their clients.
constexpr std::chrono::seconds kGrace{1};

// Opens files, and keeps what they hold in memory if it is asked for.
class DatasetOpener {
 public:
  explicit DatasetOpener(const ServerOptions& options)
      : preload_(options.preload),
        limit_(options.preload_limit_bytes > 0 ? options.preload_limit_bytes
                                               : data::MemoryBytes() / 2) {}

  Result<std::shared_ptr<const data::Dataset>> Open(const std::string& path) {
    ARROW_ASSIGN_OR_RAISE(std::shared_ptr<const data::Dataset> dataset,
                          data::OpenDataset(path));
    if (!preload_) return dataset;
    std::error_code error;
    const auto file = std::filesystem::canonical(path, error);
    auto& loaded = loaded_[error ? path : file.string()];
    if (loaded != nullptr) return loaded;
    const auto copy = data::Preload(*dataset, limit_ - used_);
    if (copy.status().IsCapacityError()) {
      return Status::CapacityError(
          copy.status().message(), ", and preloading may take ", limit_ >> 20,
          " MB in all; raise its limit, or serve the files without preloading");
    }
    ARROW_ASSIGN_OR_RAISE(loaded, copy);
    used_ += loaded->num_bytes();
    return loaded;
  }

 private:
  const bool preload_;
  const int64_t limit_;
  int64_t used_ = 0;
  // By path: a file may have several names.
  std::map<std::string, std::shared_ptr<const data::Dataset>> loaded_;
};

Result<std::shared_ptr<data::Catalog>> OpenAll(const ServerOptions& options) {
  auto catalog = std::make_shared<data::Catalog>();
  DatasetOpener opener(options);
  for (const DatasetSource& source : options.datasets) {
    ARROW_ASSIGN_OR_RAISE(auto dataset, opener.Open(source.path));
    std::string name =
        source.name.empty() ? data::DatasetNameOf(source.path) : source.name;
    ARROW_RETURN_NOT_OK(catalog->Add(std::move(name), std::move(dataset)));
  }
  return catalog;
}

Status CheckFolder(const std::string& folder) {
  std::error_code error;
  if (folder.empty() || std::filesystem::is_directory(folder, error)) return Status::OK();
  return Status::IOError("cannot keep uploads in ", base::QuoteForMessage(folder), ": ",
                         error ? error.message() : "it is not a folder");
}

Result<arrow::Compression::type> CompressionOf(const char* what,
                                               const std::string& name) {
  if (name == "none") return arrow::Compression::UNCOMPRESSED;
  if (name == "lz4") return arrow::Compression::LZ4_FRAME;
  if (name == "zstd") return arrow::Compression::ZSTD;
  return Status::Invalid("the compression of ", what, " is ", base::QuoteForMessage(name),
                         "; it can be none, lz4 or zstd");
}

engine::EngineOptions EngineOptionsOf(const ServerOptions& options) {
  engine::EngineOptions engine;
  engine.database_path = options.database;
  engine.read_only = options.read_only;
  engine.memory_limit_bytes = options.memory_limit_bytes;
  engine.threads = options.threads;
  engine.temp_directory = options.temp_folder;
  engine.statement_timeout = options.statement_timeout;
  engine.result_buffer_bytes = options.result_buffer_bytes;
  return engine;
}

// What a crowd of clients has left behind: the allocators keep the memory that the last
// threads freed, for threads that may not come again.
void ReturnFreedMemory() {
  arrow::default_memory_pool()->ReleaseUnused();
  ::malloc_trim(0);
}

}  // namespace

struct Server::Impl {
  ServerOptions options;
  std::vector<flight::ListenAddress> addresses;
  std::shared_ptr<data::Catalog> catalog;
  std::unique_ptr<engine::Engine> engine;
  // Before the parts and the listeners, whose calls it counts.
  std::shared_ptr<flight::CallGate> gate;
  std::unique_ptr<flight::SqlService> sql;
  std::unique_ptr<flight::PlainService> plain;
  std::vector<std::unique_ptr<flight::Listener>> listeners;
  std::vector<std::string> locations;

  Status StopListeners(std::chrono::milliseconds patience);
};

Result<std::unique_ptr<Server>> Server::Create(const ServerOptions& options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  // What costs nothing to check comes first.
  for (const std::string& uri : options.listen) {
    ARROW_ASSIGN_OR_RAISE(flight::ListenAddress address,
                          flight::ListenAddress::Parse(uri));
    impl->addresses.push_back(std::move(address));
  }
  ARROW_RETURN_NOT_OK(CheckFolder(options.upload_folder));
  ARROW_ASSIGN_OR_RAISE(const auto compression,
                        CompressionOf("results", options.compression));
  ARROW_ASSIGN_OR_RAISE(const auto upload_compression,
                        CompressionOf("uploads", options.upload_compression));
  ARROW_ASSIGN_OR_RAISE(impl->catalog, OpenAll(options));
  ARROW_ASSIGN_OR_RAISE(impl->engine,
                        engine::Engine::Create(EngineOptionsOf(options), impl->catalog));
  impl->gate = std::make_shared<flight::CallGate>(
      flight::GateOptions{.max_calls = options.max_calls,
                          .read_only = options.read_only,
                          .compression = compression,
                          .when_idle = ReturnFreedMemory});
  flight::SqlOptions sql_options;
  const auto read_ahead =
      std::make_shared<flight::ReadAheadShare>(options.read_ahead_bytes);
  sql_options.read_ahead = read_ahead;
  sql_options.read_only = options.read_only;
  impl->sql = std::make_unique<flight::SqlService>(*impl->engine, sql_options);
  impl->plain = std::make_unique<flight::PlainService>(
      impl->catalog,
      [sql = impl->sql.get()](const flight::Call& call) { return sql->SessionOf(call); },
      flight::PlainOptions{.read_ahead = read_ahead,
                           .upload_folder = options.upload_folder,
                           .upload_compression = upload_compression});
  ARROW_RETURN_NOT_OK(impl->plain->AddEarlierUploads());
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  const Status status = Shutdown(std::chrono::milliseconds(0));
  // Nobody is left to tell.
  if (!status.ok()) status.Warn();
}

Status Server::Start() {
  if (!impl_->listeners.empty()) return Status::Invalid("the server has been started");
  for (const flight::ListenAddress& address : impl_->addresses) {
    auto listener =
        flight::Listener::Start(address,
                                {.max_calls = impl_->options.max_calls,
                                 .max_receive_bytes = impl_->options.max_receive_bytes},
                                impl_->gate, *impl_->plain, *impl_->sql);
    if (!listener.ok()) {
      ARROW_RETURN_NOT_OK(impl_->StopListeners(std::chrono::milliseconds(0)));
      impl_->locations.clear();
      return listener.status();
    }
    impl_->locations.push_back((*listener)->location());
    impl_->listeners.push_back(*std::move(listener));
  }
  return Status::OK();
}

const std::vector<std::string>& Server::locations() const { return impl_->locations; }

Status Server::Shutdown(std::chrono::milliseconds patience) {
  impl_->gate->StopAccepting();
  ARROW_RETURN_NOT_OK(impl_->StopListeners(patience));
  return impl_->engine->Close();
}

Status Server::Impl::StopListeners(std::chrono::milliseconds patience) {
  // The listeners go on until the calls have ended, so that the gate can say to new ones
  // why it refuses them: gRPC itself would tell some that they were cancelled. And it
  // would cut the connections at the deadline, which a call that waits for the engine and
  // not for its client would not notice.
  gate->WaitIdle(std::chrono::system_clock::now() + patience);
  gate->StopAll();
  const auto deadline = std::chrono::system_clock::now() + kGrace;
  // All at once: each waits for its own calls.
  std::vector<Status> results(listeners.size());
  std::vector<std::thread> threads;
  for (size_t i = 0; i < listeners.size(); ++i) {
    threads.emplace_back([&, i] { results[i] = listeners[i]->Shutdown(deadline); });
  }
  for (std::thread& thread : threads) thread.join();
  listeners.clear();
  for (const Status& result : results) ARROW_RETURN_NOT_OK(result);
  return Status::OK();
}

}  // namespace pinion
