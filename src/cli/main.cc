#include "cli/program.h"

int main(int argc, char** argv) { return pinion::cli::Main(argc, argv); }
