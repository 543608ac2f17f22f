#include "tests/apps/server_event_client.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>

namespace planexe::tests {

event_client::event_client(const demo::endpoint& server, const std::string& target, const std::string& last_id)
    : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), last_id_(last_id) {
  constexpr timeval patience{30, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
  sockaddr_in place{};
  place.sin_family = AF_INET;
  place.sin_port = htons(server.port);
  ::inet_pton(AF_INET, server.host.c_str(), &place.sin_addr);
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&place), sizeof(place)) != 0) return;
  std::string head = "GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: text/event-stream\r\n";
  if (!last_id.empty()) head += "Last-Event-ID: " + last_id + "\r\n";
  head += "\r\n";
  if (::send(socket_, head.data(), head.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(head.size())) return;
  auto first = line();
  if (!first || first->size() < 12) return;
  status_ = static_cast<unsigned>(std::stoul(first->substr(9, 3)));
  for (auto field = line(); field && !field->empty(); field = line()) {
    const auto colon = field->find(": ");
    auto name = field->substr(0, colon);
    std::ranges::transform(name, name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    fields_[name] = field->substr(colon + 2);
  }
}

event_client::~event_client() {
  ::close(socket_);
}

std::string event_client::header(const std::string& name) const {
  const auto found = fields_.find(name);
  return found == fields_.end() ? std::string{} : found->second;
}

bool event_client::fill() {
  char piece[65'536];
  const auto got = ::recv(socket_, piece, sizeof(piece), 0);
  if (got <= 0) return false;
  buffered_.append(piece, static_cast<std::size_t>(got));
  return true;
}

std::optional<std::string> event_client::line() {
  std::size_t searched = 0;
  while (true) {
    const auto end = buffered_.find('\n', searched);
    if (end != std::string::npos) {
      auto text = buffered_.substr(0, end);
      buffered_.erase(0, end + 1);
      if (!text.empty() && text.back() == '\r') text.pop_back();
      return text;
    }
    searched = buffered_.size();
    if (!fill()) return std::nullopt;
  }
}

std::optional<nlohmann::json> event_client::next() {
  std::string data;
  while (auto text = line()) {
    if (text->empty()) {
      if (!data.empty()) return nlohmann::json::parse(data);
    } else if (text->starts_with("data: ")) {
      data += (data.empty() ? "" : "\n") + text->substr(6);
    } else if (text->starts_with("id: ")) {
      last_id_ = text->substr(4);
    } else if (text->starts_with("retry: ")) {
      retry_ = text->substr(7);
    }
  }
  return std::nullopt;
}

}  // namespace planexe::tests
