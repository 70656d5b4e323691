// Reads JSON in one pass, without building a document.
//
// simdjson's first stage, which uses the widest instructions the machine has, checks
// UTF-8 and finds where each token starts. The reader then walks along these
// positions: a key or string ends where the next token begins, so most of a string
// is never looked at, and what nobody asks for is skipped by counting brackets.
// (simdjson's own on-demand front end is compiled for the oldest machine where, as
// in Debian, the dispatch is at run time; it took twice as long for our offers.)
//
// Every function returns false on failure; the enclosing fields() and elements() then
// put their key or index in front of `where`, so a path costs nothing until
// something is wrong. What is skipped is not checked beyond its brackets.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

namespace ostler::mesos {

// Where the tokens of a document start. Reused from one document to the next.
class JsonTokens {
 public:
  JsonTokens();
  ~JsonTokens();
  JsonTokens(const JsonTokens&) = delete;
  JsonTokens& operator=(const JsonTokens&) = delete;

  // Finds the tokens of `text`, at most 4 GiB, from `begin` on, where one starts. At most
  // `part` bytes, up to a comma, so that they are still in a cache when they are read, or
  // somewhat more. Returns an empty string or what is wrong.
  std::string find(const std::string& text, size_t begin = 0, size_t part = SIZE_MAX);
  // Where what was found ends.
  size_t end() const { return end_; }
  // Gives the memory back: up to four bytes for each byte of the longest text so far.
  void release();

  // count() positions from `begin` on and, behind them, that of the end of the text.
  const uint32_t* positions() const;
  size_t count() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
  size_t end_ = 0;
};

// A word of the document, compared with literals in a few instructions: their length is
// known, so no function is called. An offer has a hundred keys.
class Word {
 public:
  Word(std::string_view text) : text_(text) {}  // NOLINT: as good as the text itself
  operator std::string_view() const { return text_; }

  template <size_t kSize>
  friend bool operator==(Word word, const char (&literal)[kSize]) {
    return word.text_.size() == kSize - 1 && __builtin_memcmp(word.text_.data(), literal, kSize - 1) == 0;
  }

 private:
  std::string_view text_;
};

class JsonReader {
 public:
  // How much is read at a time where a text is read in parts.
  static constexpr size_t kPart = size_t{256} << 10;

  // `text` must stay where it is as long as it is read, and the tokens be its own, from its
  // beginning on.
  JsonReader(const std::string& text, JsonTokens& tokens)
      : text_(text), tokens_(tokens), fetched_(text.c_str() + tokens.end()) {
    begin(0);
  }

  std::string where;
  std::string message;

  bool fail(std::string_view what) {
    message = what;
    return false;
  }

  // The first byte of the current token; NUL at the end.
  char peek() const { return data_[*token_]; }
  const char* position() const { return data_ + *token_; }
  // Where the token before the current one ends, if that is a bracket.
  const char* end_of_last() const { return data_ + token_[-1] + 1; }
  bool is_at_end() const { return token_ == end_; }

  // Reads an object: calls `use(key)` for each field, which reads the value or leaves
  // it to be skipped.
  template <typename Use>
  bool fields(Use use) {
    if (peek() != '{') return mistyped("an object");
    ++token_;
    if (peek() == '}') return step();
    while (true) {
      std::string_view key;
      if (peek() != '"' || !plain(key)) return fail("expected the name of a field");
      if (peek() != ':') return fail("expected a colon");
      ++token_;
      const char* const value = position();
      if (!use(Word(key)) || (position() == value && !skip())) {
        before(std::string(key));
        return false;
      }
      if (peek() == '}') return step();
      if (peek() != ',') return fail("expected a comma or the end of an object");
      ++token_;
    }
  }

  // Reads an array: calls `use()` for each element. Of a text in parts, `kBytesAnElement` is
  // what an element may have: where the part has less left, the next one begins there. What
  // has more fails as if the text ended, and has to be read anew as a whole.
  template <size_t kBytesAnElement = 0, typename Use>
  bool elements(Use use) {
    if (peek() != '[') return mistyped("an array");
    ++token_;
    if (peek() == ']') return step();
    for (size_t index = 0;; ++index) {
      if constexpr (kBytesAnElement > 0) {
        if (!has_room(kBytesAnElement) && !read_on()) return false;
        fetch_next_part();
      }
      const char* const value = position();
      if (!use() || (position() == value && !skip())) {
        before("[" + std::to_string(index) + "]");
        return false;
      }
      if (peek() == ']') return step();
      if (peek() != ',') return fail("expected a comma or the end of an array");
      ++token_;
    }
  }

  // Reads a string. The text points into the document; one with escapes is unescaped
  // and handed to `keep`, which returns where it lives on.
  template <typename Keep>
  bool text(std::string_view& out, Keep keep) {
    if (peek() != '"') return mistyped("a string");
    const char* const start = position();
    if (!plain(out)) return fail("expected the end of a string");
    if (!has_backslash(out)) return true;
    std::string unescaped;
    if (!unescape(std::string_view(start, out.size() + 2), unescaped)) return fail("expected a valid escape");
    out = keep(unescaped);
    return true;
  }
  bool text(std::string& out) {
    std::string_view read;
    std::string unescaped;
    const auto keep = [&](std::string& copy) { return std::string_view(unescaped = std::move(copy)); };
    if (!text(read, keep)) return false;
    out.assign(read);
    return true;
  }

  bool number(double& out);
  bool natural(uint64_t& out);
  bool int32(int32_t& out);
  bool flag(bool& out);
  // A scalar in thousandths, rounded as to_milli() does; or, where a double has no thousandths any
  // more (kMaxScalar), `beyond` alone.
  bool milli(int64_t& out, double& beyond);

  // Of an object, reads the field `wanted` with `read()`, and skips the others.
  template <size_t kSize, typename Read>
  bool only(const char (&wanted)[kSize], Read read) {
    return fields([&](Word key) { return !(key == wanted) || read(); });
  }
  // {"value": "..."}
  bool id(std::string& out) {
    return only("value", [&] { return text(out); });
  }

 private:
  bool step() {
    ++token_;
    return true;
  }
  void begin(size_t at) {
    data_ = text_.c_str() + at;
    token_ = tokens_.positions();
    end_ = token_ + tokens_.count();
  }
  bool has_room(size_t bytes) const {
    return tokens_.end() == text_.size() || bytes_to(tokens_.end()) >= bytes;
  }
  // Asks for as much of the text behind the part as was read of the part: finding tokens is
  // faster than memory, reading them slower.
  void fetch_next_part() {
    const char* const end = position() + std::min(kPart, bytes_to(text_.size()));
    for (; fetched_ < end; fetched_ += 64) __builtin_prefetch(fetched_, 0, 2);
  }
  size_t bytes_to(size_t end) const { return end - static_cast<size_t>(position() - text_.c_str()); }
  // The next part, from the current token on.
  bool read_on();
  // The token's text, up to the next token, without the space between them.
  std::string_view token_text() const {
    const char* const start = position();
    const char* end = data_ + (token_ == end_ ? *token_ : token_[1]);
    while (end > start && static_cast<unsigned char>(end[-1]) <= ' ') --end;
    return {start, static_cast<size_t>(end - start)};
  }
  // Steps over the string token; `out` is what is between its quotes, as it stands.
  bool plain(std::string_view& out) {
    const std::string_view token = token_text();
    if (token.size() < 2 || token.back() != '"') return false;
    out = token.substr(1, token.size() - 2);
    ++token_;
    return true;
  }
  // Eight bytes at a time: strings are short, and a call to memchr() longer than the look.
  static bool has_backslash(std::string_view text) {
    const auto is_in = [](const char* eight) {
      constexpr uint64_t kOnes = 0x0101010101010101, kHighs = 0x8080808080808080;
      uint64_t word;
      std::memcpy(&word, eight, 8);
      word ^= kOnes * '\\';
      return ((word - kOnes) & ~word & kHighs) != 0;
    };
    if (text.size() < 8) {
      for (const char c : text) {
        if (c == '\\') return true;
      }
      return false;
    }
    const char* const last = text.data() + text.size() - 8;
    for (const char* at = text.data(); at < last; at += 8) {
      if (is_in(at)) return true;
    }
    return is_in(last);
  }
  bool skip();
  bool mistyped(std::string_view expected);
  static bool unescape(std::string_view quoted, std::string& out);
  void before(std::string part) {
    if (!where.empty() && where.front() != '[') part += '.';
    where.insert(0, part);
  }

  const std::string& text_;
  JsonTokens& tokens_;
  const char* data_;  // where the part begins
  const uint32_t* token_;
  const uint32_t* end_;
  const char* fetched_;  // up to there the text was asked for
};

}  // namespace ostler::mesos
