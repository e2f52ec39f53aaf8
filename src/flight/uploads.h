#pragma once

#include <memory>
#include <string>

#include <arrow/flight/server.h>
#include <arrow/status.h>

#include "data/catalog.h"
#include "flight/call_gate.h"

namespace pinion::flight {

// Datasets that clients send. Each becomes a Feather file in one folder and is served
// from when it is there as a whole: a client that vanishes, or sends what is no valid
// data, leaves nothing behind.
//
// Thread-safe; of several uploads of one name at the same time the first to end wins.
// Each call is admitted here for the dataset that it writes.
class Uploads {
 public:
  // Without a folder every upload is refused.
  Uploads(std::shared_ptr<data::Catalog> catalog, std::string folder)
      : catalog_(std::move(catalog)), folder_(std::move(folder)) {}

  // Reads the client's data to its end. AlreadyExists if there is a dataset of this name,
  // unless `replace`.
  arrow::Status Receive(const arrow::flight::ServerCallContext& context, const Call& call,
                        const std::string& name, bool replace,
                        arrow::flight::FlightMessageReader& reader) const;

 private:
  std::shared_ptr<data::Catalog> catalog_;
  const std::string folder_;
};

// The file of a dataset's name: the name itself where it can be one, else with the
// characters that cannot be there as %XX.
std::string FileNameOf(const std::string& dataset_name);

}  // namespace pinion::flight
