#include "projections/notification_views.hpp"

#include "projections/row_layout.hpp"

namespace planexe::projections {
namespace {

const std::string head_key = "head";

/// Numbers in the order of their digits.
std::string key_of(std::uint64_t number) {
  constexpr std::size_t most_digits = 20;
  auto digits = std::to_string(number);
  return std::string(most_digits - digits.size(), '0') + digits;
}

}  // namespace

result<void> notification_views::restore(const eventstore::derived_store::view_rows& rows) {
  for (const auto& [key, bytes] : rows.rows) {
    if (key == head_key) {
      const auto head = parse_row<outbox_head>(bytes);
      if (!head) return unexpected{error{errc::corrupt, "the stored head of the outbox is damaged"}};
      outbox_.version = head->version;
      outbox_.last_number = head->last_number;
      outbox_.last_position = head->last_position;
      continue;
    }
    auto row = parse_row<domain::notification>(bytes);
    if (!row || key_of(row->number) != key)
      return unexpected{error{errc::corrupt, "a stored row of a notification is damaged"}};
    outbox_.restore(std::move(*row));
  }
  return {};
}

void notification_views::reset() {
  outbox_ = {};
  changed_.clear();
  head_changed_ = false;
}

result<void> notification_views::apply(const domain::event_record& record) {
  const auto* event = std::get_if<domain::system_event>(&record.payload);
  if (event == nullptr || record.stream != domain::notification_stream) return {};
  std::vector<std::uint64_t> touched;
  domain::evolve(outbox_, *event, {record.seq, record.metadata.recorded_at}, &touched);
  changed_.insert(touched.begin(), touched.end());
  head_changed_ = true;
  return {};
}

void notification_views::exchange(projection& other) {
  auto& same = static_cast<notification_views&>(other);
  std::swap(outbox_, same.outbox_);
  std::swap(changed_, same.changed_);
  std::swap(head_changed_, same.head_changed_);
}

result<void> notification_views::changes(eventstore::derived_store::view_write& write) {
  if (std::exchange(head_changed_, false))
    write.puts.emplace_back(head_key,
                            stored_form(outbox_head{outbox_.version, outbox_.last_number, outbox_.last_position}));
  for (const auto number : std::exchange(changed_, {})) {
    const auto* known = outbox_.find(number);
    if (known != nullptr)
      write.puts.emplace_back(key_of(number), stored_form(*known));
    else
      write.deletes.push_back(key_of(number));
  }
  return {};
}

}  // namespace planexe::projections
