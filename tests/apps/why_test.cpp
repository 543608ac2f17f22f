// What people read: the server's JSON as text.
#include <doctest/doctest.h>

#include "apps/why/texts.hpp"

namespace planexe::tests {
}
