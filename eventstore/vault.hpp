// The keys under which persons' words and names are sealed when they are stored, so that erasing a key erases them and
// every hash of the log stays as it is. A person is known as an actor: the name of a key, or `agent:ID` of a human
// agent. What the server writes may quote persons ("nobody has decided yet: …"): in an execution that holds sealed
// words it is sealed under a key of the execution's, which goes with that of any person who wrote there. The name of a
// key that is made for an agent nobody knows as a person is sealed under a key for that alone: the agent may turn out
// to be one, and then it goes with the person's.
//
// Who is erased gets another key at once, which goes, and what it has sealed, when the store is next opened to write: a
// server that runs still has words in memory, and may quote them until it ends.
//
// Kept in the same store as the events: `take_changes` gives the rows that must be written with them, in one atomic
// write (keys.hpp has their keys). A row's key never holds a name.
// Threads: any for `find`, `is_erased`, `subjects`; the rest by the appending thread. Private to the room but for what
// stores give of it.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "domain/event_record.hpp"
#include "domain/result.hpp"

namespace planexe::eventstore {

/// Random. Stands before every piece that its key has sealed, and stays when the key is gone.
using sealing_id = std::array<std::uint8_t, 8>;

struct sealing_key {
  sealing_id id{};
  std::array<std::uint8_t, 32> secret{};
};

/// A row of the store; without a value: deleted.
struct vault_row {
  std::string key;
  std::optional<std::string> value;
};

/// Whose words can be erased.
struct known_subject {
  std::string name;            ///< as an actor, while its key is there
  std::string erased;          ///< how it will be called afterwards, in events and in `subject_erased`
  std::size_t executions = 0;  ///< in which it has written something
};

/// Whether what this actor writes is a person's: whoever has a key with a name. Of human agents the vault itself knows.
bool is_named_person(std::string_view actor);
/// `erased:` and `sealed:` with the id in hexadecimal digits: how somebody is called whose key is not there.
std::string erased_name(const sealing_id& id);
std::string sealed_name(const sealing_id& id);

class vault {
 public:
  /// Takes up rows that `take_changes` gave once; false: no such row.
  bool restore(std::string_view key, std::string_view value);

  std::optional<sealing_key> find(const sealing_id& id) const;
  bool is_erased(const sealing_id& id) const;
  /// By name. Without those who were erased and of whom nothing has been sealed since.
  std::vector<known_subject> subjects() const;

  /// Nothing: nobody of that name, and no execution that has sealed words.
  const sealing_key* of_subject(const std::string& name) const;
  const sealing_key* of_quotes(const std::string& execution) const;
  /// Makes a key where there is none. Null: the machine gives no random bytes.
  const sealing_key* enroll(const std::string& name);
  /// What the names of an agent's keys are sealed under, `agent` as an actor; made where it is missing. Null as above.
  const sealing_key* of_key_names(const std::string& agent);
  /// Something was sealed under a key: whoever was erased before is somebody again.
  void note_use(const sealing_key& key);
  /// The subject has written in the execution; its key of quotes is there afterwards. False: no random bytes.
  bool note_words(const sealing_key& subject, const std::string& execution);

  enum class erased_one : std::uint8_t { done, unknown, no_random_bytes };
  /// `subject`: as it will be called (`known_subject::erased`). Forgets its key and those of the quotes in its
  /// executions.
  erased_one erase(const std::string& subject);

  struct erasure {
    std::string name;
    std::vector<std::string> executions;
  };
  /// Somebody was erased since the store was last opened to write: what is derived from the log may still have words
  /// that replay does not give any more. Any thread.
  bool has_erasures_to_finish() const;
  /// What was sealed since the erasures that this store has seen goes, too. Gives whose they were.
  std::vector<erasure> finish_erasures();

  /// Since the last time.
  std::vector<vault_row> take_changes();
  /// All that `restore` takes.
  std::vector<vault_row> rows() const;

 private:
  enum class holder : char {
    subject = 's',
    unused_subject = 'u',  ///< who was erased; nothing has been sealed under it
    quotes = 'q',
    key_names = 'n',       ///< of an agent
    doomed_subject = 'd',  ///< erased already; holds until the store is opened again
    doomed_quotes = 'r',
    erased = 'x',
  };
  struct entry {
    holder whose = holder::erased;
    std::string name;
    sealing_key key;
  };
  static bool is_of_subject(holder whose);
  std::unordered_map<std::string, sealing_id>& index_of(holder whose);
  const sealing_key* make(holder whose, const std::string& name);
  static vault_row row_of(const entry& made);
  void bury(const sealing_id& id);
  void bury_one(std::unordered_map<std::string, sealing_id>& index, const std::string& name);
  bool is_doomed(const sealing_id& id) const { return entries_.at(id).whose == holder::doomed_subject; }
  bool can_be_erased(const sealing_id& id) const { return entries_.at(id).whose == holder::subject; }

  mutable std::shared_mutex mutex_;  // for writing: the appending thread alone, which reads without it
  std::map<sealing_id, entry> entries_;
  std::unordered_map<std::string, sealing_id> subjects_;   // by name
  std::unordered_map<std::string, sealing_id> quotes_;     // by execution
  std::unordered_map<std::string, sealing_id> key_names_;  // by agent, as an actor
  std::map<sealing_id, std::set<std::string>> wrote_in_;   // by subject: executions
  std::vector<vault_row> changes_;
};

}  // namespace planexe::eventstore
