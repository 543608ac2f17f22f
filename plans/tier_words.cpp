#include "plans/tier_words.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

struct group_row {
  word_group group;
  std::string_view words;  ///< singular; a trailing * stands for any ending, after at least `stem_key_bytes`
};

constexpr std::array<group_row, 42> table{{
    {word_group::deal,
     "agreement* contract* deal insurance lease leasing loan* memorand* mou partnership* pricing "
     "sponsorship* terms waiver*"},
    {word_group::asset,
     "approval* building* certificat* clearance* container* device* equipment feed financing freight "
     "fund funding hardware investment* land licens* location* machine* material* media mineral* "
     "order* permit* property route* sensor* site stock supply tool* vehicle* venue* visa*"},
    {word_group::quote, "feedback information proposal* quote*"},
    {word_group::binding, "hire hiring negotiat* pay payment* procure* purchas* recruit* sign signing"},
    {word_group::authority,
     "agency authorit* certificat* compliance court customs department government* inspector* licens* "
     "ministry municipal* permit* regulator* zoning"},
    {word_group::spread, "disseminat* distribut* publish* share"},
    {word_group::bidder,
     "applicant* bid* candidate* contractor* manufacturer* offer* proposal* provider* shipyard* "
     "supplier* vendor*"},
    {word_group::tuition, "course* curriculum training"},
    {word_group::docs,
     "assumption* clarity completeness consistency data document* draft* feedback finding* information "
     "literature note* paper report* requirement* result* schedule* text* transcript*"},
    {word_group::framework, "framework* guideline* plan policy protocol* strateg*"},
    {word_group::inside, "board internal management owner* scope sponsor* stakeholder*"},
    {word_group::adviser, "agency auditor* consultant* contractor* counsel expert* firm lawyer* specialist* vendor*"},
    {word_group::lawyer, "attorney* counsel lawyer* notar* solicitor*"},
    {word_group::people,
     "ceremony coach* drill* event* exercise* focus hearing* instructor* interview* meeting* mentor* "
     "onboarding playtest* rehears* session* teach* trainer* training workshop*"},
    {word_group::taught, "train"},
    {word_group::outsider,
     "audience* client* communit* customer* donor* investor* landlord* partner* public resident* "
     "stakeholder* supplier* vendor*"},
    {word_group::asked, "consult* feedback interview* quote* survey* workshop*"},
    {word_group::paper,
     "catalog* chart checklist* concept* criteria diagram* document* draft* finding* forecast* guide "
     "idea* insight* list log matrix mockup* note* outline persona* presentation projection* "
     "questionnaire* register report* research result* schedule sketch* summary template* theme* "
     "timeline"},
    {word_group::outward_paper, "application* business proposal*"},
    {word_group::rule,
     "application* boundar* budget business charter compliance contingency corrective decision* form "
     "goal* governance kpi* mandate manual* metric* mitigation objective* policy procedure* process* "
     "proposal* protocol* requirement* responsibilit* role rule scope specification standard* "
     "workflow*"},
    {word_group::publicity,
     "advertis* announcement* brand* brochure* campaign* content copy event* graphic* material* menu "
     "messag* newsletter* outreach press promot* video website"},
    {word_group::talk, "communication marketing"},
    {word_group::hazard, "clinical emergenc* evacuat* fire hazard* injur* medical patient* safety"},
    {word_group::science, "ecolog* environmental geolog* hazard* hydrolog* injur* safety structural"},
    {word_group::field,
     "household* inspect laboratory onsite physically sample* soil specimen* swab* visit* walkthrough*"},
    {word_group::physical,
     "aircraft animal* asphalt assembl* boat* cabl* calibrat* chemical* clay clean* clinical "
     "component* concrete construct* cook* crate* cricket* debris disposal drainage equipment excavat* "
     "facility filtration firing floor genetic* geotechnical hardware household* hvac inspect* "
     "install* iot kiln kitchen lab laborator* lift* loading machine* material* medical onsite pallet* "
     "patient* photograph* physical* pipe* plc plumb* prototyp* pump* purification removal repair* rig "
     "rigging road robot* sample* sensor* shipping site soil spacecraft specimen* steel storage "
     "surgical swab* taste tunnel* vegetation vehicle* vivo walkthrough* warehouse waste weigh* weld* "
     "wiring"},
    {word_group::crew,
     "aircraft animal* antenna* asphalt assembler* astronaut* boat* bottle* bulldozer* camera* "
     "carpenter* chef* chemical* commissioning component* concrete construction contractor* courier "
     "crane* crate* crew* diver* doctor* driller* driver* drone* electrical electrician* electronics "
     "equipment fabricator* facility farm forklift freezer furniture gear geotechnical gravel guard* "
     "handler* hardware hvac inspector* installer* integrator* iot ironworker* kiln kitchen lab "
     "laborator* loadmaster* machin* mason* material* mechanic mechanical medic microscope* miner* "
     "mover* nurse* operations operator* oven pallet* patient* physician* pipe* plc plumber* power ppe "
     "prototyp* pump* rail reactor reagent* reliability rigger* robot* roofer* rover* safety "
     "satellite* scale sensor* ship soldier* space spacecraft steel steelworker* surgeon* surgical "
     "surveyor* technician* thermometer* transportation truck* turbine* vehicle* vessel* veterinarian* "
     "volunteer waste water welder* worker*"},
    {word_group::stand, "final inventory quality readiness safety site"},
    {word_group::place, "area foundation location sample* site"},
    {word_group::layout, "area condition* facility layout* site"},
    {word_group::code,
     "algorithm* api cargo coding command compiler debug* developer emulator gdb kernel linker parser "
     "programmer python qemu repository rust rustup script* sdk toolchain unit utility"},
    {word_group::compiler, "cargo compiler gdb kernel linker qemu repository rust rustup sdk toolchain"},
    {word_group::software,
     "account* api app application cloud code compil* crm dashboard* data database* digital network "
     "online platform* pos security server* software toolchain utility web website"},
    {word_group::data, "data dataset* metric* record* statist*"},
    {word_group::strategy, "plan strateg*"},
    {word_group::unending, "continu* daily ongoing regular* weekly"},
    {word_group::regulation, "code law regulation* requirement* rule standard*"},
    {word_group::order, "order"},
    {word_group::vague,
     "ensure manage handle ongoing various address support continuous general facilitate etc improve maintain monitor "
     "foster cultivate coordinate oversee enhance optimize mentorship"},
    {word_group::broad,
     "all each every various multiple several numerous diverse comprehensive global international nationwide worldwide "
     "nation region city wide scale entire overall"},
    {word_group::several,
     "activity system measure technology initiative program infrastructure strategy operation service effort facility "
     "center partnership agreement campaign relationship network hub"},
    {word_group::outcome,
     "deliverable* checklist template report list summary draft log register matrix document spreadsheet"},
}};

/// Stems are found by their first bytes.
constexpr std::size_t stem_key_bytes = 3;

class group_index {
 public:
  group_index() {
    for (const auto& row : table)
      for_each_word(row.words, [&](std::string_view word) {
        if (word.ends_with('*')) {
          word.remove_suffix(1);
          stems_[word.substr(0, stem_key_bytes)].push_back({word, bit(row.group)});
        } else {
          whole_[word] |= bit(row.group);
        }
      });
  }

  group_set find(const std::string& word) const {
    group_set found = whole(word);
    if (word.ends_with('s')) found |= whole(singular(word));
    if (const auto stems = stems_.find(std::string_view{word}.substr(0, stem_key_bytes)); stems != stems_.end())
      for (const auto& [stem, group] : stems->second)
        if (word.starts_with(stem)) found |= group;
    return found;
  }

 private:
  group_set whole(std::string_view word) const {
    const auto found = whole_.find(word);
    return found == whole_.end() ? 0 : found->second;
  }

  std::unordered_map<std::string_view, group_set> whole_;
  std::unordered_map<std::string_view, std::vector<std::pair<std::string_view, group_set>>> stems_;
};

}  // namespace

group_set groups_of(const std::string& word) {
  static const group_index index;
  return index.find(word);
}

text_groups::text_groups(const std::vector<std::string>& words) {
  std::vector<std::string_view> different{words.begin(), words.end()};
  std::sort(different.begin(), different.end());
  different.erase(std::unique(different.begin(), different.end()), different.end());
  for (const auto word : different)
    if (const group_set groups = groups_of(std::string{word}); groups != 0) {
      all_ |= groups;
      each_.push_back(groups);
    }
}

std::size_t text_groups::count(word_group group) const {
  return static_cast<std::size_t>(
      std::count_if(each_.begin(), each_.end(), [&](group_set groups) { return (groups & bit(group)) != 0; }));
}

}  // namespace planexe::plans
