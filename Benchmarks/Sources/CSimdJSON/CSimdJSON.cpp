#include "CSimdJSON.h"

#include <simdjson.h>
#include <string>

using namespace simdjson;

namespace {
dom::parser domParser;
ondemand::parser ondemandParser;
const char *const names[] = {"messageId", "type", "event", "userId", "anonymousId", "timestamp"};
}  // namespace

extern "C" {

size_t csimdjson_parse(const uint8_t *text, size_t length, size_t) {
  dom::element root;
  if (domParser.parse(reinterpret_cast<const char *>(text), length, false).get(root)) return SIZE_MAX;
  return length;
}

size_t csimdjson_dom(const uint8_t *text, size_t length, size_t) {
  dom::object root;
  if (domParser.parse(reinterpret_cast<const char *>(text), length, false).get_object().get(root)) return SIZE_MAX;
  size_t sum = 0;
  for (const char *name : names) {
    std::string_view value;
    if (root[name].get_string().get(value)) return SIZE_MAX;
    sum += std::string(value).size();
  }
  std::string_view value;
  if (root["properties"]["product_id"].get_string().get(value)) return SIZE_MAX;
  sum += std::string(value).size();
  if (root["context"]["timezone"].get_string().get(value)) return SIZE_MAX;
  return sum + std::string(value).size();
}

size_t csimdjson_ondemand(const uint8_t *text, size_t length, size_t capacity) {
  ondemand::document document;
  if (ondemandParser.iterate(text, length, capacity).get(document)) return SIZE_MAX;
  ondemand::object root;
  if (document.get_object().get(root)) return SIZE_MAX;
  size_t sum = 0;
  for (const char *name : names) {
    std::string_view value;
    if (root.find_field_unordered(name).get_string().get(value)) return SIZE_MAX;
    sum += std::string(value).size();
  }
  std::string_view value;
  if (root.find_field_unordered("properties").find_field_unordered("product_id").get_string().get(value)) return SIZE_MAX;
  sum += std::string(value).size();
  if (root.find_field_unordered("context").find_field_unordered("timezone").get_string().get(value)) return SIZE_MAX;
  return sum + std::string(value).size();
}

size_t csimdjson_padding(void) { return SIMDJSON_PADDING; }

const char *csimdjson_implementation(void) {
  static const std::string name = get_active_implementation()->name();
  return name.c_str();
}
}
