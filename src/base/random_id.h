#pragma once

#include <string>

namespace pinion::base {

// 128 bits from the operating system's random generator as 32 hexadecimal digits: for
// handles that a client holds and nobody else may guess (statements, transactions,
// sessions). Ends the process if the system has no randomness to give.
std::string RandomId();

}  // namespace pinion::base
