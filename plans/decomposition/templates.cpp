#include "plans/decomposition/templates.hpp"

#include <array>

#include "plans/actions.hpp"

namespace planexe::plans {
namespace {

constexpr auto with_approval = domain::autonomy_tier::agent_with_approval;
constexpr auto by_person = domain::autonomy_tier::person_led;

constexpr std::array research{
    template_step{"List the questions about {subject}", "analyze",
                  "Write down what must be known about {subject}, and what it will be used for.",
                  "Every question is written down with what its answer decides", 0.15, ""},
    template_step{"Gather sources on {subject}", "research",
                  "Find sources that answer the questions, with their dates and addresses.{resources}",
                  "At least two independent sources for each question, or a note that there are none", 0.45, "1", true},
    template_step{"Compare the sources on {subject}", "analyze",
                  "Weigh what the sources say against each other; name where they differ and which one is trusted.",
                  "Each question has an answer with its sources and how sure it is", 0.25, "2"},
    template_step{"Write up the findings on {subject}", "draft_document",
                  "Write the answers down for whoever uses them, with sources and open points.",
                  "A document that answers each question or says that it stays open", 0.15, "3"},
};
constexpr std::array draft_document{
    template_step{"Gather the material for {subject}", "research",
                  "Collect what the document must contain and who will read it.{resources}",
                  "Readers, purpose, sources and formal requirements are listed", 0.25, ""},
    template_step{"Outline {subject}", "draft_document", "Order the content into sections, each with its main point.",
                  "An outline that covers every requirement", 0.15, "1"},
    template_step{"Write the draft of {subject}", "draft_document", "Write all sections of the outline in full.",
                  "Every section is written; nothing is left open without being named", 0.4, "2", true},
    template_step{"Check and correct {subject}", "review",
                  "Read the draft against its requirements, its facts and its readers; correct it.",
                  "Every requirement is met and every correction is in", 0.2, "3"},
};
constexpr std::array send_email{
    template_step{"Settle recipients and purpose of the message: {subject}", "analyze",
                  "Name who must get the message, what they should know or do, and by when.{resources}",
                  "Recipients with addresses, the purpose and the wanted answer are listed", 0.2, ""},
    template_step{"Write the message: {subject}", "draft_document",
                  "Write subject line and text, and put together what is attached.",
                  "The text says what is wanted and by when, and fits every recipient", 0.4, "1"},
    template_step{"Send the message: {subject}", "send_email",
                  "Send it to the recipients once a person has approved text and recipients.",
                  "Sent to every recipient; none came back as undeliverable", 0.2, "2", true, with_approval},
    template_step{"Record the answers: {subject}", "draft_document",
                  "Write down who has answered what, and who still has to.",
                  "An entry for every recipient: the answer, or when to ask again", 0.2, "3"},
};
constexpr std::array make_phone_call{
    template_step{"Prepare the call: {subject}", "draft_document",
                  "Find the number and the right person, and write down what to ask, what to offer and what to avoid."
                  "{resources}",
                  "Number, name, questions in order, and the result that is wanted are written down", 0.3, ""},
    template_step{"Make the call: {subject}", "make_phone_call",
                  "Call, ask every prepared question, and agree on what happens next.",
                  "The person was reached and every question was asked, or three tries are noted", 0.4, "1", true,
                  with_approval},
    template_step{"Write down the outcome of the call: {subject}", "draft_document",
                  "Note the answers, what was promised by whom and until when, and what is still open.",
                  "A note with date, names, answers and promises", 0.3, "2"},
};
constexpr std::array schedule_calendar_event{
    template_step{"List participants and conditions: {subject}", "analyze",
                  "Name who must and who may take part, how long it takes, where, and what must be ready by then."
                  "{resources}",
                  "Participants, length, place and conditions are listed", 0.2, ""},
    template_step{"Agree on a time: {subject}", "send_email",
                  "Offer the participants times, and settle on one that suits all who must be there.",
                  "Everybody who must take part has accepted one time", 0.4, "1", false, with_approval},
    template_step{"Enter and invite: {subject}", "schedule_calendar_event",
                  "Put it into the calendars with place, agenda and papers, and book what it needs.",
                  "The entry stands in every participant's calendar; room or line are booked", 0.25, "2", true},
    template_step{"Confirm attendance: {subject}", "send_email",
                  "Remind the participants the day before, and find replacements for those who cannot come.",
                  "Every participant has confirmed or is replaced", 0.15, "3", false, with_approval},
};
constexpr std::array analyze{
    template_step{"Settle the criteria for {subject}", "analyze",
                  "Write down what is to be decided, by which criteria, and how much each of them counts.",
                  "Criteria with weights or limits are written down before any result is known", 0.15, ""},
    template_step{"Gather the data for {subject}", "research",
                  "Collect the figures and facts that the criteria need, with their sources.{resources}",
                  "Data for every criterion, with gaps named", 0.3, ""},
    template_step{"Analyze {subject}", "analyze",
                  "Apply the criteria to the data; try how far the result changes when the uncertain figures do.",
                  "A result for every criterion and how sure it is", 0.35, "12", true},
    template_step{"Write up the conclusions of {subject}", "draft_document",
                  "Write down the result, what it rests on, and what is recommended.",
                  "A recommendation with reasons that others can follow", 0.2, "3"},
};
constexpr std::array review{
    template_step{"Settle what {subject} is checked against", "analyze",
                  "List the requirements, rules and figures that must hold.{resources}",
                  "A checklist in which each point can be answered with yes or no", 0.15, ""},
    template_step{"Check {subject}", "review", "Go through every point of the checklist and note what was found where.",
                  "Every point has an answer with its evidence", 0.5, "1", true},
    template_step{"List the defects of {subject}", "draft_document",
                  "Write down each deviation, how grave it is, and who should correct it until when.",
                  "Each deviation has an owner and a date, or there are none", 0.2, "2"},
    template_step{"Check the corrections of {subject}", "review", "Look at every corrected point again.",
                  "Every deviation is closed or accepted in writing", 0.15, "3"},
};
constexpr std::array negotiate{
    template_step{"Find out both sides' positions: {subject}", "research",
                  "Collect what the other side wants, what it has agreed to elsewhere, and what the alternatives are."
                  "{resources}",
                  "Interests, alternatives and comparable terms are listed for both sides", 0.2, ""},
    template_step{
        "Set goals and limits: {subject}", "draft_document",
        "Write down the wanted terms, what can be given for them, and where to walk away; a person approves it.",
        "Goal, concessions and limit are approved", 0.2, "1", false, with_approval},
    template_step{"Hold the talks: {subject}", "negotiate",
                  "Negotiate within the approved limits; report when they do not suffice.",
                  "Terms within the limits are agreed, or it is noted why not", 0.4, "2", true, with_approval},
    template_step{"Write down the agreed terms: {subject}", "draft_document",
                  "Put what was agreed into writing, and have both sides confirm it.",
                  "Both sides have confirmed the same text", 0.2, "3"},
};
constexpr std::array procure{
    template_step{"Specify {subject}", "draft_document",
                  "Write down what is needed: kind, quantity, quality, date, place, and the highest price.{resources}",
                  "A supplier can make an offer from it without asking back", 0.2, ""},
    template_step{"Gather offers for {subject}", "research",
                  "Ask at least three suppliers for price, delivery time and terms.",
                  "Three offers that can be compared, or a note why there are fewer", 0.3, "1"},
    template_step{"Compare the offers for {subject}", "analyze",
                  "Compare total cost, delivery, quality and risk, and recommend one.",
                  "A table of all offers and one recommendation with its reason", 0.2, "2"},
    template_step{"Order {subject} after approval", "procure",
                  "Order from the recommended supplier once a person has approved supplier and price.",
                  "The order is confirmed in writing with price and date", 0.15, "3", true, with_approval},
    template_step{"Confirm receipt of {subject}", "review",
                  "Check what was delivered against the specification, and claim what is missing or wrong.",
                  "Everything ordered is there and sound, or claimed", 0.15, "4"},
};
constexpr std::array build{
    template_step{"Plan the work on {subject}", "draft_document",
                  "Write down the parts, their order, who does them, and how the result will be tested.",
                  "A plan with steps, people, materials and tests", 0.15, ""},
    template_step{"Get materials and tools for {subject} ready", "build",
                  "Check what is there, get what is missing, and make the place ready.{resources}",
                  "Everything that the plan names is at hand and in order", 0.2, "1"},
    template_step{"Build {subject}", "build", "Carry the plan out step by step, and note where it had to change.",
                  "Every step of the plan is done or its change is noted", 0.45, "2", true},
    template_step{"Test {subject}", "test", "Try the result as planned; mend what fails and try again.",
                  "Every planned test is passed", 0.2, "3"},
};
constexpr std::array test{
    template_step{"Write the test plan for {subject}", "draft_document",
                  "List what is tried, in which conditions, and which result counts as passed.",
                  "Each requirement has a test with a pass mark", 0.2, ""},
    template_step{"Set up the tests of {subject}", "build", "Make equipment, data and people ready.{resources}",
                  "A first trial run works from beginning to end", 0.2, "1"},
    template_step{"Run the tests of {subject}", "test", "Run every test of the plan and record what happened.",
                  "Every test has a recorded result", 0.4, "2", true},
    template_step{"Report the results of testing {subject}", "draft_document",
                  "Write down what passed, what failed and how gravely, and what should follow.",
                  "A verdict on each requirement, and a list of defects", 0.2, "3"},
};
constexpr std::array travel{
    template_step{"Plan the trip: {subject}", "research",
                  "Settle destination, dates, people to meet, papers and permits, and cost.{resources}",
                  "An itinerary with costs and a list of what must be carried", 0.25, ""},
    template_step{"Book the trip: {subject}", "procure",
                  "Book transport and lodging once a person has approved dates and cost.",
                  "Every leg and night is confirmed", 0.15, "1", false, with_approval},
    template_step{"Make the trip: {subject}", "travel", "Travel and do on site what the task is for.",
                  "What the trip was for is done, or it is noted why not", 0.45, "2", true, with_approval},
    template_step{"Report on the trip: {subject}", "draft_document",
                  "Write down what was seen, agreed and spent, and what follows.",
                  "A report with results, agreements and expenses", 0.15, "3"},
};
constexpr std::array sign{
    template_step{"Put the papers together: {subject}", "research",
                  "Get the final versions of everything that is to be signed, with all annexes.{resources}",
                  "One complete set of final papers", 0.25, ""},
    template_step{"Check the papers: {subject}", "review",
                  "Compare them with what was agreed, and list what a person must decide or ask a lawyer.",
                  "Every difference from what was agreed is listed, or there is none", 0.35, "1"},
    template_step{"Sign: {subject}", "sign", "A person with authority reads the papers and the list, and signs or not.",
                  "Signed and dated by someone who may, or refused with a reason", 0.15, "2", true, by_person},
    template_step{"File the signed papers: {subject}", "draft_document",
                  "File the signed set where it is found again, and note its duties and dates.",
                  "Filed; duties and dates are noted with who keeps them", 0.25, "3"},
};
constexpr std::array anything{
    template_step{"Make clear what is wanted: {title}", "analyze",
                  "Write down what shall be there when this is done, for whom, and what does not belong to it.",
                  "Whoever asked for it would agree with the description", 0.2, ""},
    template_step{"Get together what it needs: {title}", "research",
                  "Find out which people, means and permissions it needs, and whether they are there.{resources}",
                  "Everything that is needed is named and there, or asked for", 0.2, "1"},
    template_step{"Do it: {title}", unknown_action, "Carry it out as described.", "What was described is there", 0.4,
                  "2", true},
    template_step{"Check the result: {title}", "review",
                  "Compare the result with the description, and name what is missing.",
                  "The result is as described, or what is missing is listed", 0.2, "3"},
};

constexpr std::array<action_template, 14> templates{{
    {"research", "ask, gather, compare, write up", research},
    {"draft_document", "gather, outline, write, check", draft_document},
    {"send_email", "settle, write, send after approval, record the answers", send_email},
    {"make_phone_call", "prepare, call, write down", make_phone_call},
    {"schedule_calendar_event", "list, agree, invite, confirm", schedule_calendar_event},
    {"analyze", "settle criteria, gather data, work out, write up", analyze},
    {"review", "settle, check, list defects, check again", review},
    {"negotiate", "find out positions, set limits, talk, write down", negotiate},
    {"procure", "specify, gather offers, compare, order after approval, confirm receipt", procure},
    {"build", "plan, get ready, build, test", build},
    {"test", "plan, set up, run, report", test},
    {"travel", "plan, book after approval, travel, report", travel},
    {"sign", "put together, check, a person signs, file", sign},
    {unknown_action, "make clear, get together, do, check", anything},
}};

}  // namespace

std::span<const action_template> action_templates() {
  return templates;
}

const action_template& template_for(std::string_view action) {
  for (const auto& each : templates)
    if (each.action == action) return each;
  return templates.back();
}

}  // namespace planexe::plans
