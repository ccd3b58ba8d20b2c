"""The words that a coded column of a file may hold: kinds of event in several vocabularies, answers of a survey.

A format declares which of its columns hold which of them; a sidecar's [values] maps a sender's own words to them.
"""

from pipeline.declare.codes import SERVICE_ITEMS, EventClass, ServiceState

OUR_EVENTS: dict[str, EventClass] = {str(known): known for known in EventClass}
ACLED_EVENTS: dict[str, EventClass] = {
    "battles": EventClass.CLASH,
    "explosions/remote_violence": EventClass.CLASH,
    "riots": EventClass.OTHER,
    "protests": EventClass.OTHER,
    "strategic_developments": EventClass.OTHER,
}
UCDP_EVENTS: dict[str, EventClass] = {
    "state_based_conflict": EventClass.CLASH,
    "non_state_conflict": EventClass.CLASH,
    "one_sided_violence": EventClass.VIOLENCE_AGAINST_CIVILIANS,
}
# The 25 sub-event types of ACLED's codebook (October 2024), each of the class of its event type.
ACLED_SUB_EVENTS: dict[str, EventClass] = {
    # battles
    "armed_clash": EventClass.CLASH,
    "government_regains_territory": EventClass.CLASH,
    "non_state_actor_overtakes_territory": EventClass.CLASH,
    # explosions/remote violence
    "chemical_weapon": EventClass.CLASH,
    "air/drone_strike": EventClass.CLASH,
    "suicide_bomb": EventClass.CLASH,
    "shelling/artillery/missile_attack": EventClass.CLASH,
    "remote_explosive/landmine/ied": EventClass.CLASH,
    "grenade": EventClass.CLASH,
    # violence against civilians
    "sexual_violence": EventClass.VIOLENCE_AGAINST_CIVILIANS,
    "attack": EventClass.VIOLENCE_AGAINST_CIVILIANS,
    "abduction/forced_disappearance": EventClass.VIOLENCE_AGAINST_CIVILIANS,
    # protests and riots
    "peaceful_protest": EventClass.OTHER,
    "protest_with_intervention": EventClass.OTHER,
    "excessive_force_against_protesters": EventClass.OTHER,
    "excessive_force_against_protestors": EventClass.OTHER,
    "violent_demonstration": EventClass.OTHER,
    "mob_violence": EventClass.OTHER,
    # strategic developments
    "agreement": EventClass.OTHER,
    "arrests": EventClass.OTHER,
    "change_to_group/activity": EventClass.OTHER,
    "disrupted_weapons_use": EventClass.OTHER,
    "headquarters_or_base_established": EventClass.OTHER,
    "looting/property_destruction": EventClass.OTHER,
    "non_violent_transfer_of_territory": EventClass.OTHER,
    "other": EventClass.OTHER,
}
# Every term of event_type, as `records.parsing.term` writes it.
EVENT_TERMS: dict[str, EventClass] = OUR_EVENTS | ACLED_EVENTS | UCDP_EVENTS | ACLED_SUB_EVENTS
# The same as a message shows it: the sub-event types would fill it.
SHOWN_EVENT_TERMS = (*OUR_EVENTS, *ACLED_EVENTS, *UCDP_EVENTS, "a sub-event type of ACLED")
# A word that says a clash to some and, as ACLED's, an attack on civilians.
AMBIGUOUS_EVENT = "attack"

# The words of an answer on one item of public services.
ANSWER_TERMS: dict[str, tuple[str, ...]] = {item: tuple(map(str, ServiceState)) for item in SERVICE_ITEMS}
