// `planexe-ax erase`: erases the words and the name of a person, or lists whose can be erased.
#pragma once

#include <ostream>
#include <string>

namespace planexe::erasing {

struct erase_order {
  std::string subject;  ///< `agent:ID` of a human agent, or the name of a person's key
  std::string data_folder;
  std::string reason;
  std::string actor;  ///< who asks for it, as the event says it
  bool list = false;
  bool json = false;
};

/// The exit code: 0 done, 1 found a problem, 2 wrong use.
int run_erase(const erase_order& order, std::ostream& out, std::ostream& err);

}  // namespace planexe::erasing
