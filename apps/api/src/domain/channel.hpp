// How an agent is spoken with.
#pragma once
#include <cstdint>

#include "json/traits.hpp"

namespace retell::domain {

enum class Channel : std::uint8_t { voice, chat };
BOOST_DESCRIBE_ENUM(Channel, voice, chat)

}  // namespace retell::domain
