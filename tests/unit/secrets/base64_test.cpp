#include "base64.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ostler {
namespace {

std::string decode(const std::string& text) {
  std::vector<uint8_t> out(base64_room(text.size()));
  const Base64Result result = decode_base64(text, out.data());
  if (result.problem != nullptr) return "byte " + std::to_string(result.position) + ": " + result.problem;
  return std::string(out.begin(), out.begin() + static_cast<ptrdiff_t>(result.size));
}

TEST(Base64, DecodesTheVectorsOfRfc4648) {
  EXPECT_EQ(decode(""), "");
  EXPECT_EQ(decode("Zg=="), "f");
  EXPECT_EQ(decode("Zm8="), "fo");
  EXPECT_EQ(decode("Zm9v"), "foo");
  EXPECT_EQ(decode("Zm9vYg=="), "foob");
  EXPECT_EQ(decode("Zm9vYmE="), "fooba");
  EXPECT_EQ(decode("Zm9vYmFy"), "foobar");
}

TEST(Base64, DecodesEveryByte) {
  EXPECT_EQ(decode("AP8A/w=="), std::string("\x00\xff\x00\xff", 4));
  EXPECT_EQ(decode("+/+/"), "\xfb\xff\xbf");
  // Every byte in every position of a group.
  const std::string digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (int byte = 0; byte < 256; ++byte) {
    const char first = digits[static_cast<size_t>(byte >> 2)];
    const char second = digits[static_cast<size_t>((byte & 3) << 4)];
    EXPECT_EQ(decode(std::string{first, second, '=', '='}), std::string(1, static_cast<char>(byte)));
  }
}

TEST(Base64, AllowsWhiteSpaceAroundTheText) {
  EXPECT_EQ(decode(" \n\tZm9v\r\n\n"), "foo");
  EXPECT_EQ(decode("\n"), "");
}

TEST(Base64, RefusesEverythingElseAndTellsThePosition) {
  EXPECT_EQ(decode("Zm9\nv"), "byte 3: white space inside the text, expected one line (base64 -w0)");
  EXPECT_EQ(decode("Zm9 v"), "byte 3: white space inside the text, expected one line (base64 -w0)");
  EXPECT_EQ(decode("  Zm9*"), "byte 5: a character that is not base64");
  EXPECT_EQ(decode(std::string("Zm\0v", 4)), "byte 2: a character that is not base64");
  EXPECT_EQ(decode("Zm\xc3\xa9"), "byte 2: a character that is not base64");
  EXPECT_EQ(decode("-_-_"), "byte 0: a character of the URL-safe alphabet, expected the standard one");
}

TEST(Base64, RefusesPaddingThatIsNotCanonical) {
  EXPECT_EQ(decode("Zg"), "byte 2: the padding ('=') is missing");
  EXPECT_EQ(decode("Zg="), "byte 2: the padding ('=') has the wrong length");
  EXPECT_EQ(decode("Zm8=="), "byte 3: the padding ('=') has the wrong length");
  EXPECT_EQ(decode("Zm9v="), "byte 4: the padding ('=') has the wrong length");
  EXPECT_EQ(decode("Zm9v===="), "byte 4: padding before the end");
  EXPECT_EQ(decode("Zg==Zg=="), "byte 2: padding before the end");
  EXPECT_EQ(decode("Z"), "byte 1: the text ends within a byte");
  EXPECT_EQ(decode("Z==="), "byte 1: padding before the end");
  EXPECT_EQ(decode("===="), "byte 0: padding before the end");
  EXPECT_EQ(decode("="), "byte 0: the padding ('=') has the wrong length");
}

TEST(Base64, RefusesBitsThatNoByteTakes) {
  EXPECT_EQ(decode("Zh=="), "byte 1: the last character has bits that no byte takes");
  EXPECT_EQ(decode("Zm9="), "byte 2: the last character has bits that no byte takes");
}

}  // namespace
}  // namespace ostler
