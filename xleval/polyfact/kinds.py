"""What kind of thing an item is, in the words that questions need: Wikidata classes to kinds, subclasses included.

A question says "this river" or "this film", and options are of one kind: both need one kind for each item. An item is
of the first kind below that has one of its classes, or a superclass of them (P279, any number of steps). The order is
from the special to the general, and decides where an item has classes of several kinds: a city state is a country.
Beside the general class, classes that are frequent on items are listed, so that a source without the whole class tree
(a slice of a dump) gives the same kinds.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

#: Kind to Wikidata classes; the first kind that fits decides.
KINDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "person": ("Q5",),
        # Wikimedia's own pages and made-up beings are things nobody is asked about; they have no kind on purpose.
        "none": (
            "Q4167410",  # Wikimedia disambiguation page
            "Q13406463",  # Wikimedia list article
            "Q4167836",  # Wikimedia category
            "Q15632617",  # fictional human
            "Q15773347",  # film character
            "Q95074",  # fictional character
            "Q1114461",  # comics character
            "Q15711870",  # animated character
            "Q101352",  # family name
            "Q202444",  # given name
            "Q20643955",  # human biblical figure
        ),
        "continent": ("Q5107",),
        "former_country": ("Q3024240", "Q48349", "Q1790360", "Q19953632"),  # historical country, empire, colonial empire …
        "country": ("Q3624078", "Q6256", "Q112099", "Q123480", "Q202686", "Q133442"),
        "territory": ("Q161243", "Q46395", "Q15239622"),  # dependent, British overseas, disputed territory
        "city": (
            "Q515", "Q1549591", "Q1637706", "Q5119", "Q3957", "Q532", "Q486972", "Q7930989", "Q1093829", "Q902814",
            "Q62049", "Q134626", "Q2264924", "Q707813", "Q22865", "Q42744322", "Q15661340", "Q200250", "Q1221156",
            "Q747074", "Q484170", "Q70208", "Q262166", "Q15284", "Q856076", "Q2074737", "Q2039348", "Q493522",
            "Q755707", "Q54935504", "Q127448", "Q15127012", "Q1187811", "Q1357964", "Q494721", "Q925381", "Q15273785",
            "Q13217644", "Q5123999", "Q448801", "Q104157", "Q2177636", "Q667509", "Q3184121", "Q1137833", "Q1749269",
            "Q15105893", "Q13218690", "Q56557504", "Q15978299", "Q5153359", "Q18511725", "Q33146843", "Q2555896",
            "Q2154459", "Q14770218", "Q748149", "Q1852859", "Q2716259", "Q13539802", "Q498162", "Q1115575", "Q2630741",
            "Q192287", "Q1266818", "Q1059478",
        ),
        "region": (
            "Q56061", "Q10864048", "Q13220204", "Q35657", "Q24746", "Q15089", "Q6465", "Q180673", "Q50337", "Q13390680",
            "Q835714", "Q41162", "Q36784", "Q23058", "Q5098", "Q179872", "Q1615742", "Q10742", "Q150093", "Q44753",
            "Q16110", "Q193512", "Q192299", "Q13212489", "Q13414757", "Q13415368", "Q1187580", "Q1147395", "Q43263",
            "Q34876", "Q247073", "Q1620908", "Q250811", "Q11828004", "Q3750285", "Q5852411", "Q3348196", "Q86622", "Q83057",
            "Q48091", "Q13415369", "Q13410422", "Q695469",
        ),
        "river": ("Q4022",),
        "lake": ("Q23397", "Q131681"),
        "sea": ("Q165", "Q9430"),
        "mountain_range": ("Q46831",),
        "mountain": ("Q8502", "Q8072", "Q169358"),
        "island": ("Q23442",),
        "airport": ("Q1248784", "Q644371"),
        "stadium": ("Q483110", "Q1154710", "Q641226"),
        "museum": ("Q33506", "Q207694"),
        "university": ("Q3918", "Q875538", "Q902104", "Q15936437", "Q38723", "Q23002054", "Q23002039", "Q189004"),
        "building": ("Q41176", "Q811979", "Q16970", "Q16560", "Q11303", "Q12280"),
        "band": ("Q215380", "Q5741069", "Q641066", "Q216337", "Q9212979", "Q2088357"),
        "sports_club": ("Q847017", "Q476028", "Q13393265", "Q13027888", "Q12973014"),
        "tv_channel": ("Q1616075", "Q2001305", "Q1254874", "Q561068", "Q15265344"),
        "periodical": ("Q1002697", "Q11032", "Q1110794", "Q41298", "Q1153191", "Q5633421"),
        "religion": ("Q9174", "Q13414953", "Q879146", "Q1530022", "Q5390013"),
        "company": (
            "Q4830453", "Q783794", "Q6881511", "Q891723", "Q46970", "Q786820", "Q936518", "Q210167", "Q1137109",
            "Q1058914", "Q22687", "Q18127", "Q249556", "Q161726", "Q2085381", "Q1320047", "Q1762059", "Q375336",
            "Q658255", "Q190928",
        ),
        "organization": ("Q43229", "Q484652", "Q245065", "Q163740", "Q7278", "Q31855", "Q414147", "Q1966910", "Q15925165"),
        "film": ("Q11424", "Q202866"),
        "tv_series": ("Q5398426", "Q581714", "Q63952888", "Q117467246", "Q15416", "Q506240", "Q1259759"),
        "video_game": ("Q7889",),
        "software": ("Q7397", "Q9135", "Q166142", "Q341", "Q218616", "Q9143", "Q6368"),
        "album": ("Q482994", "Q208569", "Q169930"),
        "song": ("Q7366", "Q134556", "Q105543609", "Q207628", "Q2188189", "Q1344"),  # and other works of music
        "artwork": ("Q3305213", "Q860861", "Q179700", "Q838948"),
        "literary_work": ("Q7725634", "Q47461344", "Q571", "Q8261", "Q25379", "Q8274", "Q21198342", "Q179461"),
        "moon": ("Q2537",),
        "planet": ("Q634",),
        "asteroid": ("Q3863", "Q22247"),
        "constellation": ("Q8928",),
        "star": ("Q523", "Q6243"),
        "galaxy": ("Q318",),
        "chemical_element": ("Q11344",),
        "vehicle": ("Q3231690", "Q15056995", "Q42889", "Q11436", "Q1420", "Q274586", "Q43193"),
        "device": ("Q2424752", "Q10929058", "Q941818", "Q68", "Q466704"),
        "language": ("Q34770", "Q1288568", "Q33742", "Q45762", "Q436240", "Q17376908", "Q25295", "Q33384"),
        "writing_system": ("Q8192", "Q29517555"),
        "currency": ("Q8142",),
        "sport": ("Q31629", "Q349", "Q2312410"),
        "sport_position": ("Q4611891", "Q1781513"),
        "instrument": ("Q34379", "Q1798603", "Q110295396"),
        "discipline": ("Q11862829", "Q4671286", "Q2465832", "Q1936384", "Q22811234", "Q930752", "Q1047113", "Q12737077"),
        "disease": ("Q12136", "Q929833", "Q112193867", "Q18123741"),
        "cause_of_death": ("Q1931388",),
        "cemetery": ("Q39614",),
        "anthem": ("Q23691",),
    }
)  # fmt: skip

_KIND_OF_CLASS = {class_qid: kind for kind, classes in reversed(list(KINDS.items())) for class_qid in classes}
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


def kind_of(classes: Iterable[str]) -> str:
    """Return the kind of an item; empty when it has none that questions know.

    Args:
        classes: Q-ids of its classes (P31) and of all their superclasses; for an item that is a class itself (guitar is a
            subclass of musical instrument) its own superclasses.
    """
    found = [_KIND_OF_CLASS[class_qid] for class_qid in classes if class_qid in _KIND_OF_CLASS]
    kind = min(found, key=_RANK.__getitem__, default="")
    return "" if kind == "none" else kind
