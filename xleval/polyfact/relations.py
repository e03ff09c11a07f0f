"""The rows of the relation table: which Wikidata properties are asked about, of what, and what speaks against each."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xleval.errors import ConfigError, unknown_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """One Wikidata property that questions are made of.

    Attributes:
        pid: Wikidata property, `P…`.
        name: its English label on Wikidata.
        subject_types: kinds of item it is asked of (`kinds.KINDS`); each has its own templates.
        object_type: kind of item that answers; distractors are of the same kind.
        inverse: property that states the same fact from the other end, or None; both ends belong to one split.
        single_valued: whether a subject normally has one true value. Where it is False several are usual: a fact is
            still asked when its subject has one in the source, and the share of such subjects is measured (class 29).
        timeless: whether a value holds as long as the thing does. Where it is False it can be changed by decision (a new
            capital, currency or seat): statements with an end time are looked at and `as_of` matters.
        complete: whether Wikidata can be trusted to list every true value. Where it is False (places people lived in,
            languages they spoke) a value that is not listed may be true as well: out of the headline mean (D17).
        note: what the figures do not say.
    """

    pid: str
    name: str
    subject_types: tuple[str, ...]
    object_type: str
    inverse: str | None = None
    single_valued: bool = True
    timeless: bool = True
    complete: bool = True
    note: str = ""


_STATES = ("country", "territory")
_PERSON = ("person",)

_ROWS = (
    # Places
    Relation(
        pid="P36", name="capital", subject_types=(*_STATES, "former_country", "region"), object_type="city",
        inverse="P1376", timeless=False,
        note="a few countries have several capitals by function; their facts are dropped as many-valued",
    ),
    Relation(
        pid="P1376", name="capital of", subject_types=("city",), object_type="country", inverse="P36", timeless=False,
        note="asked for countries only: Wikidata also has provinces, territories and former states as values",
    ),
    Relation(
        pid="P17", name="country",
        subject_types=(
            "city", "region", "mountain", "island", "lake", "airport", "university", "stadium", "museum", "company",
        ),
        object_type="country",
        note="disputed places have several values and are dropped",
    ),
    Relation(
        pid="P30", name="continent",
        subject_types=(*_STATES, "former_country", "region", "city", "mountain", "river", "lake", "island"),
        object_type="continent",
        note="countries on two continents are dropped; a continent and a part of it (Americas, South America) must not "
        "be options of one item",
    ),
    Relation(
        pid="P37", name="official language", subject_types=(*_STATES, "former_country", "region"), object_type="language",
        single_valued=False, timeless=False,
        note="many countries have several; language varieties (American English) are no distractors for their language",
    ),
    Relation(
        pid="P38", name="currency", subject_types=_STATES, object_type="currency", single_valued=False, timeless=False,
        note="former currencies and a second legal tender are frequent values; most names contain the country's",
    ),
    Relation(
        pid="P131", name="located in the administrative territorial entity", subject_types=("city",),
        object_type="region", timeless=False, complete=False,
        note="Wikidata gives one level of several; a region that contains the answer is no distractor",
    ),
    Relation(pid="P610", name="highest point", subject_types=("country", "region"), object_type="mountain"),
    Relation(pid="P4552", name="mountain range", subject_types=("mountain",), object_type="mountain_range"),
    Relation(
        pid="P403", name="mouth of the watercourse", subject_types=("river",), object_type="river",
        note="asked of tributaries only: rivers that end in a sea or a lake have answers of another kind",
    ),
    Relation(pid="P85", name="anthem", subject_types=("country",), object_type="anthem", timeless=False),
    Relation(
        pid="P282", name="writing system", subject_types=("language",), object_type="writing_system",
        single_valued=False, note="a language written in two scripts is dropped",
    ),
    # People
    Relation(
        pid="P19", name="place of birth", subject_types=_PERSON, object_type="city",
        note="a district, its city and its region can all be true: tied places are no options of one item",
    ),
    Relation(
        pid="P20", name="place of death", subject_types=_PERSON, object_type="city",
        note="a district, its city and its region can all be true: tied places are no options of one item",
    ),
    Relation(
        pid="P119", name="place of burial", subject_types=_PERSON, object_type="cemetery", timeless=False,
    ),
    Relation(
        pid="P27", name="country of citizenship", subject_types=_PERSON, object_type="country", single_valued=False,
        timeless=False, complete=False, note="several are frequent; former states are answers of another kind",
    ),
    Relation(
        pid="P103", name="native language", subject_types=_PERSON, object_type="language",
        note="the name of a person gives much of it away: see the name baseline",
    ),
    Relation(
        pid="P1412", name="languages spoken, written or signed", subject_types=_PERSON, object_type="language",
        single_valued=False, complete=False, note="people speak languages that Wikidata does not list",
    ),
    Relation(
        pid="P140", name="religion or worldview", subject_types=_PERSON, object_type="religion", single_valued=False,
        complete=False, note="a religion and a denomination of it are no options of one item",
    ),
    Relation(
        pid="P101", name="field of work", subject_types=_PERSON, object_type="discipline", single_valued=False,
        complete=False, note="a field and a branch of it are no options of one item",
    ),
    Relation(
        pid="P937", name="work location", subject_types=_PERSON, object_type="city", single_valued=False, timeless=False,
        complete=False,
    ),
    Relation(
        pid="P1303", name="instrument", subject_types=_PERSON, object_type="instrument", single_valued=False,
        complete=False, note="an instrument and a kind of it are no options of one item",
    ),
    Relation(
        pid="P413", name="position played on team", subject_types=_PERSON, object_type="sport_position",
        single_valued=False, note="few different answers in each sport",
    ),
    Relation(pid="P641", name="sport", subject_types=("person", "sports_club"), object_type="sport"),
    Relation(
        pid="P69", name="educated at", subject_types=_PERSON, object_type="university", single_valued=False,
        complete=False,
    ),
    Relation(pid="P184", name="doctoral advisor", subject_types=_PERSON, object_type="person", complete=False),
    Relation(pid="P509", name="cause of death", subject_types=_PERSON, object_type="disease", single_valued=False),
    # Works
    Relation(pid="P50", name="author", subject_types=("literary_work",), object_type="person"),
    Relation(pid="P57", name="director", subject_types=("film",), object_type="person"),
    Relation(pid="P86", name="composer", subject_types=("song",), object_type="person"),
    Relation(pid="P170", name="creator", subject_types=("artwork",), object_type="person"),
    Relation(pid="P175", name="performer", subject_types=("album", "song"), object_type="band",
             note="asked for bands: a person and a group are answers of different kinds"),
    Relation(
        pid="P407", name="language of work or name", subject_types=("literary_work", "periodical", "album", "song"),
        object_type="language", single_valued=False,
    ),
    Relation(
        pid="P364", name="original language of film or TV show", subject_types=("film", "tv_series"),
        object_type="language", single_valued=False,
    ),
    Relation(
        pid="P495", name="country of origin", subject_types=("film", "tv_series", "band"), object_type="country",
        single_valued=False, complete=False, note="co-productions often list one of their countries",
    ),
    Relation(
        pid="P449", name="original broadcaster", subject_types=("tv_series",), object_type="tv_channel",
        single_valued=False,
    ),
    Relation(pid="P272", name="production company", subject_types=("film",), object_type="company",
             single_valued=False, complete=False),
    Relation(pid="P123", name="publisher", subject_types=("video_game",), object_type="company", single_valued=False),
    Relation(pid="P178", name="developer", subject_types=("software", "video_game"), object_type="company"),
    # Things and organisations
    Relation(pid="P176", name="manufacturer", subject_types=("vehicle", "device"), object_type="company"),
    Relation(pid="P84", name="architect", subject_types=("building", "stadium", "museum"), object_type="person"),
    Relation(
        pid="P61", name="discoverer or inventor", subject_types=("asteroid", "moon", "chemical_element"),
        object_type="person", note="several discoverers are frequent: such facts are dropped as many-valued",
    ),
    Relation(pid="P59", name="constellation", subject_types=("star", "galaxy"), object_type="constellation"),
    Relation(pid="P397", name="parent astronomical body", subject_types=("moon",), object_type="planet",
             note="few different answers"),
    Relation(
        pid="P159", name="headquarters location",
        subject_types=("company", "organization", "sports_club", "university"), object_type="city", timeless=False,
    ),
    Relation(
        pid="P740", name="location of formation", subject_types=("band", "company", "organization"), object_type="city",
    ),
)  # fmt: skip

#: The relations that are built, by P-id.
RELATIONS: Mapping[str, Relation] = MappingProxyType({row.pid: row for row in _ROWS})

#: Properties of the published set's allow-list (26 P-ids), and a few that are asked for often, that are not built, with
#: English name and reason.
EXCLUDED: Mapping[str, str] = MappingProxyType(
    {
        "P47": "shares border with: many-valued, nearly every country has several neighbours",
        "P35": "head of state: time-bound, office holders change",
        "P6": "head of government: time-bound, office holders change",
        "P122": "basic form of government: many-valued and time-bound",
        "P108": "employer: many-valued and time-bound",
        "P136": "genre: many-valued and a matter of judgement",
        "P400": "platform: many-valued",
        "P106": "occupation: many-valued, and Wikidata's list is never complete",
        "P138": "named after: the question contains the answer",
        "P39": "position held: time-bound",
        "P127": "owned by: time-bound",
        "P264": "record label: many-valued and time-bound",
        "P463": "member of: many-valued",
        "P190": "twinned administrative body: many-valued",
        "P530": "diplomatic relation: many-valued",
        "P361": "part of: means something else for each kind of thing",
        "P276": "location: means something else for each kind of thing",
        "P172": "ethnic group: a matter of self-identification that Wikidata seldom sources",
        "P54": "member of sports team: many-valued and time-bound",
    }
)


def get_relation(pid: str) -> Relation:
    """Return the row of one relation.

    Args:
        pid: Wikidata property, in any case.

    Raises:
        ConfigError: the property is left out (with the reason) or not known (with the list).
    """
    wanted = pid.strip().upper()
    if wanted in RELATIONS:
        return RELATIONS[wanted]
    if wanted in EXCLUDED:
        raise ConfigError(f"relation {wanted} is not built: {EXCLUDED[wanted]}. Known: {', '.join(RELATIONS)}")
    raise unknown_name("relation", pid, RELATIONS)


def default_relations(source: str) -> tuple[str, ...]:
    """Return the P-ids of the relations that a source is asked for when none are named: all that it can have."""
    if source == "embedded":
        from xleval.polyfact.embedded.table import RELATIONS as EMBEDDED

        return tuple(pid for pid in RELATIONS if pid in EMBEDDED)
    return tuple(RELATIONS)
