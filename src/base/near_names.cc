#include "base/near_names.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace pinion::base {
namespace {

constexpr size_t kMaxListBytes = 500;  // keeps the whole line below 1 KB
constexpr size_t kMaxComparedBytes = 256;

char LowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string Folded(std::string_view name) {
  std::string folded(name.substr(0, kMaxComparedBytes));
  std::transform(folded.begin(), folded.end(), folded.begin(), LowerAscii);
  return folded;
}

// Insertions, deletions, replacements and swaps of neighbours that lead from a to b.
size_t EditDistance(std::string_view a, std::string_view b) {
  std::vector<size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

// The length of the UTF-8 character that begins at `i`, or 0 if it is not a valid one.
size_t CharacterLength(std::string_view text, size_t i) {
  const auto byte = [&](size_t k) { return static_cast<uint8_t>(text[k]); };
  const uint8_t lead = byte(i);
  size_t length = 0;
  if (lead < 0x80) return lead >= 0x20 && lead != 0x7f ? 1 : 0;
  if (lead >= 0xc2 && lead < 0xe0) length = 2;
  if (lead >= 0xe0 && lead < 0xf0) length = 3;
  if (lead >= 0xf0 && lead < 0xf5) length = 4;
  if (length == 0 || i + length > text.size()) return 0;
  for (size_t k = i + 1; k < i + length; ++k) {
    if ((byte(k) & 0xc0) != 0x80) return 0;
  }
  const uint8_t second = byte(i + 1);
  if (lead == 0xc2 && second < 0xa0) return 0;   // control characters
  if (lead == 0xe0 && second < 0xa0) return 0;   // overlong
  if (lead == 0xed && second >= 0xa0) return 0;  // surrogates
  if (lead == 0xf0 && second < 0x90) return 0;   // overlong
  if (lead == 0xf4 && second >= 0x90) return 0;  // beyond the last character
  return length;
}

}  // namespace

std::vector<std::string> NearNames(std::string_view wanted,
                                   const std::vector<std::string>& names, size_t limit) {
  const std::string target = Folded(wanted);
  if (target.empty()) return {};
  const size_t tolerance = std::max<size_t>(1, target.size() / 3);
  std::vector<std::pair<size_t, const std::string*>> near;
  for (const std::string& name : names) {
    const std::string folded = Folded(name);
    const bool extends = folded.size() >= 3 && target.size() >= 3 &&
                         (folded.starts_with(target) || target.starts_with(folded));
    if (extends) {
      near.emplace_back(folded.size() == target.size() ? 0 : 1, &name);
      continue;
    }
    const size_t lengths_differ =
        std::max(folded.size(), target.size()) - std::min(folded.size(), target.size());
    if (lengths_differ > tolerance) continue;
    const size_t distance = EditDistance(target, folded);
    if (distance <= tolerance && distance < std::max(target.size(), folded.size())) {
      near.emplace_back(distance, &name);
    }
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> result;
  for (const auto& [distance, name] : near) {
    if (result.size() == limit) break;
    result.push_back(*name);
  }
  return result;
}

std::string QuoteForMessage(std::string_view name, size_t max_bytes) {
  std::string quoted = "'";
  for (size_t i = 0; i < name.size();) {
    const size_t length = CharacterLength(name, i);
    if (quoted.size() - 1 + std::max<size_t>(length, 1) > max_bytes) {
      return quoted + "…'";
    }
    if (length == 0) {
      quoted += '?';
      ++i;
    } else {
      quoted += name.substr(i, length);
      i += length;
    }
  }
  return quoted + "'";
}

std::string UnknownName(std::string_view kind, std::string_view wanted,
                        const std::vector<std::string>& names) {
  std::string line = "unknown ";
  line += kind;
  line += " " + QuoteForMessage(wanted);
  const std::vector<std::string> near = NearNames(wanted, names, 2);
  for (size_t i = 0; i < near.size(); ++i) {
    line += (i == 0 ? "; did you mean " : " or ") + QuoteForMessage(near[i]);
  }
  if (!near.empty()) line += '?';
  if (names.empty()) return line + "; there is none";
  line += near.empty() ? "; there " : " There ";
  line += names.size() == 1 ? "is: " : "are: ";
  size_t listed_bytes = 0;
  for (size_t i = 0; i < names.size(); ++i) {
    const std::string quoted = QuoteForMessage(names[i]);
    if (listed_bytes + quoted.size() > kMaxListBytes) {
      return line + " and " + std::to_string(names.size() - i) + " more";
    }
    line += (i == 0 ? "" : ", ") + quoted;
    listed_bytes += quoted.size() + 2;
  }
  return line;
}

}  // namespace pinion::base
