// The command `planexe-ax keys`: makes, lists and revokes keys, through a running server or in a data folder that no
// server has open. One thread; blocks until it is done; nothing is thrown.
#pragma once

#include <optional>
#include <ostream>
#include <string>

#include "apps/usual_server.hpp"

namespace planexe::keys {

struct keys_order {
  enum class verb : std::uint8_t { create, list, revoke } what = verb::list;
  std::string role = "operator";  ///< admin, operator, viewer or agent
  std::string name;
  std::string agent;
  std::optional<double> expires_days;
  std::string key_id;  ///< of revoke
  bool json = false;
  std::string url = answers::usual_server;
  std::string data_folder;  ///< where given, instead of the server
  std::string actor;        ///< who does it, for the record of the data folder
};

/// A new key goes to `out`, alone on its line, what there is to say about it to `err`. Returns 0 when it is done, 1
/// when it was refused or nobody could be asked, 2 when it was asked wrongly.
int run_keys(const keys_order& order, std::ostream& out, std::ostream& err);

}  // namespace planexe::keys
