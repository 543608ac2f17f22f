#include "outbound/http_call.hpp"

#include <arpa/inet.h>
#include <curl/curl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstddef>
#include <memory>

namespace planexe::outbound {
namespace {

using kind = call_failure::kind;
using url_parts = std::unique_ptr<CURLU, decltype(&curl_url_cleanup)>;
using easy_handle = std::unique_ptr<CURL, decltype(&curl_easy_cleanup)>;
using multi_handle = std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)>;
using header_list = std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)>;

constexpr int longest_poll_ms = 1'000;  // libcurl looks at its own timers at least this often

unexpected<call_failure> fail(kind what, std::string detail) {
  return unexpected{call_failure{what, std::move(detail)}};
}

/// Whether the library is ready; the first call makes it so.
bool library_ready() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  return ready;
}

std::string part_of(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK || text == nullptr) return {};
  std::string copy(text);
  curl_free(text);
  return copy;
}

url_parts parse(std::string_view url) {
  url_parts parts{curl_url(), curl_url_cleanup};
  const bool read = parts && curl_url_set(parts.get(), CURLUPART_URL, std::string(url).c_str(), 0) == CURLUE_OK;
  if (!read) parts.reset();
  return parts;
}

std::string origin_of(CURLU* url) {
  return part_of(url, CURLUPART_SCHEME) + "://" + part_of(url, CURLUPART_HOST) + ":" +
         part_of(url, CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

/// The bytes of a host that is an address; nothing for a name.
std::optional<std::vector<std::uint8_t>> literal_address(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  std::vector<std::uint8_t> bytes(sizeof(in6_addr));
  if (inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1) return bytes;
  bytes.resize(sizeof(in_addr));
  if (inet_pton(AF_INET, host.c_str(), bytes.data()) == 1) return bytes;
  return std::nullopt;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
  });
}

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

/// Why a request cannot be sent as it is; nothing when it can.
std::optional<std::string> fault_of(const http_request& request, CURLU* url) {
  if (url == nullptr || !is_one_line(request.url)) return "the address cannot be read";
  const auto scheme = part_of(url, CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") return "only http and https can be called";
  if (!part_of(url, CURLUPART_USER).empty() || !part_of(url, CURLUPART_PASSWORD).empty())
    return "an address may not hold a user or a password";
  if (!is_token(request.method)) return "the method is not one";
  for (const auto& header : request.headers)
    if (!is_token(header.name) || !is_one_line(header.value)) return "a header cannot be sent";
  return std::nullopt;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

/// What arrives, within its limits.
struct arrival {
  const call_limits& limits;
  http_response response{};
  std::size_t header_bytes = 0;
  bool too_large = false;
  bool cut = false;  ///< the body, and that is enough

  bool take_header(std::string_view line) {
    header_bytes += line.size();
    if (header_bytes > limits.max_header_bytes) return refuse();
    while (!line.empty() && (line.back() == '\r' || line.back() == '\n')) line.remove_suffix(1);
    if (line.starts_with("HTTP/")) response.headers.clear();  // an interim answer (1xx) came before
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    auto value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    response.headers.push_back({std::string(line.substr(0, colon)), std::string(value)});
    return true;
  }
  bool take_body(std::string_view bytes) {
    const auto room = limits.max_response_bytes - response.body.size();
    cut = limits.cut_body && bytes.size() > room;
    if (bytes.size() > room && !cut) return refuse();
    response.body += bytes.substr(0, room);
    return !cut;
  }

 private:
  bool refuse() {
    too_large = true;
    return false;
  }
};

// libcurl's callbacks: fewer bytes taken than given end the transfer.
std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* target) {
  return static_cast<arrival*>(target)->take_header({bytes, count}) ? count : 0;
}
std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* target) {
  return static_cast<arrival*>(target)->take_body({bytes, count}) ? count : 0;
}

/// The door through which a call under a rule goes: it sees each address just before the connecting.
struct address_gate {
  address_rule rule;
  bool secure;
  bool opened = false;
  bool refused = false;
};

/// The bytes of the address alone; none for anything but IPv4 and IPv6.
std::vector<std::uint8_t> bytes_of(const curl_sockaddr& address) {
  const auto* whole = reinterpret_cast<const std::uint8_t*>(&address) + offsetof(curl_sockaddr, addr);
  const auto take = [&](std::size_t offset, std::size_t count) {
    const bool complete = address.addrlen >= offset + count;
    return complete ? std::vector<std::uint8_t>(whole + offset, whole + offset + count) : std::vector<std::uint8_t>{};
  };
  if (address.family == AF_INET) return take(offsetof(sockaddr_in, sin_addr), sizeof(in_addr));
  if (address.family == AF_INET6) return take(offsetof(sockaddr_in6, sin6_addr), sizeof(in6_addr));
  return {};
}

// What libcurl asks for a socket to one address; it connects to that very address, or goes on to the next.
curl_socket_t on_socket(void* target, curlsocktype, curl_sockaddr* address) {
  auto& gate = *static_cast<address_gate*>(target);
  if (!allows(gate.rule, gate.secure, bytes_of(*address))) {
    gate.refused = true;
    return CURL_SOCKET_BAD;
  }
  gate.opened = true;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

header_list headers_of(const http_request& request) {
  header_list list{nullptr, curl_slist_free_all};
  const auto add = [&list](const std::string& line) {
    if (auto* longer = curl_slist_append(list.get(), line.c_str())) {
      (void)list.release();
      list.reset(longer);
    }
  };
  for (const auto& header : request.headers)
    add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  add("Expect:");  // no waiting for a "100 Continue" that many servers never send
  return list;
}

template <class Value>
void set(CURL* easy, CURLoption option, Value value) {
  curl_easy_setopt(easy, option, value);
}

void prepare(CURL* easy, CURLU* url, const http_request& request, const call_limits& limits, curl_slist* headers,
             arrival& arrived) {
  set(easy, CURLOPT_CURLU, url);
  set(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  set(easy, CURLOPT_FOLLOWLOCATION, 0L);
  set(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  set(easy, CURLOPT_NOSIGNAL, 1L);
  set(easy, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a name server
  set(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<long long>(limits.connect.count(), 1)));
  set(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<long long>(limits.total.count(), 1)));
  set(easy, CURLOPT_USERAGENT, "planexe-ax");
  set(easy, CURLOPT_HTTPHEADER, headers);
  set(easy, CURLOPT_HEADERFUNCTION, &on_header);
  set(easy, CURLOPT_HEADERDATA, static_cast<void*>(&arrived));
  set(easy, CURLOPT_WRITEFUNCTION, &on_body);
  set(easy, CURLOPT_WRITEDATA, static_cast<void*>(&arrived));
  // A proxy of the environment is right for the world outside, and never for this machine.
  if (is_loopback(part_of(url, CURLUPART_HOST))) set(easy, CURLOPT_PROXY, "");
  if (request.method == "HEAD") {
    set(easy, CURLOPT_NOBODY, 1L);
  } else if (request.method != "GET") {
    set(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(easy, CURLOPT_POSTFIELDS, request.body.c_str());
    set(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
}

void guard(CURL* easy, address_gate& gate) {
  set(easy, CURLOPT_OPENSOCKETFUNCTION, &on_socket);
  set(easy, CURLOPT_OPENSOCKETDATA, static_cast<void*>(&gate));
  set(easy, CURLOPT_PROXY, "");  // an empty one also outweighs the environment's
}

call_failure failure_of(CURLcode code, const std::string& origin, const call_limits& limits) {
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {kind::timed_out,
              origin + " did not answer within " + std::to_string(limits.total.count()) + " milliseconds"};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {kind::refused, origin + " has no address"};
    case CURLE_COULDNT_CONNECT:
      return {kind::refused, origin + " refuses connections"};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
      return {kind::tls, origin + " could not be reached securely: " + curl_easy_strerror(code)};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_PARTIAL_FILE:
      return {kind::malformed, origin + " sent no whole HTTP answer: " + curl_easy_strerror(code)};
    default:
      return {kind::refused, origin + " broke the connection: " + curl_easy_strerror(code)};
  }
}

/// Runs the one transfer of `multi` to its end, or until `stop`; nothing then.
std::optional<CURLcode> run(CURLM* multi, const std::stop_token& stop) {
  const std::stop_callback wake{stop, [multi] { curl_multi_wakeup(multi); }};
  while (!stop.stop_requested()) {
    int running = 0;
    if (curl_multi_perform(multi, &running) != CURLM_OK) return CURLE_FAILED_INIT;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left))
      if (message->msg == CURLMSG_DONE) return message->data.result;
    if (curl_multi_poll(multi, nullptr, 0, longest_poll_ms, nullptr) != CURLM_OK) return CURLE_FAILED_INIT;
  }
  return std::nullopt;
}

}  // namespace

std::string_view http_response::header(std::string_view name) const {
  const auto found = std::find_if(headers.rbegin(), headers.rend(),
                                  [&](const http_header& each) { return equals_ignoring_case(each.name, name); });
  return found == headers.rend() ? std::string_view{} : std::string_view{found->value};
}

std::optional<std::string> why_never_called(std::string_view url, const address_rule& rule) {
  const auto parts = parse(url);
  const http_request request{.method = "POST", .url = std::string(url), .headers = {}, .body = {}};
  if (auto fault = fault_of(request, parts.get())) return fault;
  const auto origin = origin_of(parts.get());
  const bool secure = part_of(parts.get(), CURLUPART_SCHEME) == "https";
  const auto address = literal_address(part_of(parts.get(), CURLUPART_HOST));
  const bool this_machine =
      address ? kind_of(*address) == address_kind::loopback : is_loopback(part_of(parts.get(), CURLUPART_HOST));
  if (!secure && !(rule.loopback && this_machine))
    return origin + " is not this machine, and may be called over https alone";
  if (address && !allows(rule, secure, *address)) return origin + " is not an address that may be called";
  return std::nullopt;
}

std::string origin_of(std::string_view url) {
  const auto parts = parse(url);
  return parts ? origin_of(parts.get()) : "an address that cannot be read";
}

std::optional<std::chrono::sys_seconds> parse_http_date(std::string_view text) {
  const auto seconds = curl_getdate(std::string(text).c_str(), nullptr);
  if (seconds == -1) return std::nullopt;
  return std::chrono::sys_seconds{std::chrono::seconds{seconds}};
}

expected<http_response, call_failure> call(const http_request& request, const call_limits& limits,
                                           std::stop_token stop) {
  if (!library_ready()) return fail(kind::malformed, "the HTTP client cannot start");
  const auto url = parse(request.url);
  if (auto fault = fault_of(request, url.get())) return fail(kind::unsendable, std::move(*fault));
  const auto origin = origin_of(url.get());
  const bool secure = part_of(url.get(), CURLUPART_SCHEME) == "https";
  address_gate gate{limits.addresses.value_or(address_rule{}), secure};
  if (limits.addresses && !secure && !gate.rule.loopback)
    return fail(kind::forbidden, origin + " may be called over https alone");
  const auto headers = headers_of(request);
  arrival arrived{limits};
  const easy_handle easy{curl_easy_init(), curl_easy_cleanup};
  const multi_handle multi{curl_multi_init(), curl_multi_cleanup};
  if (!easy || !multi) return fail(kind::malformed, "the HTTP client cannot start");
  prepare(easy.get(), url.get(), request, limits, headers.get(), arrived);
  if (limits.addresses) guard(easy.get(), gate);
  if (curl_multi_add_handle(multi.get(), easy.get()) != CURLM_OK)
    return fail(kind::malformed, "the HTTP client cannot start");
  const auto ended = run(multi.get(), stop);
  curl_multi_remove_handle(multi.get(), easy.get());
  if (!ended) return fail(kind::cancelled, "the call to " + origin + " was cancelled");
  if (arrived.too_large)
    return fail(kind::too_large, origin + " answered with more than " + std::to_string(limits.max_response_bytes) +
                                     " bytes, or with too many headers");
  if (*ended != CURLE_OK && gate.refused && !gate.opened)
    return fail(kind::forbidden, secure ? origin + " has no address that may be called"
                                        : origin + " is not this machine, and may be called over https alone");
  if (*ended != CURLE_OK && !arrived.cut) return unexpected{failure_of(*ended, origin, limits)};
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  arrived.response.status = static_cast<unsigned>(status);
  return std::move(arrived.response);
}

}  // namespace planexe::outbound
