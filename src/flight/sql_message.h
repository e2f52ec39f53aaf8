#pragma once

#include <optional>
#include <string_view>

namespace pinion::flight {

// The type of a Flight SQL message packed in a google.protobuf.Any, such as
// "CommandStatementQuery", or std::nullopt for bytes that are anything else: SQL text,
// JSON, a ticket of our own. This is what tells Flight SQL from plain Flight, in commands
// and in tickets; the message itself is not looked at.
std::optional<std::string_view> SqlMessageName(std::string_view bytes);

}  // namespace pinion::flight
