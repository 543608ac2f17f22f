// Who listens to one stream, and what they are told: a message is made once, framed once for WebSockets and once for
// server-sent events, and shared by all. Belongs to the projector's thread. Private to gateway/actor_bridge.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/http/push_peer.hpp"

namespace planexe::gateway {

using shared_text = std::shared_ptr<const std::string>;

/// What `render` appends to a text.
template <class Render>
std::string text_of(Render&& render) {
  std::string text;
  render(text);
  return text;
}

/// Messages that are told together, in order.
class told_messages {
 public:
  told_messages() = default;
  /// Told before, and framed for that.
  told_messages(framing form, shared_text text) { framed_[static_cast<std::size_t>(form)] = std::move(text); }

  void add(std::string json, std::optional<std::uint64_t> id = std::nullopt) {
    bytes_ += json.size();
    parts_.push_back({std::move(json), id});
  }
  /// All of them in one text; made at the first call for each framing. One thread at a time.
  const shared_text& framed(framing form);
  std::size_t bytes() const { return bytes_; }

 private:
  struct part {
    std::string json;
    std::optional<std::uint64_t> id;
  };
  std::vector<part> parts_;
  std::size_t bytes_ = 0;
  shared_text framed_[2];
};

using listener_number = std::uint64_t;

class audience {
 public:
  /// Where a listener stands. One that is `starting` waits for what it begins with; one that is `behind` could not take
  /// something and has to begin anew.
  enum class standing : std::uint8_t { starting, live, behind };

  listener_number add(std::shared_ptr<push_peer> peer);
  /// Nothing where it has gone.
  std::optional<framing> framing_of(listener_number number);
  /// Nothing where it has gone already.
  void remove(listener_number number);
  bool empty() const { return listeners_.empty(); }
  std::size_t size() const { return listeners_.size(); }
  bool any_behind() const { return behind_ > 0; }

  /// To everybody who is live.
  void tell(told_messages& messages);
  /// To one, whatever its standing; false when it does not take it, and is behind now, or has gone.
  bool tell(listener_number number, told_messages& messages);
  void set_live(listener_number number) { set(number, standing::live); }
  /// Those behind whose queue has emptied since; they are starting from now on.
  std::vector<listener_number> take_caught_up();
  /// Closes one, or all, with a reason.
  void close(listener_number number, std::uint16_t code, const std::string& reason);

 private:
  struct listener {
    listener_number number;
    std::shared_ptr<push_peer> peer;
    framing form;
    standing stands;
  };
  listener* find(listener_number number);
  void set(listener_number number, standing to);
  void move(listener& whom, standing to);

  std::vector<listener> listeners_;
  listener_number last_number_ = 0;
  std::size_t behind_ = 0;
};

}  // namespace planexe::gateway
