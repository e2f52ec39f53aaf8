#include "cli/time_text.h"

#include <arrow/type.h>

namespace pinion::cli {

namespace {

constexpr int64_t kSecondsPerDay = 86400;

struct UnitSize {
  int64_t per_second;
  int digits;
};

UnitSize SizeOf(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return {1, 0};
    case arrow::TimeUnit::MILLI:
      return {1'000, 3};
    case arrow::TimeUnit::MICRO:
      return {1'000'000, 6};
    case arrow::TimeUnit::NANO:
      return {1'000'000'000, 9};
  }
  return {1, 0};
}

// With zeros in front up to `digits`.
void AppendPadded(uint64_t number, int digits, std::string* out) {
  const std::string text = std::to_string(number);
  for (int i = static_cast<int>(text.size()); i < digits; ++i) *out += '0';
  *out += text;
}

// The quotient rounded down and a remainder of 0 or more.
struct Split {
  int64_t quotient;
  int64_t remainder;
};

Split FloorDivide(int64_t value, int64_t divisor) {
  Split split{value / divisor, value % divisor};
  if (split.remainder < 0) {
    --split.quotient;
    split.remainder += divisor;
  }
  return split;
}

void AppendFraction(int64_t fraction, int digits, std::string* out) {
  if (fraction == 0) return;
  *out += '.';
  AppendPadded(static_cast<uint64_t>(fraction), digits, out);
}

// A fraction without the zeros at its end, as durations have it.
void AppendShortFraction(uint64_t fraction, int digits, std::string* out) {
  if (fraction == 0) return;
  *out += '.';
  AppendPadded(fraction, digits, out);
  while (out->ends_with('0')) out->pop_back();
}

void AppendClock(int64_t seconds_of_day, std::string* out) {
  AppendPadded(static_cast<uint64_t>(seconds_of_day / 3600), 2, out);
  *out += ':';
  AppendPadded(static_cast<uint64_t>(seconds_of_day / 60 % 60), 2, out);
  *out += ':';
  AppendPadded(static_cast<uint64_t>(seconds_of_day % 60), 2, out);
}

// Of any integer: the most negative one has no positive counterpart.
uint64_t Magnitude(int64_t value) {
  return value < 0 ? uint64_t{0} - static_cast<uint64_t>(value)
                   : static_cast<uint64_t>(value);
}

// "2H3M4.5S", of a number of units.
void AppendHours(uint64_t value, UnitSize unit, std::string* out) {
  const auto per_second = static_cast<uint64_t>(unit.per_second);
  const uint64_t seconds = value / per_second;
  const uint64_t fraction = value % per_second;
  if (seconds >= 3600) *out += std::to_string(seconds / 3600) + "H";
  if (seconds / 60 % 60 != 0) *out += std::to_string(seconds / 60 % 60) + "M";
  if (seconds % 60 != 0 || fraction != 0) {
    *out += std::to_string(seconds % 60);
    AppendShortFraction(fraction, unit.digits, out);
    *out += 'S';
  }
}

}  // namespace

void AppendDate(int64_t days, std::string* out) {
  // Counts from 0000-03-01, so that a leap day ends its year, in eras of 400 years.
  constexpr int64_t kDaysToEpoch = 719468;
  constexpr int64_t kDaysPerEra = 146097;
  const Split era = FloorDivide(days + kDaysToEpoch, kDaysPerEra);
  const int64_t day_of_era = era.remainder;
  const int64_t year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const int64_t day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const int64_t shifted_month = (5 * day_of_year + 2) / 153;
  const int64_t day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
  const int64_t month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  const int64_t year = era.quotient * 400 + year_of_era + (month <= 2 ? 1 : 0);
  if (year < 0) *out += '-';
  if (year > 9999) *out += '+';
  AppendPadded(Magnitude(year), 4, out);
  *out += '-';
  AppendPadded(static_cast<uint64_t>(month), 2, out);
  *out += '-';
  AppendPadded(static_cast<uint64_t>(day), 2, out);
}

void AppendTime(int64_t value, arrow::TimeUnit::type unit, std::string* out) {
  const UnitSize size = SizeOf(unit);
  const Split seconds = FloorDivide(value, size.per_second);
  // Outside of a day there is no such time; what is stored is still to be seen.
  if (seconds.quotient < 0 || seconds.quotient > kSecondsPerDay) {
    AppendDuration(value, unit, out);
    return;
  }
  AppendClock(seconds.quotient, out);
  AppendFraction(seconds.remainder, size.digits, out);
}

void AppendTimestamp(int64_t value, arrow::TimeUnit::type unit, char separator, bool utc,
                     std::string* out) {
  const UnitSize size = SizeOf(unit);
  const Split seconds = FloorDivide(value, size.per_second);
  const Split days = FloorDivide(seconds.quotient, kSecondsPerDay);
  AppendDate(days.quotient, out);
  *out += separator;
  AppendClock(days.remainder, out);
  AppendFraction(seconds.remainder, size.digits, out);
  if (utc) *out += 'Z';
}

void AppendDuration(int64_t value, arrow::TimeUnit::type unit, std::string* out) {
  const UnitSize size = SizeOf(unit);
  const uint64_t magnitude = Magnitude(value);
  const uint64_t per_day =
      static_cast<uint64_t>(kSecondsPerDay) * static_cast<uint64_t>(size.per_second);
  if (value < 0) *out += '-';
  *out += 'P';
  if (magnitude >= per_day) *out += std::to_string(magnitude / per_day) + "D";
  if (magnitude % per_day != 0) {
    *out += 'T';
    AppendHours(magnitude % per_day, size, out);
  } else if (magnitude == 0) {
    *out += "T0S";
  }
}

void AppendInterval(int64_t months, int64_t days, int64_t nanoseconds, std::string* out) {
  const size_t start = out->size();
  *out += 'P';
  if (months / 12 != 0) *out += std::to_string(months / 12) + "Y";
  if (months % 12 != 0) *out += std::to_string(months % 12) + "M";
  if (days != 0) *out += std::to_string(days) + "D";
  if (nanoseconds != 0) {
    *out += 'T';
    std::string hours;
    AppendHours(Magnitude(nanoseconds), SizeOf(arrow::TimeUnit::NANO), &hours);
    if (nanoseconds > 0) {
      *out += hours;
    } else {
      // Each part carries the sign.
      bool at_number = true;
      for (const char c : hours) {
        if (at_number) *out += '-';
        *out += c;
        at_number = c == 'H' || c == 'M';
      }
    }
  }
  if (out->size() == start + 1) *out += "T0S";
}

}  // namespace pinion::cli
