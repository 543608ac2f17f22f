#include "gateway/auth/ticket_office.hpp"

#include "gateway/auth/key_text.hpp"

namespace planexe::gateway {

expected<issued_ticket, problem> ticket_office::issue(const caller_ptr& who, domain::timestamp now) {
  issued_ticket issued{draw_ticket(), now + lifetime};
  auto digest = secret_digest(issued.text);
  const std::lock_guard lock{mutex_};
  forget_old(now);
  if (by_digest_.size() >= most_open) return unexpected{unavailable("too many tickets are open already", 10)};
  auto& open = open_by_caller_[who.get()];
  if (open >= most_open_each)
    return unexpected{problem{problem_code::rate_limited,
                              "this key has " + std::to_string(most_open_each) + " tickets open already",
                              {},
                              {{"Retry-After", "10"}}}};
  ++open;
  const auto place = in_order_.emplace(in_order_.end(), issued.expires_at, digest);
  by_digest_.emplace(std::move(digest), entry{who, place});
  return issued;
}

caller_ptr ticket_office::redeem(std::string_view text, domain::timestamp now) {
  const auto digest = secret_digest(text);
  const std::lock_guard lock{mutex_};
  forget_old(now);
  const auto found = by_digest_.find(digest);
  if (found == by_digest_.end()) return nullptr;
  // Where the clock was set back an old one may stand behind a younger one, and is not forgotten yet.
  auto who = now < found->second.place->first ? found->second.who : nullptr;
  remove(found);
  return who;
}

std::size_t ticket_office::open() const {
  const std::lock_guard lock{mutex_};
  return by_digest_.size();
}

std::size_t ticket_office::remembered() const {
  const std::lock_guard lock{mutex_};
  return in_order_.size();
}

void ticket_office::forget_old(domain::timestamp now) {
  while (!in_order_.empty() && in_order_.front().first <= now) remove(by_digest_.find(in_order_.front().second));
}

void ticket_office::remove(std::unordered_map<std::string, entry>::iterator found) {
  const auto count = open_by_caller_.find(found->second.who.get());
  if (--count->second == 0) open_by_caller_.erase(count);
  in_order_.erase(found->second.place);
  by_digest_.erase(found);
}

}  // namespace planexe::gateway
