#include "cli/compression_option.h"

namespace pinion::cli {

void AddCompressionOption(CLI::App& app, std::string& compression) {
  app.add_option("--compression", compression,
                 "Have the server compress what it computes, for slow links")
      ->check(CLI::IsMember({"none", "lz4", "zstd"}));
}

}  // namespace pinion::cli
