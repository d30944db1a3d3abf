#include "transports/twilio/twiml.hpp"

namespace retell::transports::twilio {
namespace {

constexpr std::string_view head = R"(<?xml version="1.0" encoding="UTF-8"?><Response>)";
constexpr std::string_view tail = "</Response>";

}  // namespace

std::string escape_xml(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&apos;";
        break;
      case '\t':
        out += "&#9;";  // attribute values would turn these three into spaces
        break;
      case '\n':
        out += "&#10;";
        break;
      case '\r':
        out += "&#13;";
        break;
      default:
        if (static_cast<unsigned char>(c) >= 0x20) out += c;
    }
  }
  return out;
}

std::string connect_stream(std::string_view url, const StreamParameters& parameters) {
  std::string out(head);
  out += "<Connect><Stream url=\"" + escape_xml(url) + "\">";
  for (const auto& [name, value] : parameters) {
    out += "<Parameter name=\"" + escape_xml(name) + "\" value=\"" + escape_xml(value) + "\"/>";
  }
  out += "</Stream></Connect><Hangup/>";
  out += tail;
  return out;
}

std::string dial(std::string_view target) {
  const bool sip = target.starts_with("sip:") || target.starts_with("sips:");
  const std::string_view noun = sip ? "Sip" : "Number";
  std::string out(head);
  out += R"(<Dial answerOnBridge="true"><)";
  out.append(noun).append(">").append(escape_xml(target)).append("</").append(noun).append("></Dial>");
  out += tail;
  return out;
}

std::string hang_up() { return std::string(head) + "<Hangup/>" + std::string(tail); }

std::string reject(bool busy) {
  return std::string(head) + (busy ? R"(<Reject reason="busy"/>)" : "<Reject/>") + std::string(tail);
}

}  // namespace retell::transports::twilio
