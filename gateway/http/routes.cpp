#include "gateway/http/routes.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "gateway/http/target.hpp"

namespace planexe::gateway {

/// One look-up: the path's decoded segments, and which of them were taken as parameters.
struct router::walk {
  std::array<std::string_view, max_path_segments> segments;
  std::size_t count = 0;
  std::array<std::string_view, max_path_segments> values;
  std::size_t value_count = 0;
  std::array<std::string, max_path_segments> decoded;  ///< owns the segments that had escapes
};

namespace {

/// Calls `visit` with each segment of a path that starts with '/'; stops when it returns false. "/" has none.
template <class Visit>
bool each_segment(std::string_view path, Visit visit) {
  if (path.empty() || path.front() != '/') return false;
  path.remove_prefix(1);
  if (path.empty()) return true;
  while (true) {
    const std::size_t slash = path.find('/');
    if (!visit(path.substr(0, slash))) return false;
    if (slash == path.npos) return true;
    path.remove_prefix(slash + 1);
  }
}

bool is_parameter(std::string_view segment) {
  return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

}  // namespace

router::router(std::span<const route> routes) : nodes_(1) {
  routes_.reserve(routes.size());
  for (const auto& entry : routes) routes_.push_back({entry, {}, {}, {}});
  for (std::uint32_t index = 0; index < routes_.size(); ++index) {
    auto& entry = routes_[index];
    assert(entry.route.verb != method::other);
    assert(!entry.route.websocket || entry.route.verb == method::get);
    std::uint32_t at = 0;
    std::size_t depth = 0;
    [[maybe_unused]] const bool is_path = each_segment(entry.route.pattern, [&](std::string_view segment) {
      at = add_segment(at, segment, entry);
      return !segment.empty() && ++depth <= max_path_segments;
    });
    assert(is_path && "a pattern is a path without empty segments");
    auto& slot = nodes_[at].routes[static_cast<std::size_t>(entry.route.verb)];
    assert(slot == none && "two routes answer the same requests");
    slot = index;
  }
  for (auto& at : nodes_) describe_methods(at);
}

std::uint32_t router::add_segment(std::uint32_t at, std::string_view segment, bound_route& entry) {
  const auto fresh = static_cast<std::uint32_t>(nodes_.size());
  if (is_parameter(segment)) {
    entry.parameter_names.push_back(segment.substr(1, segment.size() - 2));
    if (nodes_[at].parameter != none) return nodes_[at].parameter;
    nodes_[at].parameter = fresh;
  } else {
    for (const auto& [text, child] : nodes_[at].literals)
      if (text == segment) return child;
    nodes_[at].literals.emplace_back(segment, fresh);
  }
  nodes_.emplace_back();
  return fresh;
}

std::uint32_t router::index_of(const node& at, method verb) const {
  if (verb == method::other) return none;
  const auto own = at.routes[static_cast<std::size_t>(verb)];
  if (own != none || verb != method::head) return own;
  const auto of_get = at.routes[static_cast<std::size_t>(method::get)];
  return of_get == none || routes_[of_get].route.hands_out ? none : of_get;
}

void router::describe_methods(node& at) const {
  bool any = false;
  for (std::size_t index = 0; index < method_count; ++index) {
    const auto verb = static_cast<method>(index);
    if (index_of(at, verb) == none) continue;
    any = true;
    if (verb == method::options) continue;
    at.allow.append(to_string(verb)).append(", ");
  }
  if (any) at.allow += "OPTIONS";
}

bound_route* router::find_operation(std::string_view operation) {
  const auto found = std::find_if(routes_.begin(), routes_.end(),
                                  [operation](const bound_route& entry) { return entry.route.operation == operation; });
  return found == routes_.end() ? nullptr : &*found;
}

bool router::bind(std::string_view operation, handler call) {
  auto* entry = find_operation(operation);
  if (entry == nullptr) return false;
  entry->handler = std::move(call);
  return true;
}

bool router::bind_websocket(std::string_view operation, websocket_handler call) {
  auto* entry = find_operation(operation);
  if (entry == nullptr || !entry->route.websocket) return false;
  entry->websocket = std::move(call);
  return true;
}

std::vector<std::string_view> router::unbound() const {
  std::vector<std::string_view> missing;
  for (const auto& entry : routes_) {
    const bool bound = entry.route.websocket ? entry.websocket != nullptr : entry.handler != nullptr;
    if (!bound) missing.push_back(entry.route.operation);
  }
  return missing;
}

const router::node* router::descend(const node& at, std::size_t depth, walk& path) const {
  if (depth == path.count) return at.ends_here() ? &at : nullptr;
  const std::string_view segment = path.segments[depth];
  for (const auto& [text, child] : at.literals) {
    if (text != segment) continue;
    if (const auto* found = descend(nodes_[child], depth + 1, path)) return found;
  }
  if (at.parameter == none) return nullptr;
  path.values[path.value_count++] = segment;
  if (const auto* found = descend(nodes_[at.parameter], depth + 1, path)) return found;
  --path.value_count;
  return nullptr;
}

route_match router::match(method verb, std::string_view path,
                          std::vector<std::pair<std::string_view, std::string>>& parameters) const {
  walk steps;
  bool malformed = false;
  const bool is_path = each_segment(path, [&](std::string_view segment) {
    if (segment.empty() || steps.count == max_path_segments) return false;
    if (segment.find('%') != segment.npos) {
      auto text = percent_decode(segment, false);
      malformed = !text;
      if (malformed) return false;
      steps.decoded[steps.count] = std::move(*text);
      segment = steps.decoded[steps.count];
    }
    // Dot segments mean something to whoever resolves paths; no route has them.
    malformed = segment == "." || segment == "..";
    steps.segments[steps.count++] = segment;
    return !malformed;
  });
  if (malformed) return {route_match::outcome::malformed, nullptr, {}};
  if (!is_path) return {};
  const auto* found = descend(nodes_.front(), 0, steps);
  if (found == nullptr) return {};

  const auto index = index_of(*found, verb);
  if (index == none)
    return {verb == method::options ? route_match::outcome::options : route_match::outcome::wrong_method, nullptr,
            found->allow};
  const auto& target = routes_[index];
  parameters.reserve(steps.value_count);
  for (std::size_t at = 0; at < steps.value_count; ++at)
    parameters.emplace_back(target.parameter_names[at], std::string{steps.values[at]});
  return {route_match::outcome::found, &target, found->allow};
}

}  // namespace planexe::gateway
