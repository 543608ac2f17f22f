// Erasing a person's words from a data folder, and the list of whose words can be erased. One thread; blocks.
#pragma once

#include <string>
#include <vector>

#include "domain/time.hpp"
#include "eventstore/vault.hpp"
#include "projections/left_behind.hpp"

namespace planexe::erasing {

struct erased_subject {
  std::string subject;     ///< as it was called
  std::string called_now;  ///< as events call it from now on
  std::size_t executions = 0;
  projections::left_behind left;
};

/// Also while a server has the folder open.
result<std::vector<eventstore::known_subject>> list_subjects(const std::string& folder);

/// Deletes the subject's key, records that, and rewrites the files that held it or copies of its words. `errc::locked`
/// while a server has the folder open, `errc::not_found` for nobody whose words are sealed.
result<erased_subject> erase_in_folder(const std::string& folder, const std::string& subject, const std::string& reason,
                                       const std::string& actor, domain::timestamp now);

}  // namespace planexe::erasing
