// Making keys, for those parts of the bridge that give one out. Private to gateway/actor_bridge.
#pragma once

#include <functional>

#include "domain/keys.hpp"
#include "gateway/actor_bridge/core.hpp"

namespace planexe::gateway {

/// Records a key whose text is `text`, and answers with what `render` makes of it: once with the text, to send, and
/// once without, to keep. What is refused is answered as such. Any thread.
void make_key(actor_bridge::core& core, domain::create_key wanted, std::string text, std::string actor,
              std::shared_ptr<keyed_request> asked,
              std::function<response(const domain::api_key&, bool with_text)> render);

}  // namespace planexe::gateway
