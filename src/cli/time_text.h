#pragma once

#include <cstdint>
#include <string>

#include <arrow/type_fwd.h>

namespace pinion::cli {

// Dates and times as ISO 8601 writes them, for the whole range of their integers. Years
// outside 0000 to 9999 have a sign. A fraction of a second has the digits of the unit,
// and is left out where it is zero. Each appends to `out`.

// Days since 1970-01-01.
void AppendDate(int64_t days, std::string* out);

// Since midnight.
void AppendTime(int64_t value, arrow::TimeUnit::type unit, std::string* out);

// Since 1970-01-01 00:00. `separator` stands between date and time; `utc` adds a Z.
void AppendTimestamp(int64_t value, arrow::TimeUnit::type unit, char separator, bool utc,
                     std::string* out);

// "PT1.5S", "P1DT2H", "-PT3S": a duration, whose days have 24 hours.
void AppendDuration(int64_t value, arrow::TimeUnit::type unit, std::string* out);

// "P1Y2M3DT4.5S": a calendar interval, whose parts have signs of their own.
void AppendInterval(int64_t months, int64_t days, int64_t nanoseconds, std::string* out);

}  // namespace pinion::cli
