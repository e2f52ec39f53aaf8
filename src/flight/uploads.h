#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include <arrow/flight/server.h>
#include <arrow/result.h>
#include <arrow/status.h>
#include <arrow/util/type_fwd.h>

#include "base/mutex.h"
#include "data/catalog.h"
#include "flight/call_gate.h"

namespace pinion::flight {

// Datasets that clients send. Each becomes a Feather file in one folder and is served
// from when it is there as a whole: a client that vanishes, or sends what is no valid
// data, leaves nothing behind. The next server with this folder serves them again.
//
// Thread-safe; of several uploads of one name at the same time the first has it. Each
// call is admitted here for the dataset that it writes.
class Uploads {
 public:
  // Without a folder every upload is refused. The compression is that of the files.
  Uploads(std::shared_ptr<data::Catalog> catalog, std::string folder,
          arrow::Compression::type compression)
      : catalog_(std::move(catalog)),
        folder_(std::move(folder)),
        compression_(compression) {}

  // Adds what earlier servers received. Fails, naming the file, for one that is broken or
  // whose name is taken.
  arrow::Status AddEarlier() const;

  // Reads the client's data to its end. AlreadyExists if there is a dataset of this name;
  // with `replace` only if that is no upload.
  arrow::Status Receive(const Call& call, const std::string& name, bool replace,
                        arrow::flight::FlightMessageReader& reader)
      PINION_EXCLUDES(mutex_);

 private:
  class Reservation;

  // The file of a dataset. Invalid for a name that cannot have one.
  arrow::Result<std::string> PathOf(const std::string& name) const;
  arrow::Status CheckFree(const std::string& name, const std::string& path,
                          bool replace) const;

  const std::shared_ptr<data::Catalog> catalog_;
  const std::string folder_;
  const arrow::Compression::type compression_;
  base::Mutex mutex_;
  // Those being received.
  std::set<std::string> names_ PINION_GUARDED_BY(mutex_);
};

// The file of a dataset's name: the name itself where it can be one, else with the
// characters that cannot be there as %XX.
std::string FileNameOf(const std::string& dataset_name);

// The reverse; std::nullopt for a file that FileNameOf makes of no name.
std::optional<std::string> DatasetNameOfFile(std::string_view file_name);

}  // namespace pinion::flight
