// Placement rules over all agents of a round at once.
//
// Every condition of a rule looks at one value of an agent: its hostname, its zone, an
// attribute. Equal values get equal answers, so a condition is decided once per
// distinct value (an expression runs once per value, not once per offer), and an
// agent's answer is a look-up by its value's number.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "agents.h"
#include "interner.h"
#include "rule.h"

namespace ostler::matcher {

class Placement {
 public:
  // Forgets the last round's values.
  void begin(const Round& round, const Agents& agents);

  // One byte an agent: 1 when the rule accepts it for requirement `need`. Valid until
  // the next call.
  const uint8_t* evaluate(const Rule& rule, const ostler_requirement_t& need);

  // The conditions of `rule` that refuse `agent`, in words.
  std::vector<std::string> refusals(const Rule& rule, const ostler_requirement_t& need, uint32_t agent);

 private:
  // The numbers of one field's values: of every agent, then of every placed pod. 0:
  // none. An attribute can be there several times; then the number has kSeveral set and
  // says where in `lists` the count and the numbers are.
  struct Column {
    Field field;
    std::string_view attribute;
    bool ignores_case;
    std::vector<uint32_t> of_agents, of_placed;
    std::vector<uint32_t> lists;
    Interner values;
  };
  static constexpr uint32_t kSeveral = 1u << 31;

  Column& column_for(const Leaf& leaf);
  uint32_t value_of(Column& column, std::string_view plain, ostler_slice_t attributes);
  // answers_[v]: what `leaf` says to value number v.
  void answer(const Leaf& leaf, Column& column, const ostler_requirement_t& need);
  void answer_counting(const Leaf& leaf, Column& column, const ostler_requirement_t& need);
  bool is_counted(const Leaf& leaf, const ostler_placed_t& placed, const ostler_requirement_t& need) const;
  bool accepts(const Leaf& leaf, const Column& column, uint32_t value) const;
  void evaluate_leaf(const Leaf& leaf, const ostler_requirement_t& need, std::vector<uint8_t>& out);
  const uint8_t* keep(const Leaf& leaf, const ostler_requirement_t& need);

  const Round* round_ = nullptr;
  const Agents* agents_ = nullptr;
  std::vector<Column> columns_;  // the first column_count_ are in use
  size_t column_count_ = 0;
  std::vector<uint8_t> answers_;
  std::vector<uint32_t> counts_;
  std::vector<std::vector<uint8_t>> results_;  // one a node
  std::vector<const uint8_t*> result_of_;      // of each node: its result, or a kept one

  // Conditions that do not count answer the same to every requirement of a round.
  struct Kept {
    const Leaf* leaf;
    std::vector<uint8_t> result;
  };
  std::deque<Kept> kept_;  // the first kept_count_ are in use
  size_t kept_count_ = 0;
};

}  // namespace ostler::matcher
