// write_document OUT VERSION FRAME EXAMPLES SUBJECT…: writes the OpenAPI document that becomes a part of the program. A
// document that has not changed is left alone, so that nothing is built again for it.
#include <nlohmann/json.hpp>

#include <exception>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>

#include "gateway/openapi/document.hpp"
#include "gateway/route_table.hpp"

namespace {

std::string read_text(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

nlohmann::ordered_json read_json(const std::string& path) {
  auto json = nlohmann::ordered_json::parse(read_text(path), nullptr, false);
  if (json.is_discarded()) throw std::runtime_error(path + " is no JSON");
  return json;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    const std::vector<std::string> given(arguments + 1, arguments + count);
    if (given.size() < 5) throw std::runtime_error("usage: write_document OUT VERSION FRAME EXAMPLES SUBJECT…");
    std::vector<nlohmann::ordered_json> subjects;
    for (std::size_t i = 4; i < given.size(); ++i) subjects.push_back(read_json(given[i]));
    const auto text = planexe::gateway::openapi::document_of(read_json(given[2]), subjects, read_json(given[3]),
                                                             planexe::gateway::route_table(), given[1])
                          .dump();
    if (read_text(given[0]) == text) return 0;
    std::ofstream file(given[0], std::ios::binary);
    file << text;
    if (!file.flush()) throw std::runtime_error(given[0] + " cannot be written");
    return 0;
  } catch (const std::exception& wrong) {
    std::cerr << "openapi: " << wrong.what() << '\n';
    return 1;
  }
}
