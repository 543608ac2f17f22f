#include "plans/roles.hpp"

#include <algorithm>
#include <array>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr std::string_view filler = "and of the for a an to in or with e g";

/// Words that many roles share; they tell a job from a tool, not one job from another.
constexpr std::string_view common =
    "manager management specialist team lead leader project coordinator officer engineer expert consultant analyst "
    "member staff technician chief head assistant advisor director supervisor liaison support senior architect "
    "professional representative personnel";
constexpr double common_weight = 0.25;

struct spelling {
  std::string_view shorter;
  std::string_view written_out;
};

/// Abbreviations as resources use them. "it" is one: nobody needs "it" as a resource.
constexpr std::array<spelling, 34> abbreviations{{
    {"qa", "quality assurance"},
    {"qc", "quality control"},
    {"pm", "project manager"},
    {"pmo", "project management office"},
    {"hr", "human resource"},
    {"it", "information technology"},
    {"rd", "research development"},
    {"ceo", "chief executive officer"},
    {"cfo", "chief finance officer"},
    {"cto", "chief technology officer"},
    {"coo", "chief operation officer"},
    {"cmo", "chief marketing officer"},
    {"cio", "chief information officer"},
    {"ciso", "chief information security officer"},
    {"cso", "chief security officer"},
    {"dpo", "data protection officer"},
    {"pr", "public relation"},
    {"ux", "user experience"},
    {"ui", "user interface"},
    {"ml", "machine learning"},
    {"ai", "artificial intelligence"},
    {"sme", "subject matter expert"},
    {"ehs", "environment health safety"},
    {"hse", "health safety environment"},
    {"bd", "business development"},
    {"crm", "customer relationship"},
    {"ip", "intellectual property"},
    {"plc", "programmable controller"},
    {"gm", "general manager"},
    {"vp", "vice president"},
    {"dev", "software"},
    {"ops", "operation"},
    {"admin", "administrator"},
    {"comms", "communication"},
}};

/// Words for one trade. The right one is what names are compared by.
constexpr std::array<spelling, 30> trades{{
    {"financial", "finance"},
    {"accountant", "finance"},
    {"accounting", "finance"},
    {"lawyer", "legal"},
    {"attorney", "legal"},
    {"counsel", "legal"},
    {"solicitor", "legal"},
    {"law", "legal"},
    {"regulatory", "compliance"},
    {"permitting", "compliance"},
    {"permit", "compliance"},
    {"programmer", "software"},
    {"developer", "software"},
    {"coder", "software"},
    {"buyer", "procurement"},
    {"purchasing", "procurement"},
    {"sourcing", "procurement"},
    {"logistics", "logistic"},
    {"environmental", "environment"},
    {"ecologist", "environment"},
    {"marketer", "marketing"},
    {"trainer", "training"},
    {"instructor", "training"},
    {"educator", "training"},
    {"researcher", "research"},
    {"engineering", "engineer"},
    {"architecture", "architect"},
    {"medical", "health"},
    {"healthcare", "health"},
    {"statistician", "data"},
}};

/// A resource that ends so is a thing, whatever trade made it: "Scheduling software" is no software developer.
constexpr std::string_view things =
    "software tool equipment system template material document documentation data report form budget checklist library "
    "standard record platform dashboard license plan tracker calendar";
constexpr double thing_factor = 0.5;

/// Shared weight over all weight of the two names. At a third, "Construction crew" meets "Construction Foreman" and
/// "Project charter" does not meet "Project Manager".
constexpr double similar_enough = 0.33;
/// Plans tend to name the one who does it first: a later resource must be this much more alike for each place.
constexpr double later_resource = 0.05;

// With the limits on roles and resources these bound the search; real names have up to seven words and three parts.
constexpr std::size_t max_name_words = 12;
constexpr std::size_t max_name_parts = 4;

// Votes of words: a role's name says more than its description, a task's title more than its description, and a word
// that several roles share is divided among them.
constexpr double name_vote = 3;
constexpr double title_factor = 2;
constexpr double enough_votes = 3;        // the title names half of a role, or the description much of it
constexpr double ahead_of_second = 1.25;  // times the second's votes
constexpr std::size_t max_description_words = 120;
constexpr std::size_t min_vote_bytes = 4;  // shorter words are about anything

double weight(const std::string& word) {
  return holds_word(common, word) ? common_weight : 1.0;
}

template <std::size_t N>
std::string_view look_up(const std::array<spelling, N>& list, std::string_view word) {
  for (const auto& entry : list)
    if (entry.shorter == word) return entry.written_out;
  return {};
}

/// Singular, and one word for one trade.
std::string plain(std::string word) {
  word = singular(std::move(word));
  const auto trade = look_up(trades, word);
  return trade.empty() ? word : std::string{trade};
}

void add_once(std::vector<std::string>& list, std::string word) {
  if (list.size() < max_name_words && std::find(list.begin(), list.end(), word) == list.end())
    list.push_back(std::move(word));
}

/// The words that count, each once, abbreviations written out.
std::vector<std::string> name_words(std::string_view text) {
  std::vector<std::string> result;
  const auto all = words(text);
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::string word = all[i];
    if (word == "r" && i + 1 < all.size() && all[i + 1] == "d") {
      word = "rd";
      ++i;
    }
    if (holds_word(filler, word)) continue;
    if (const auto written_out = look_up(abbreviations, word); !written_out.empty())
      for_each_word(written_out, [&](std::string_view one) { add_once(result, plain(std::string{one})); });
    else
      add_once(result, plain(std::move(word)));
  }
  return result;
}

std::string initials(std::string_view name) {
  std::string letters;
  for (const auto& word : words(name))
    if (!holds_word(filler, word)) letters += word.front();
  return letters;
}

/// Between the two certainties of a similar name.
double certainty_of(double likeness) {
  const double share = std::clamp((likeness - similar_enough) / (1 - similar_enough), 0.0, 1.0);
  return certainty_similar_least + share * (certainty_similar_most - certainty_similar_least);
}

}  // namespace

role_matcher::role_matcher(const std::vector<domain::team_role>& team) : roles_(std::min(team.size(), max_team_roles)) {
  for (std::size_t role = 0; role < roles_; ++role) {
    add_name(role, team[role].name);
    std::string_view rest = team[role].name;
    for (std::size_t parts = 0; parts < max_name_parts && !rest.empty(); ++parts) {
      const std::size_t end = rest.find_first_of("/()");
      add_name(role, rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
  add_initials(team);
  add_votes(team);
}

void role_matcher::add_name(std::size_t role, std::string_view name) {
  const auto all = name_words(name);
  if (all.empty() || !by_name_.emplace(all, role).second) return;
  double total = 0;
  for (const auto& word : all) {
    by_word_[word].push_back(names_.size());
    total += weight(word);
  }
  names_.push_back({role, total});
}

/// Initials of two roles mean neither.
void role_matcher::add_initials(const std::vector<domain::team_role>& team) {
  std::map<std::string, std::vector<std::size_t>> owners;
  for (std::size_t role = 0; role < roles_; ++role)
    if (auto letters = initials(team[role].name); letters.size() > 1) owners[letters].push_back(role);
  for (const auto& [letters, roles] : owners)
    if (roles.size() == 1) by_name_.emplace(std::vector<std::string>{letters}, roles.front());
}

void role_matcher::add_votes(const std::vector<domain::team_role>& team) {
  const auto add = [&](std::size_t role, const std::string& word, double votes) {
    if (word.size() < min_vote_bytes || holds_word(common, word)) return;
    auto& list = votes_[word];
    if (list.empty() || list.back().role != role) list.push_back({role, 0});
    list.back().weight = std::max(list.back().weight, votes);
  };
  for (std::size_t role = 0; role < roles_; ++role) {
    for (const auto& word : name_words(team[role].name)) add(role, word, name_vote);
    auto described = words(team[role].description);
    described.resize(std::min(described.size(), max_description_words));
    for (auto& word : described) add(role, plain(std::move(word)), 1);
  }
  for (auto& [word, list] : votes_)
    for (auto& one : list) one.weight /= static_cast<double>(list.size() * list.size());
}

std::optional<role_matcher::likeness> role_matcher::similar(const std::vector<std::string>& resource) const {
  double total = 0;
  std::vector<double> shared(names_.size(), 0);  // per name
  for (const auto& word : resource) {
    total += weight(word);
    const auto found = by_word_.find(word);
    if (found == by_word_.end()) continue;
    for (const std::size_t name : found->second) shared[name] += weight(word);
  }
  std::optional<likeness> best;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const double value = shared[i] / (total + names_[i].weight - shared[i]);
    if (value > (best ? best->value : similar_enough)) best = likeness{names_[i].role, value};
  }
  return best;
}

std::optional<role_match> role_matcher::find(const std::vector<std::string>& resources) const {
  std::vector<std::vector<std::string>> prepared;
  prepared.reserve(resources.size());
  for (const auto& resource : resources) {
    if (const auto role = by_name_.find(words(resource)); role != by_name_.end())  // initials
      return role_match{role->second, role_fit::exact, certainty_exact};
    prepared.push_back(name_words(resource));
  }
  for (const auto& resource : prepared)
    if (const auto role = by_name_.find(resource); role != by_name_.end())
      return role_match{role->second, role_fit::exact, certainty_exact};
  std::optional<role_match> best;
  double best_value = 0;
  for (std::size_t i = 0; i < prepared.size(); ++i) {
    auto found = similar(prepared[i]);
    if (!found) continue;
    const auto own = words(resources[i]);
    if (!own.empty() && holds_word(things, singular(own.back()))) found->value *= thing_factor;
    if (found->value <= similar_enough) continue;
    const double value = found->value - later_resource * static_cast<double>(i);
    if (best && value <= best_value) continue;
    best = role_match{found->role, role_fit::similar, certainty_of(found->value)};
    best_value = value;
  }
  return best;
}

std::optional<role_match> role_matcher::find_by_words(std::string_view title, std::string_view description) const {
  std::vector<double> sums(roles_, 0);
  std::vector<std::string> seen;
  const auto count = [&](std::string_view text, double factor) {
    for (auto& raw : words(text)) {
      if (raw.size() < min_vote_bytes || seen.size() == max_description_words) continue;
      std::string word = plain(std::move(raw));
      const auto found = votes_.find(word);
      if (found == votes_.end() || std::find(seen.begin(), seen.end(), word) != seen.end()) continue;
      for (const auto& one : found->second) sums[one.role] += factor * one.weight;
      seen.push_back(std::move(word));
    }
  };
  count(title, title_factor);
  count(description, 1);
  if (sums.empty()) return std::nullopt;
  const auto best = std::max_element(sums.begin(), sums.end());
  double second = 0;
  for (auto at = sums.begin(); at != sums.end(); ++at)
    if (at != best) second = std::max(second, *at);
  if (*best < enough_votes || *best < second * ahead_of_second) return std::nullopt;
  return role_match{static_cast<std::size_t>(best - sums.begin()), role_fit::words, certainty_words};
}

}  // namespace planexe::plans
