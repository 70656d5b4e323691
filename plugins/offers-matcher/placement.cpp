#include "placement.h"

#include <algorithm>

namespace ostler::matcher {
namespace {

bool equal_names(std::string_view a, std::string_view b, bool ignores_case) {
  if (!ignores_case) return a == b;
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [&](char x, char y) { return lower(x) == lower(y); });
}

}  // namespace

void Placement::begin(const Round& round, const Agents& agents) {
  round_ = &round;
  agents_ = &agents;
  column_count_ = 0;
  kept_count_ = 0;
  for (uint32_t i = 0; i < round.placed_count(); ++i) round.check_placed(round.placed(i));
}

uint32_t Placement::value_of(Column& column, std::string_view plain, ostler_slice_t attributes) {
  if (column.field != Field::kAttribute) return plain.empty() ? 0 : column.values.number(plain);
  uint32_t first = 0;
  uint32_t list = 0;
  for (uint32_t i = 0; i < attributes.count; ++i) {
    const ostler_attribute_t& attribute = round_->attribute(attributes.first + i);
    if (!equal_names(view(attribute.name), column.attribute, column.ignores_case)) continue;
    const uint32_t number = column.values.number(view(attribute.text));
    if (first == 0) {
      first = number;
      continue;
    }
    if (list == 0) {
      list = static_cast<uint32_t>(column.lists.size()) | kSeveral;
      column.lists.insert(column.lists.end(), {1, first});
    }
    column.lists.push_back(number);
    ++column.lists[list & ~kSeveral];
  }
  return list != 0 ? list : first;
}

Placement::Column& Placement::column_for(const Leaf& leaf) {
  for (size_t i = 0; i < column_count_; ++i) {
    Column& column = columns_[i];
    if (column.field == leaf.field && column.attribute == leaf.attribute &&
        column.ignores_case == leaf.ignores_case)
      return column;
  }
  if (column_count_ == columns_.size()) columns_.emplace_back();
  Column& column = columns_[column_count_++];
  column.field = leaf.field;
  column.attribute = leaf.attribute;
  column.ignores_case = leaf.ignores_case;
  column.of_agents.clear();
  column.of_placed.clear();
  column.lists.clear();
  column.values.clear();
  const auto plain = [&](ostler_str_t hostname, ostler_str_t zone, ostler_str_t region,
                         ostler_str_t agent_id) {
    switch (leaf.field) {
      case Field::kHostname:
        return view(hostname);
      case Field::kZone:
        return view(zone);
      case Field::kRegion:
        return view(region);
      default:
        return view(agent_id);
    }
  };
  const auto offer_of = [&](uint32_t agent) -> const ostler_offer_t& {
    return agents_->first_offer(*round_, agent);
  };
  if (leaf.field == Field::kAttribute) {
    for (uint32_t i = 0; i < agents_->count(); ++i)
      column.of_agents.push_back(value_of(column, {}, offer_of(i).attributes));
  } else {
    const auto text_of = [&](uint32_t agent) {
      const ostler_offer_t& o = offer_of(agent);
      return plain(o.hostname, o.zone, o.region, o.agent_id);
    };
    column.values.number_all(agents_->count(), text_of, [&](uint32_t agent, uint32_t number) {
      column.of_agents.push_back(text_of(agent).empty() ? 0 : number);
    });
  }
  for (uint32_t i = 0; i < round_->placed_count(); ++i) {
    const ostler_placed_t& p = round_->placed(i);
    column.of_placed.push_back(
        value_of(column, plain(p.hostname, p.zone, p.region, p.agent_id), p.attributes));
  }
  return column;
}

void Placement::answer(const Leaf& leaf, Column& column, const ostler_requirement_t& need) {
  if (leaf.counts()) return answer_counting(leaf, column, need);
  answers_.resize(column.values.size());
  answers_[0] = leaf.accepts_absence();
  for (uint32_t v = 1; v < answers_.size(); ++v)
    answers_[v] = leaf.accepts(column.values.text(v), round_->local_region());
}

bool Placement::is_counted(const Leaf& leaf, const ostler_placed_t& placed,
                           const ostler_requirement_t& need) const {
  if (leaf.test == Test::kNear || leaf.test == Test::kApart) return view(placed.pod_type) == leaf.text;
  if (leaf.task_filter == nullptr) return view(placed.pod_type) == view(need.pod_type);
  for (uint32_t i = 0; i < placed.tasks.count; ++i) {
    if (leaf.task_filter->accepts(round_->name(placed.tasks.first + i), {})) return true;
  }
  return false;
}

void Placement::answer_counting(const Leaf& leaf, Column& column, const ostler_requirement_t& need) {
  const bool is_near_or_apart = leaf.test == Test::kNear || leaf.test == Test::kApart;
  counts_.assign(column.values.size(), 0);
  uint32_t total = 0;
  for (uint32_t i = 0; i < round_->placed_count(); ++i) {
    const ostler_placed_t& placed = round_->placed(i);
    if (view(placed.pod) == view(need.pod) || !is_counted(leaf, placed, need)) continue;
    ++total;
    const uint32_t value = column.of_placed[i];
    if ((value & kSeveral) == 0) {
      ++counts_[value];
      continue;
    }
    const uint32_t* list = &column.lists[value & ~kSeveral];
    for (uint32_t k = 1; k <= (leaf.test == Test::kGroupBy ? 1 : *list); ++k) ++counts_[list[k]];
  }
  counts_[0] = 0;

  const size_t size = column.values.size();
  switch (leaf.test) {
    case Test::kMaxPer:
      answers_.assign(size, 1);
      for (uint32_t v = 1; v < size; ++v) {
        const bool is_limited =
            leaf.value_filter == nullptr || leaf.value_filter->accepts(column.values.text(v), {});
        answers_[v] = !is_limited || counts_[v] < leaf.limit;
      }
      break;
    case Test::kNear:
      answers_.assign(size, total == 0);
      break;
    case Test::kApart:
      answers_.assign(size, 1);
      break;
    default: {  // kGroupBy
      uint32_t known = 0, least = UINT32_MAX, most = 0;
      for (size_t v = 1; v < size; ++v) {
        if (counts_[v] == 0) continue;
        ++known;
        least = std::min(least, counts_[v]);
        most = std::max(most, counts_[v]);
      }
      if (known == 0) least = 0;
      answers_.assign(size, 0);
      for (size_t v = 1; v < size; ++v) {
        const bool is_low = least == most || counts_[v] <= least;
        // While values are missing that are known to exist, only new ones will do.
        answers_[v] = is_low && (leaf.limit == 0 || known >= leaf.limit || counts_[v] == 0);
      }
    }
  }
  for (size_t v = 1; is_near_or_apart && total > 0 && v < size; ++v) {
    if (counts_[v] > 0) answers_[v] = leaf.test == Test::kNear;
  }
  answers_[0] = leaf.accepts_absence();
}

bool Placement::accepts(const Leaf& leaf, const Column& column, uint32_t value) const {
  if ((value & kSeveral) == 0) return answers_[value];
  const uint32_t* list = &column.lists[value & ~kSeveral];
  switch (leaf.test) {
    case Test::kGroupBy:
      return answers_[list[1]];
    case Test::kEquals:
    case Test::kLike:
      return std::any_of(list + 1, list + 1 + *list, [&](uint32_t v) { return answers_[v] != 0; });
    default:
      return std::all_of(list + 1, list + 1 + *list, [&](uint32_t v) { return answers_[v] != 0; });
  }
}

void Placement::evaluate_leaf(const Leaf& leaf, const ostler_requirement_t& need, std::vector<uint8_t>& out) {
  Column& column = column_for(leaf);
  answer(leaf, column, need);
  const uint32_t count = agents_->count();
  if (column.lists.empty()) {
    for (uint32_t i = 0; i < count; ++i) out[i] = answers_[column.of_agents[i]];
  } else {
    for (uint32_t i = 0; i < count; ++i) out[i] = accepts(leaf, column, column.of_agents[i]);
  }
}

const uint8_t* Placement::keep(const Leaf& leaf, const ostler_requirement_t& need) {
  for (size_t i = 0; i < kept_count_; ++i) {
    if (kept_[i].leaf == &leaf) return kept_[i].result.data();
  }
  if (kept_count_ == kept_.size()) kept_.emplace_back();
  Kept& kept = kept_[kept_count_++];
  kept.leaf = &leaf;
  kept.result.resize(agents_->count());
  evaluate_leaf(leaf, need, kept.result);
  return kept.result.data();
}

const uint8_t* Placement::evaluate(const Rule& rule, const ostler_requirement_t& need) {
  const uint32_t count = agents_->count();
  if (results_.size() < rule.nodes.size()) results_.resize(rule.nodes.size());
  result_of_.resize(rule.nodes.size());
  for (size_t n = 0; n < rule.nodes.size(); ++n) {
    const Node& node = rule.nodes[n];
    std::vector<uint8_t>& out = results_[n];
    if (node.type == Node::Type::kLeaf && !rule.leaves[node.leaf].counts()) {
      result_of_[n] = keep(rule.leaves[node.leaf], need);
      continue;
    }
    out.assign(count, node.type == Node::Type::kAll);
    switch (node.type) {
      case Node::Type::kLeaf:
        evaluate_leaf(rule.leaves[node.leaf], need, out);
        break;
      case Node::Type::kNever:
        break;
      case Node::Type::kNot:
        for (uint32_t i = 0; i < count; ++i) out[i] = result_of_[node.children[0]][i] ^ 1;
        break;
      case Node::Type::kAll:
        for (const uint32_t child : node.children) {
          for (uint32_t i = 0; i < count; ++i) out[i] &= result_of_[child][i];
        }
        break;
      case Node::Type::kAny:
        for (const uint32_t child : node.children) {
          for (uint32_t i = 0; i < count; ++i) out[i] |= result_of_[child][i];
        }
        break;
    }
    result_of_[n] = out.data();
  }
  return result_of_.back();
}

std::vector<std::string> Placement::refusals(const Rule& rule, const ostler_requirement_t& need,
                                             uint32_t agent) {
  std::vector<std::string> out;
  if (evaluate(rule, need)[agent] != 0) return out;
  for (const Leaf& leaf : rule.leaves) {
    Column& column = column_for(leaf);
    answer(leaf, column, need);
    const uint32_t value = column.of_agents[agent];
    if (accepts(leaf, column, value)) continue;
    std::string text = leaf.source;
    if (value == 0) {
      text += ": the agent has no such value";
    } else {
      const uint32_t first = (value & kSeveral) == 0 ? value : column.lists[(value & ~kSeveral) + 1];
      text += ": the agent has '" + std::string(column.values.text(first)) + "'";
      if (leaf.test == Test::kMaxPer || leaf.test == Test::kGroupBy) {
        const std::string of = leaf.task_filter == nullptr ? "of '" + std::string(view(need.pod_type)) + "'"
                                                           : "with tasks that its 'task-filter' counts";
        text += ", where " + std::to_string(counts_[first]) + " " + of + " run already";
      }
    }
    out.push_back(std::move(text));
  }
  // A negated or combined rule may refuse although each condition holds.
  if (out.empty()) out.push_back("the rule as a whole");
  return out;
}

}  // namespace ostler::matcher
