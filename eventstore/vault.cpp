#include "eventstore/vault.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cstdlib>
#include <mutex>

#include "eventstore/keys.hpp"

namespace planexe::eventstore {
namespace {

constexpr std::string_view erased_prefix = "erased:", sealed_prefix = "sealed:";

std::string_view as_text(const sealing_id& id) {
  return {reinterpret_cast<const char*>(id.data()), id.size()};
}

std::string named(std::string_view prefix, const sealing_id& id) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string name{prefix};
  for (const auto byte : id) {
    name += digits[byte >> 4U];
    name += digits[byte & 15U];
  }
  return name;
}

/// An agent's id stays: its events are told apart by it, and it says nothing of the person.
std::string name_afterwards(const std::string& subject, const sealing_id& id) {
  return subject.starts_with("agent:") ? subject : erased_name(id);
}

template <std::size_t Size>
bool draw(std::array<std::uint8_t, Size>& bytes) {
  return RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
}

/// Takes an id off the front.
std::optional<sealing_id> take_id(std::string_view& bytes) {
  sealing_id id;
  if (bytes.size() < id.size()) return std::nullopt;
  std::copy_n(bytes.begin(), id.size(), id.begin());
  bytes.remove_prefix(id.size());
  return id;
}

}  // namespace

bool is_named_person(std::string_view actor) {
  // Whoever was erased and has a key yet is called `erased:…`, and writes.
  return !actor.empty() && actor != "system" && actor != "person" && !actor.starts_with("agent:") &&
         !actor.starts_with(sealed_prefix);
}

std::string erased_name(const sealing_id& id) {
  return named(erased_prefix, id);
}

std::string sealed_name(const sealing_id& id) {
  return named(sealed_prefix, id);
}

bool vault::restore(std::string_view key, std::string_view value) {
  const std::unique_lock lock{mutex_};
  const bool is_key = key.starts_with(keys::vault()), is_place = key.starts_with(keys::places_of_words());
  if (!is_key && !is_place) return false;
  key.remove_prefix(1);
  const auto id = take_id(key);
  if (!id) return false;
  if (is_place) {
    wrote_in_[*id].insert(std::string(key));
    // Of a salvaged log the row that says so may be lost.
    const auto writer = entries_.find(*id);
    if (writer != entries_.end() && writer->second.whose == holder::unused_subject)
      writer->second.whose = holder::subject;
    return true;
  }
  if (!key.empty() || value.empty()) return false;
  entry found{.whose = static_cast<holder>(value.front()), .name = {}, .key = {.id = *id, .secret = {}}};
  value.remove_prefix(1);
  if (is_of_subject(found.whose) || found.whose == holder::quotes || found.whose == holder::doomed_quotes ||
      found.whose == holder::key_names) {
    auto& secret = found.key.secret;
    if (value.size() < secret.size()) return false;
    std::copy_n(value.begin(), secret.size(), secret.begin());
    found.name = value.substr(secret.size());
    index_of(found.whose)[found.name] = *id;
  } else if (found.whose != holder::erased) {
    return false;
  }
  entries_[*id] = std::move(found);
  return true;
}

std::optional<sealing_key> vault::find(const sealing_id& id) const {
  const std::shared_lock lock{mutex_};
  const auto found = entries_.find(id);
  if (found == entries_.end() || found->second.whose == holder::erased) return std::nullopt;
  return found->second.key;
}

bool vault::is_erased(const sealing_id& id) const {
  const std::shared_lock lock{mutex_};
  const auto found = entries_.find(id);
  return found != entries_.end() && found->second.whose == holder::erased;
}

std::vector<known_subject> vault::subjects() const {
  const std::shared_lock lock{mutex_};
  std::vector<known_subject> all;
  for (const auto& [name, id] : subjects_) {
    if (!can_be_erased(id)) continue;
    const auto places = wrote_in_.find(id);
    all.push_back({name, name_afterwards(name, id), places == wrote_in_.end() ? 0 : places->second.size()});
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return all;
}

const sealing_key* vault::of_subject(const std::string& name) const {
  const auto found = subjects_.find(name);
  return found == subjects_.end() ? nullptr : &entries_.at(found->second).key;
}

const sealing_key* vault::of_quotes(const std::string& execution) const {
  const auto found = quotes_.find(execution);
  return found == quotes_.end() ? nullptr : &entries_.at(found->second).key;
}

const sealing_key* vault::enroll(const std::string& name) {
  const auto* known = of_subject(name);
  return known != nullptr ? known : make(holder::subject, name);
}

const sealing_key* vault::of_key_names(const std::string& agent) {
  const auto found = key_names_.find(agent);
  return found == key_names_.end() ? make(holder::key_names, agent) : &entries_.at(found->second).key;
}

void vault::note_use(const sealing_key& key) {
  auto& used = entries_.at(key.id);
  if (used.whose != holder::unused_subject) return;
  const std::unique_lock lock{mutex_};
  used.whose = holder::subject;
  changes_.push_back(row_of(used));
}

bool vault::note_words(const sealing_key& subject, const std::string& execution) {
  const auto whose = is_doomed(subject.id) ? holder::doomed_quotes : holder::quotes;
  if (of_quotes(execution) == nullptr && make(whose, execution) == nullptr) return false;
  const auto places = wrote_in_.find(subject.id);
  if (places != wrote_in_.end() && places->second.contains(execution)) return true;
  const std::unique_lock lock{mutex_};
  wrote_in_[subject.id].insert(execution);
  changes_.push_back({keys::place_of_words(as_text(subject.id), execution), std::string{}});
  return true;
}

vault::erased_one vault::erase(const std::string& subject) {
  const auto is_meant = [&](const auto& known) {
    return can_be_erased(known.second) && name_afterwards(known.first, known.second) == subject;
  };
  const auto found = std::find_if(subjects_.begin(), subjects_.end(), is_meant);
  if (found == subjects_.end()) return erased_one::unknown;
  const auto [name, id] = *found;
  const auto places = wrote_in_.find(id);
  const auto executions = places == wrote_in_.end() ? std::set<std::string>{} : places->second;
  {
    const std::unique_lock lock{mutex_};
    subjects_.erase(found);
    bury(id);
    bury_one(key_names_, name);
    if (places != wrote_in_.end()) wrote_in_.erase(places);
    for (const auto& execution : executions) {
      changes_.push_back({keys::place_of_words(as_text(id), execution), std::nullopt});
      bury_one(quotes_, execution);
    }
  }
  const auto* next = make(holder::doomed_subject, name);
  if (next == nullptr) return erased_one::no_random_bytes;
  for (const auto& execution : executions)
    if (!note_words(*next, execution)) return erased_one::no_random_bytes;
  return erased_one::done;
}

bool vault::has_erasures_to_finish() const {
  const std::shared_lock lock{mutex_};
  return std::any_of(entries_.begin(), entries_.end(), [](const auto& each) {
    return each.second.whose == holder::doomed_subject || each.second.whose == holder::doomed_quotes;
  });
}

std::vector<vault::erasure> vault::finish_erasures() {
  std::unique_lock lock{mutex_};
  std::vector<erasure> finished;
  for (auto at = subjects_.begin(); at != subjects_.end();) {
    if (!is_doomed(at->second)) {
      ++at;
      continue;
    }
    erasure done{.name = at->first, .executions = {}};
    const auto id = at->second;
    for (const auto& execution : wrote_in_[id]) {
      done.executions.push_back(execution);
      changes_.push_back({keys::place_of_words(as_text(id), execution), std::nullopt});
      bury_one(quotes_, execution);
    }
    wrote_in_.erase(id);
    bury(id);
    at = subjects_.erase(at);
    finished.push_back(std::move(done));
  }
  lock.unlock();
  // Without random bytes nothing can be sealed, and nothing must be stored in clear instead.
  const auto sure = [](const sealing_key* made) {
    if (made == nullptr) std::abort();
  };
  for (const auto& done : finished) {
    // It keeps its id, and may go on writing.
    if (done.name.starts_with("agent:")) sure(make(holder::unused_subject, done.name));
    for (const auto& execution : done.executions) {  // what others wrote there may yet be quoted
      const bool by_others = std::any_of(wrote_in_.begin(), wrote_in_.end(),
                                         [&](const auto& each) { return each.second.contains(execution); });
      if (by_others && of_quotes(execution) == nullptr) sure(make(holder::quotes, execution));
    }
  }
  return finished;
}

std::vector<vault_row> vault::take_changes() {
  return std::exchange(changes_, {});
}

const sealing_key* vault::make(holder whose, const std::string& name) {
  entry made{.whose = whose, .name = name, .key = {}};
  if (!draw(made.key.id) || !draw(made.key.secret)) return nullptr;
  const std::unique_lock lock{mutex_};
  changes_.push_back(row_of(made));
  index_of(whose)[name] = made.key.id;
  return &entries_.insert_or_assign(made.key.id, std::move(made)).first->second.key;
}

std::vector<vault_row> vault::rows() const {
  const std::shared_lock lock{mutex_};
  std::vector<vault_row> all;
  for (const auto& [id, known] : entries_) all.push_back(row_of(known));
  for (const auto& [id, executions] : wrote_in_)
    for (const auto& execution : executions)
      all.push_back({keys::place_of_words(as_text(id), execution), std::string{}});
  return all;
}

vault_row vault::row_of(const entry& made) {
  std::string value(1, static_cast<char>(made.whose));
  if (made.whose != holder::erased)
    value.append(reinterpret_cast<const char*>(made.key.secret.data()), made.key.secret.size()).append(made.name);
  return {keys::sealing_key(as_text(made.key.id)), std::move(value)};
}

bool vault::is_of_subject(holder whose) {
  return whose == holder::subject || whose == holder::unused_subject || whose == holder::doomed_subject;
}

std::unordered_map<std::string, sealing_id>& vault::index_of(holder whose) {
  if (is_of_subject(whose)) return subjects_;
  return whose == holder::key_names ? key_names_ : quotes_;
}

void vault::bury_one(std::unordered_map<std::string, sealing_id>& index, const std::string& name) {
  const auto found = index.find(name);
  if (found == index.end()) return;
  bury(found->second);
  index.erase(found);
}

void vault::bury(const sealing_id& id) {
  auto& gone = entries_.at(id);
  gone = {.whose = holder::erased, .name = {}, .key = {.id = id, .secret = {}}};
  changes_.push_back(row_of(gone));
}

}  // namespace planexe::eventstore
