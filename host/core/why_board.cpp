#include "core/why_board.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "core/maintenance.h"

namespace ostler::core {
namespace {

using mesos::view;

// Told in this order. The bits of plugins (from 32 on) become the last one.
struct WhyReason {
  uint64_t bit;
  std::string_view name;
  std::string_view text;
};
constexpr uint64_t kPluginBits = ~uint64_t{0} << 32;
constexpr WhyReason kWhyReason[kWhyReasons] = {
    {OSTLER_REASON_AGENT, "AGENT", "other than the agent that holds its resources"},
    {OSTLER_REASON_RESERVED, "RESERVED", "not offering its reserved resources"},
    {OSTLER_REASON_CPUS, "CPUS", "short of cpus"},
    {OSTLER_REASON_MEM, "MEM", "short of memory"},
    {OSTLER_REASON_DISK, "DISK", "short of disk"},
    {OSTLER_REASON_GPUS, "GPUS", "short of gpus"},
    {OSTLER_REASON_PORTS, "PORTS", "without the ports it needs"},
    {OSTLER_REASON_VOLUME, "VOLUME", "without a fitting MOUNT disk"},
    {OSTLER_REASON_PLACEMENT, "PLACEMENT", "excluded by placement"},
    {OSTLER_REASON_ROLE, "ROLE", "offering nothing to its role"},
    {OSTLER_REASON_RULE, "RULE", "not comparable with its invalid placement rule"},
    {kMaintenanceReason, "MAINTENANCE", "soon in maintenance"},
    {kPluginBits, "PLUGIN", "refused by a plugin"},
};
constexpr size_t kPlacementReason = 8;

// Above these the board begins anew: it explains, and nothing depends on it.
constexpr size_t kMaxNotes = 65536;
constexpr size_t kMaxCells = 1'000'000;  // 8 MB
constexpr size_t kMaxSteps = 5000;

constexpr size_t kMaxShown = 100;     // agents in a list
constexpr size_t kMaxOutcomes = 100;  // as many as the SDK shows
constexpr size_t kOutcomesOfALook = 4;
constexpr uint32_t kExplanationsOfABatch = 8;
constexpr int64_t kExplainAgainMs = 1000;
constexpr int64_t kMinuteMs = 60'000, kHourMs = 3'600'000;
constexpr size_t kMinutes = 60, kHours = 48;
constexpr int64_t kSilentMs = 10 * kMinuteMs;

uint16_t mask_of(uint64_t reasons) {
  if (reasons == 0) return 0;
  uint16_t mask = 0;
  for (size_t i = 0; i < kWhyReasons; ++i) {
    if (reasons & kWhyReason[i].bit) mask = static_cast<uint16_t>(mask | 1U << i);
  }
  return mask;
}

const uint16_t kOtherRole = mask_of(OSTLER_REASON_ROLE);

template <typename Count>
void add_bits(Count& counts, uint16_t mask, int32_t by) {
  for (uint16_t left = mask; left != 0; left = static_cast<uint16_t>(left & (left - 1)))
    counts[static_cast<size_t>(std::countr_zero(left))] += static_cast<uint32_t>(by);
}

void note_bucket(std::deque<WhyBucket>& buckets, int64_t width_ms, size_t most, int64_t unix_ms,
                 const WhyCounts& counts, uint32_t agents, uint32_t fitting) {
  const int64_t from = unix_ms - unix_ms % width_ms;
  if (buckets.empty() || buckets.back().from_unix_ms != from) {
    buckets.emplace_back().from_unix_ms = from;
    if (buckets.size() > most) buckets.pop_front();
  }
  buckets.back().counts = counts;
  buckets.back().agents = agents;
  buckets.back().fitting = fitting;
}

std::string words_of(uint16_t mask) {
  std::string text;
  for (size_t i = 0; i < kWhyReasons; ++i) {
    if (mask & 1U << i) text += (text.empty() ? "" : ", ") + std::string(kWhyReason[i].text);
  }
  return text;
}

}  // namespace

uint64_t why_reason_bits(size_t reason) { return kWhyReason[reason].bit; }
std::string_view why_reason_name(size_t reason) { return kWhyReason[reason].name; }
std::string_view why_reason_text(size_t reason) { return kWhyReason[reason].text; }

void WhyBoard::forget_everything() {
  numbers_.clear();
  notes_.clear();
  refusals_.clear();
  steps_.clear();
  cells_ = 0;
}

std::optional<uint32_t> WhyBoard::find(std::string_view agent_id) const {
  return numbers_.find(agent_id, [&](uint32_t number) { return std::string_view(notes_[number].id); });
}

// False when these agents are more than may be known. Those of an event are mostly known,
// and come in much the same order as the last time: whom the master's allocator goes
// through in the order of a hash map.
bool WhyBoard::number_agents(const mesos::OfferBatch& batch, size_t most) {
  agent_of_offer_.resize(batch.size());
  size_t next = 0;
  for (uint32_t i = 0; i < batch.size(); ++i) {
    const ostler_offer_t& offer = batch.offers[i];
    const std::string_view id = view(offer.agent_id);
    if (next < notes_.size() && notes_[next].id == id) {
      agent_of_offer_[i] = static_cast<uint32_t>(next++);
      continue;
    }
    std::optional<uint32_t> number = find(id);
    if (!number) {
      if (notes_.size() >= most) return false;
      number = static_cast<uint32_t>(notes_.size());
      numbers_.add(id, *number);
      refusals_.push_back(0);
      AgentNote& note = notes_.emplace_back();
      note.id = id;
      note.hostname = view(offer.hostname);
    }
    agent_of_offer_[i] = *number;
    next = size_t{*number} + 1;
  }
  return true;
}

void WhyBoard::offered(const mesos::OfferBatch& batch, Now now) {
  if (!number_agents(batch, kMaxNotes)) {
    forget_everything();
    number_agents(batch, SIZE_MAX);
  }
  batch_ = &batch;
  now_ = now;
  explanations_left_ = kExplanationsOfABatch;
  for (const uint32_t number : agent_of_offer_) {
    AgentNote& note = notes_[number];
    note.offered_unix_ms = now.unix_ms;
    note.declined_until_unix_ms = 0;
    note.is_gone = false;
  }
}

void WhyBoard::declined(uint32_t offer, int64_t until_unix_ms) {
  notes_[agent_of_offer_[offer]].declined_until_unix_ms = until_unix_ms;
}

void WhyBoard::revived() {
  for (AgentNote& note : notes_) note.declined_until_unix_ms = 0;
}

void WhyBoard::agent_removed(const std::string& agent_id) {
  const std::optional<uint32_t> known = find(agent_id);
  if (!known) return;
  notes_[*known].is_gone = true;
  for (auto& [id, note] : steps_) {
    if (note.nearest && note.nearest->agent_id == agent_id) note.nearest.reset();
    if (*known >= note.cells.size() || !note.cells[*known].is_known) continue;
    Cell& cell = note.cells[*known];
    add_bits(note.counts, cell.reasons, -1);
    --note.agents;
    note.fitting -= cell.reasons == 0;
    cell = {};
  }
}

void WhyBoard::put(StepNote& note, Cell& cell, uint16_t reasons, double score) {
  if (cell.is_known) {
    add_bits(note.counts, cell.reasons, -1);
    note.fitting -= cell.reasons == 0;
  } else {
    ++note.agents;
  }
  add_bits(note.counts, reasons, 1);
  note.fitting += reasons == 0;
  cell = {static_cast<float>(score), reasons, true};
}

// What the histogram of one pass says, for the totals.
void WhyBoard::count_pass(StepNote& note) {
  WhyCounts counts{};
  uint32_t fitting = 0, all = 0;
  for (const uint16_t mask : seen_masks_) {
    const uint32_t hits = std::exchange(histogram_[mask], 0);
    all += hits;
    if (mask == 0) fitting += hits;
    for (uint16_t left = mask; left != 0; left = static_cast<uint16_t>(left & (left - 1)))
      counts[static_cast<size_t>(std::countr_zero(left))] += hits;
  }
  seen_masks_.clear();
  rejected_ += all - fitting;
  for (size_t i = 0; i < kWhyReasons; ++i) failures_[i] += counts[i];
  if (note.cells.empty()) {  // this batch is all there is to tell
    note.counts = counts;
    note.agents = all;
    note.fitting = fitting;
  }
}

void WhyBoard::judged(const std::string& step_id, const std::string& pod, const ostler_verdict_t* row,
                      const std::function<std::string(const std::vector<uint32_t>& offers)>& explain) {
  if (steps_.size() >= kMaxSteps && !steps_.contains(step_id)) {
    steps_.clear();
    cells_ = 0;
  }
  StepNote& note = steps_[step_id];
  if (note.cells.size() < notes_.size() && cells_ + notes_.size() <= kMaxCells) {
    cells_ += notes_.size() - note.cells.size();
    note.cells.resize(notes_.size());
  }
  const bool has_cells = note.cells.size() == notes_.size();
  if (!has_cells) note.cells.clear();

  histogram_.resize(size_t{1} << kWhyReasons);
  uint64_t last_reasons = 0;
  uint16_t last_mask = 0;
  int64_t nearest = -1;
  for (uint32_t o = 0; o < agent_of_offer_.size(); ++o) {
    const ostler_verdict_t& verdict = row[o];
    if (verdict.reasons != last_reasons) {
      last_reasons = verdict.reasons;
      last_mask = mask_of(last_reasons);
    }
    if (histogram_[last_mask]++ == 0) seen_masks_.push_back(last_mask);
    const uint32_t agent = agent_of_offer_[o];
    if (last_mask != 0) {
      ++refusals_[agent];
      if (nearest < 0 || verdict.score > row[nearest].score) nearest = o;
    }
    if (!has_cells) continue;
    Cell& cell = note.cells[agent];
    if (cell.is_known && cell.reasons == last_mask) {
      cell.score = static_cast<float>(verdict.score);
    } else if (!cell.is_known || (last_mask & kOtherRole) == 0) {
      // What is offered to another role says nothing of what the agent has for this one.
      put(note, cell, last_mask, verdict.score);
    }
  }
  count_pass(note);
  note.looked_unix_ms = now_.unix_ms;
  note_bucket(note.minutes, kMinuteMs, kMinutes, now_.unix_ms, note.counts, note.agents, note.fitting);
  note_bucket(note.hours, kHourMs, kHours, now_.unix_ms, note.counts, note.agents, note.fitting);
  add_outcomes(pod, row);

  // A nearer one than this may have come in an earlier batch.
  if (nearest < 0) return;
  if (note.nearest) {
    const std::optional<uint32_t> known = find(note.nearest->agent_id);
    const bool still_holds =
        has_cells && known && note.cells[*known].is_known && note.cells[*known].reasons != 0;
    const uint32_t agent = agent_of_offer_[static_cast<size_t>(nearest)];
    if (still_holds && *known != agent && note.cells[*known].score >= static_cast<float>(row[nearest].score))
      return;
    if (now_.mono_ms < note.explained_mono_ms + kExplainAgainMs) return;
  }
  if (explanations_left_ == 0) return;
  --explanations_left_;
  note.explained_mono_ms = now_.mono_ms;
  std::vector<uint32_t> offers{static_cast<uint32_t>(nearest)};
  for (uint32_t o = 0; o < agent_of_offer_.size(); ++o) {
    if (agent_of_offer_[o] == agent_of_offer_[offers.front()] && o != offers.front()) offers.push_back(o);
  }
  const ostler_offer_t& offer = batch_->offers[offers.front()];
  note.nearest = WhyStep::Nearest{std::string(view(offer.agent_id)), std::string(view(offer.hostname)),
                                  explain(offers), now_.unix_ms};
}

void WhyBoard::add_outcomes(const std::string& pod, const ostler_verdict_t* row) {
  const size_t shown = std::min(agent_of_offer_.size(), kOutcomesOfALook);
  for (size_t o = 0; o < shown; ++o) {
    const uint16_t mask = mask_of(row[o].reasons);
    if (mask == 0) continue;
    const ostler_offer_t& offer = batch_->offers[o];
    outcomes_.push_back({now_.unix_ms, pod, std::string(view(offer.id)), std::string(view(offer.agent_id)),
                         std::string(view(offer.hostname)), false, words_of(mask)});
    if (outcomes_.size() > kMaxOutcomes) outcomes_.pop_front();
  }
}

void WhyBoard::served(const std::string& step_id, const std::string& pod, uint32_t offer) {
  ++accepted_;
  const auto known = steps_.find(step_id);
  if (known != steps_.end()) {
    StepNote& note = known->second;  // the history stays
    cells_ -= note.cells.size();
    note.cells.clear();
    note.counts = {};
    note.agents = note.fitting = 0;
    note.nearest.reset();
  }
  const ostler_offer_t& used = batch_->offers[offer];
  outcomes_.push_back({now_.unix_ms, pod, std::string(view(used.id)), std::string(view(used.agent_id)),
                       std::string(view(used.hostname)), true, "fits"});
  if (outcomes_.size() > kMaxOutcomes) outcomes_.pop_front();
}

void WhyBoard::forget(const std::string& step_id) {
  const auto known = steps_.find(step_id);
  if (known == steps_.end()) return;
  cells_ -= known->second.cells.size();
  steps_.erase(known);
}

std::string WhyBoard::sentence(const std::string& step_id, const std::string& pod,
                               const std::string& unique_type) const {
  const auto known = steps_.find(step_id);
  if (known == steps_.end() || known->second.agents == 0) return "no agent was offered to " + pod + " yet";
  const StepNote& note = known->second;
  const bool is_one = note.agents == 1;
  std::string text = std::to_string(note.fitting) + " of " + std::to_string(note.agents) +
                     (is_one ? " agent fits " : " agents fit ") + pod;
  const char* separator = ": ";
  for (size_t i = 0; i < kWhyReasons; ++i) {
    const uint32_t hits = note.counts[i];
    if (hits == 0) continue;
    text += separator + std::to_string(hits) + " ";
    if (i == kPlacementReason && !unique_type.empty()) {
      text += (hits == 1 ? "already runs a " : "already run a ") + unique_type + " pod";
    } else {
      text += kWhyReason[i].text;
    }
    separator = ", ";
  }
  return text;
}

void WhyBoard::describe(const std::string& step_id, WhyStep& out) const {
  const auto known = steps_.find(step_id);
  if (known == steps_.end()) return;
  const StepNote& note = known->second;
  out.agents = note.agents;
  out.fitting = note.fitting;
  out.counts = note.counts;
  out.looked_unix_ms = note.looked_unix_ms;
  out.nearest = note.nearest;
  out.minutes.assign(note.minutes.begin(), note.minutes.end());
  out.hours.assign(note.hours.begin(), note.hours.end());
}

void WhyBoard::describe(WhyPicture& out, Now now) const {
  out.accepted = accepted_;
  out.rejected = rejected_;
  out.failures = failures_;
  out.outcomes.assign(outcomes_.begin(), outcomes_.end());
  std::vector<uint32_t> rejecting;
  for (uint32_t i = 0; i < notes_.size(); ++i) {
    const AgentNote& note = notes_[i];
    if (refusals_[i] > 0) rejecting.push_back(i);
    if (note.is_gone || now.unix_ms - note.offered_unix_ms < kSilentMs) continue;
    if (note.declined_until_unix_ms > now.unix_ms) {
      ++out.declined_agents;
    } else if (out.silent_agents.size() < kMaxShown) {
      out.silent_agents.push_back({note.id, note.hostname, note.offered_unix_ms, {}});
    }
  }
  const auto shown = static_cast<std::ptrdiff_t>(std::min(rejecting.size(), kMaxShown));
  std::partial_sort(
      rejecting.begin(), rejecting.begin() + shown, rejecting.end(),
      [&](uint32_t a, uint32_t b) { return std::pair(refusals_[b], a) < std::pair(refusals_[a], b); });
  for (std::ptrdiff_t i = 0; i < shown; ++i) {
    const AgentNote& note = notes_[rejecting[static_cast<size_t>(i)]];
    out.rejected_agents[note.hostname] += refusals_[rejecting[static_cast<size_t>(i)]];
  }
}

bool WhyBoard::is_silent(std::string_view agent_id, Now now) const {
  const std::optional<uint32_t> known = find(agent_id);
  if (!known) return true;
  const AgentNote& note = notes_[*known];
  return note.is_gone || now.unix_ms - note.offered_unix_ms >= kSilentMs;
}

int64_t WhyBoard::last_offered(std::string_view agent_id) const {
  const std::optional<uint32_t> known = find(agent_id);
  return known ? notes_[*known].offered_unix_ms : 0;
}

}  // namespace ostler::core
