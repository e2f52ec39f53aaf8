#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace pinion {

// A file to serve.
struct DatasetSource {
  // How clients call it; empty for the file's name without its extension.
  std::string name;
  // Feather V2 (Arrow IPC file), IPC stream, Parquet or CSV.
  std::string path;
};

// How to run a Server. Every default is that of `pinion serve`.
struct ServerOptions {
  std::vector<DatasetSource> datasets;

  // Keeps the datasets decoded in memory, so that nothing is read or decoded for a
  // stream: as many bytes as they have without compression. The files are read once, at
  // the start, and not looked at any more.
  bool preload = false;
  // The most that may take, 0 for half of the machine's memory (or the container's). The
  // server does not start if it is not enough.
  int64_t preload_limit_bytes = 0;

  // Where to listen: "grpc://HOST:PORT", with port 0 for any that is free, or
  // "grpc+unix:///absolute/path".
  std::vector<std::string> listen = {"grpc://127.0.0.1:8815"};

  // Refuses whatever writes, on every path.
  bool read_only = false;

  // A DuckDB database file, created if need be; empty for one in memory.
  std::string database;
  // A folder for datasets that clients upload, which must exist; empty refuses them.
  std::string upload_folder;
  // How they are compressed there: "none", "lz4" or "zstd". Without, an upload takes less
  // time, its streams no decompression, and the files, often, three times as much room.
  std::string upload_compression = "lz4";

  // Calls in flight at a time, streams included; each takes a thread.
  int max_calls = 1024;
  // The largest message that a client may send: it is held in memory.
  int64_t max_receive_bytes = int64_t{256} << 20;
  // How what is computed or decoded is compressed for clients that can read it and do not
  // say what they want: "none", "lz4" or "zstd". A Feather file goes out as it is.
  std::string compression = "none";
  // What a stream may produce ahead of its client.
  int64_t read_ahead_bytes = int64_t{16} << 20;

  // The SQL engine: 0 for four fifths of the machine's memory, and for all its cores.
  int64_t memory_limit_bytes = 0;
  int threads = 0;
  // What it may have ready of all open results together before they are read; each may
  // have 4 MiB all the same.
  int64_t result_buffer_bytes = int64_t{256} << 20;
  // Where it may spill to; empty for a folder of its own below the system's temporary
  // one.
  std::string temp_folder;
  // The longest that a statement with its result may take; 0 for no limit.
  std::chrono::milliseconds statement_timeout{0};
};

}  // namespace pinion
