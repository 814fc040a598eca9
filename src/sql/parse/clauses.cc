// SPDX-License-Identifier: Apache-2.0
#include "sql/parse/clauses.h"

#include <fmt/format.h>

#include "sql/parse/duration.h"

namespace tidemill::sql {
namespace {

constexpr std::size_t kOptionsMax = 256;

Result<std::string> parse_option_name(TokenReader& in) {
  if (in.peek().kind == TokenKind::String) return to_lower(in.next().value);
  std::string name = TRY(in.name("the name of an option")).text;
  while (in.accept_symbol(".")) {
    name += '.';
    name += TRY(in.name("the rest of the option's name")).text;
  }
  return name;
}

Result<std::string> parse_option_value(TokenReader& in) {
  const bool negative = in.accept_symbol("-");
  const Token& token = in.peek();
  switch (token.kind) {
    case TokenKind::Number:
      in.next();
      return (negative ? "-" : "") + token.value;
    case TokenKind::String:
    case TokenKind::Word:
      if (negative) break;
      if (token.is("INTERVAL")) return format_duration(TRY(parse_length(in)));
      in.next();
      return token.kind == TokenKind::Word ? to_lower(token.value) : token.value;
    case TokenKind::QuotedWord:
    case TokenKind::Symbol:
    case TokenKind::End:
      break;
  }
  return in.unexpected({"a text in quotes", "a number", "true or false"});
}

std::chrono::milliseconds to_milliseconds(std::chrono::microseconds length) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(length);
}

}  // namespace

Result<ParsedOptions> parse_options(TokenReader& in) {
  TRY(in.expect_symbol("("));
  ParsedOptions options;
  if (in.accept_symbol(")")) return options;
  do {
    const Position at = in.peek().position;
    std::string name = TRY(parse_option_name(in));
    TRY(in.expect_symbol("="));
    std::string value = TRY(parse_option_value(in));
    if (options.size() == kOptionsMax) {
      return in.fail(at, fmt::format("more than {} options", kOptionsMax));
    }
    if (!options.emplace(name, ParsedOption{std::move(value), at}).second) {
      return in.fail(at, fmt::format("option '{}' is given twice", name));
    }
  } while (in.accept_symbol(","));
  if (!in.accept_symbol(")")) return in.unexpected({"','", "')'"});
  return options;
}

Result<ParsedFormat> parse_format(TokenReader& in, Position at) {
  ParsedFormat format;
  format.position = at;
  if (in.accept("PLAIN")) {
    format.format = "plain";
  } else if (in.accept("UPSERT")) {
    format.format = "upsert";
  } else if (in.at("DEBEZIUM") || in.at("MAXWELL") || in.at("CANAL")) {
    return in.unsupported(
        in.peek().position,
        fmt::format("FORMAT {} is not built; use PLAIN or UPSERT", in.peek().value));
  } else {
    return in.unexpected({"PLAIN", "UPSERT"});
  }
  TRY(in.expect("ENCODE"));
  if (in.at("AVRO") || in.at("PROTOBUF") || in.at("CSV") || in.at("BYTES") || in.at("PARQUET")) {
    return in.unsupported(in.peek().position,
                          fmt::format("ENCODE {} is not built; use JSON", in.peek().value));
  }
  TRY(in.expect("JSON"));
  format.encode = "json";
  if (in.at_symbol("(")) format.options = TRY(parse_options(in));
  return format;
}

Result<std::chrono::microseconds> parse_length(TokenReader& in) {
  const Position at = in.peek().position;
  const bool interval = in.accept("INTERVAL");
  const Token& token = in.peek();
  std::string text;
  if (token.kind == TokenKind::String) {
    text = in.next().value;
    // INTERVAL '10' SECOND: the unit stands behind a plain number.
    const bool plain = !text.empty() && text.find_first_not_of("0123456789. ") == std::string::npos;
    if (interval && plain && in.peek().kind == TokenKind::Word) text += " " + in.next().value;
  } else if (token.kind == TokenKind::Number) {
    text = in.next().value;
    if (in.peek().kind == TokenKind::Word) text += in.next().value;
  } else {
    return in.unexpected({"a length of time such as '10 seconds'"});
  }
  auto length = parse_duration(text);
  if (!length.ok()) {
    return in.fail(at, length.error().message).with_hint(length.error().hint);
  }
  return length;
}

Result<ParsedEmit> parse_emit(TokenReader& in, Position at) {
  ParsedEmit emit;
  emit.position = at;
  if (in.accept("ON WINDOW CLOSE") || in.accept("FINAL") || in.accept("AFTER WINDOW CLOSE")) {
    emit.kind = EmitKind::OnWindowClose;
    if (in.accept("AFTER")) emit.close_after = TRY(parse_length(in));
    if (in.accept("CLOSE")) {
      TRY(in.expect("AFTER IDLE"));
      const Position idle_at = in.peek().position;
      emit.close_after_idle = TRY(parse_length(in));
      if (emit.close_after_idle->count() <= 0) {
        return in.fail(idle_at, "CLOSE AFTER IDLE must be longer than 0");
      }
    }
    return emit;
  }
  if (in.accept("ON UPDATE") || in.accept("CHANGES")) {
    if (in.at("EVERY")) {
      return in.unsupported(in.peek().position,
                            "EMIT ON UPDATE EVERY is not built; TRIGGER EVERY sets the pace");
    }
    emit.kind = EmitKind::OnUpdate;
    return emit;
  }
  if (in.at("EVERY") || in.at("PERIODIC") || in.at("STREAM")) {
    return in.unsupported(at, fmt::format("EMIT {} is not built; use EMIT ON UPDATE with TRIGGER "
                                          "EVERY, or EMIT ON WINDOW CLOSE",
                                          in.peek().value));
  }
  return in.unexpected({"ON WINDOW CLOSE", "ON UPDATE", "FINAL", "CHANGES"});
}

Result<ParsedEmit> parse_output_mode(TokenReader& in, Position at) {
  ParsedEmit emit;
  emit.position = at;
  if (in.accept("APPEND")) {
    emit.kind = EmitKind::OnWindowClose;
  } else if (in.accept("UPDATE")) {
    emit.kind = EmitKind::OnUpdate;
  } else if (in.at("COMPLETE")) {
    return in.unsupported(at, "OUTPUT MODE complete is not built; use update");
  } else {
    return in.unexpected({"APPEND", "UPDATE"});
  }
  return emit;
}

Result<ParsedTrigger> parse_trigger(TokenReader& in) {
  ParsedTrigger trigger;
  if (in.accept("AVAILABLE")) {
    TRY(in.expect("NOW"));
    trigger.choice = TriggerChoice::AvailableNow;
  } else if (in.accept("PIPELINED")) {
    trigger.choice = TriggerChoice::Pipelined;
  } else if (in.accept("EVERY")) {
    const Position at = in.peek().position;
    trigger.every = to_milliseconds(TRY(parse_length(in)));
    if (trigger.every.count() < 1) return in.fail(at, "TRIGGER EVERY must be at least 1 ms");
    trigger.choice = TriggerChoice::Every;
  } else if (in.at("ONCE")) {
    return in.unsupported(in.peek().position, "TRIGGER ONCE is not built; use AVAILABLE NOW");
  } else {
    return in.unexpected({"EVERY", "AVAILABLE NOW", "PIPELINED"});
  }
  return trigger;
}

Result<bool> parse_on_late(TokenReader& in) {
  if (in.accept("DROP")) return false;
  if (in.accept("DEAD LETTER")) return true;
  return in.unexpected({"DROP", "DEAD LETTER"});
}

}  // namespace tidemill::sql
