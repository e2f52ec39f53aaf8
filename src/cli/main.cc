#include <cstdlib>

#include <CLI/CLI.hpp>

#include "base/version.h"

int main(int argc, char** argv) {
  CLI::App app{"Serves and reads Arrow data over Flight and Flight SQL."};
  app.name("pinion");
  app.set_version_flag("--version", pinion::base::kVersion);
  CLI11_PARSE(app, argc, argv);
  return EXIT_SUCCESS;
}
