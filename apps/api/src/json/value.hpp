// The JSON tree that the whole program shares: Boost.JSON's, under short names.
#pragma once
#include <boost/json.hpp>

namespace retell::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

}  // namespace retell::json
