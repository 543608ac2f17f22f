// What the display draws: clean text, right counts, and no more lines in a log than needed.
#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

#include "apps/demo/progress_display.hpp"
#include "apps/terminal/text.hpp"

namespace planexe::tests {
namespace {

demo::progress_view half_done() {
  demo::progress_view view;
  view.title = "Open the restaurant";
  view.status = "RUNNING";
  view.address = "http://127.0.0.1:8090/";
  view.tasks_total = 40;
  view.done = 20;
  view.running = 4;
  view.reviews = 2;
  view.elapsed = std::chrono::seconds(65);
  view.crew.agents = {{"Agent 1", "Cook", "Taste the \x1b[2Jsoup", 12, 1}, {"Agent 2", "Buyer", "", 8, 0}};
  return view;
}

std::size_t characters(const std::string& text) {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xc0U) != 0x80U ? 1U : 0U;
  return count;
}

std::size_t count_lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("text from outside cannot steer the terminal") {
  CHECK(terminal::cut("plain", 10) == "plain");
  CHECK(terminal::cut("a\x1b[31mb\r\n\x07", 20) == "a [31mb   ");
  CHECK(terminal::cut("a\xc2\x9b"
                      "31mb",
                      20) == "a 31mb");  // CSI as one C1 character
  CHECK(terminal::cut("a\xe2\x80\xae"
                      "b",
                      20) == "ab");                   // right-to-left override
  CHECK(terminal::cut("a\xff\xc3", 20) == "a??");     // not UTF-8
  CHECK(terminal::cut("\xe0\x80\x9b", 20) == "???");  // an escape spelled overlong
  CHECK(terminal::cut("Grüße", 20) == "Grüße");
}

TEST_CASE("a text too long is cut at a character") {
  CHECK(terminal::cut("äöüß", 4) == "äöüß");
  CHECK(terminal::cut("äöüßx", 4) == "äöü…");
  CHECK(terminal::cut("x", 0).empty());
}

TEST_CASE("the picture fits the width and tells the counts") {
  const auto view = half_done();
  for (const std::size_t width : {40U, 80U, 200U}) {
    for (const auto& line : demo::render_picture(view, width, false)) {
      CHECK(characters(line) < width);
      CHECK(line.find('\x1b') == std::string::npos);
    }
  }
  std::string picture;
  for (const auto& line : demo::render_picture(view, 100, false)) picture += line + "\n";
  CHECK(picture.find("20 of 40 tasks") != std::string::npos);
  CHECK(picture.find("4 running, 0 blocked, 2 for a person") != std::string::npos);
  CHECK(picture.find("1:05") != std::string::npos);
  CHECK(picture.find("Taste the") != std::string::npos);
  CHECK(picture.find("http://127.0.0.1:8090/") != std::string::npos);
}

TEST_CASE("the terminal is redrawn in place") {
  std::ostringstream out;
  demo::progress_display display(out, demo::display_mode::terminal, 80, true);
  display.show(half_done());
  CHECK(out.str().find("\x1b[7A") == std::string::npos);
  display.show(half_done());
  CHECK(out.str().find("\x1b[7A") != std::string::npos);  // up over title, status, bar, counts, two agents, address
  CHECK(out.str().find("\x1b[2Jsoup") == std::string::npos);
}

TEST_CASE("a log gets a line when something moved, and not otherwise") {
  std::ostringstream out;
  demo::progress_display display(out, demo::display_mode::plain, 80, false);
  auto view = half_done();
  display.show(view);
  display.show(view);
  CHECK(count_lines(out.str()) == 1);
  view.done = 21;  // 52 %: the same step
  display.show(view);
  CHECK(count_lines(out.str()) == 1);
  view.done = 22;
  display.show(view);
  CHECK(count_lines(out.str()) == 2);
  view.status = "BLOCKED";
  display.show(view);
  CHECK(count_lines(out.str()) == 3);
  view.elapsed += std::chrono::seconds(20);
  display.show(view);
  CHECK(count_lines(out.str()) == 4);
  CHECK(out.str().find('\x1b') == std::string::npos);
}

TEST_CASE("the summary names what was done, by whom, and where to look") {
  std::ostringstream out;
  demo::progress_display display(out, demo::display_mode::plain, 80, false);
  auto view = half_done();
  view.status = "COMPLETED";
  view.done = 40;
  view.crew.reviews_answered = 3;
  display.finish({view, 321, 5});
  CHECK(out.str().find("COMPLETED  40 of 40 tasks in 1:05") != std::string::npos);
  CHECK(out.str().find("321 events recorded, 5 retries, 3 reviews answered") != std::string::npos);
  CHECK(out.str().find("Agent 1 (Cook): 12 done, 1 failed attempt") != std::string::npos);
}

}  // namespace planexe::tests
