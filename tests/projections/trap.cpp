#include "tests/projections/trap.hpp"

#include <dlfcn.h>
#include <sys/random.h>
#include <sys/time.h>

#include <array>
#include <cstdlib>
#include <ctime>

namespace planexe::tests {
namespace {

// Plain memory: what is caught may be caught within an allocation.
constexpr std::size_t most_caught = 256;
thread_local bool is_set = false;
thread_local std::size_t count = 0;
thread_local std::array<const char*, most_caught> names{};

void note(const char* name) {
  if (is_set && count < most_caught) names[count++] = name;
}

template <class Function>
Function* real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

trap::trap() {
  count = 0;
  is_set = true;
}
trap::~trap() {
  is_set = false;
}

std::vector<std::string> trap::caught() const {
  is_set = false;
  std::vector<std::string> all(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(count));
  is_set = true;
  return all;
}

}  // namespace planexe::tests

// The library's own, with a note before each call.
extern "C" {

int clock_gettime(clockid_t clock, struct timespec* time) noexcept {
  planexe::tests::note("clock_gettime");
  static const auto next = planexe::tests::real<int(clockid_t, struct timespec*)>("clock_gettime");
  return next(clock, time);
}
time_t time(time_t* time) noexcept {
  planexe::tests::note("time");
  static const auto next = planexe::tests::real<time_t(time_t*)>("time");
  return next(time);
}
ssize_t getrandom(void* bytes, size_t size, unsigned flags) {
  planexe::tests::note("getrandom");
  static const auto next = planexe::tests::real<ssize_t(void*, size_t, unsigned)>("getrandom");
  return next(bytes, size, flags);
}
int getentropy(void* bytes, size_t size) {
  planexe::tests::note("getentropy");
  static const auto next = planexe::tests::real<int(void*, size_t)>("getentropy");
  return next(bytes, size);
}
int rand() noexcept {
  planexe::tests::note("rand");
  static const auto next = planexe::tests::real<int()>("rand");
  return next();
}
char* getenv(const char* name) noexcept {
  planexe::tests::note("getenv");
  static const auto next = planexe::tests::real<char*(const char*)>("getenv");
  return next(name);
}
}
