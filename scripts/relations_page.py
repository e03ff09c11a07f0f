"""Write the page of all relations and wordings: `python scripts/relations_page.py > docs/relations.md`.

The page shows the relation table, what became of the 26 properties of the published set, and every wording of every
language filled in with one real item for each kind of subject. A reader of a language can go through it without the
code. `tests/polyfact/test_relations_page.py` fails when the page is not what this script prints.
"""

import io
import sys
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from xleval.polyfact.relations import EXCLUDED, RELATIONS, Relation
from xleval.polyfact.wording import load_templates, render_question

LANGUAGES = ("en", "de", "id", "pt", "ar", "bn", "sw", "es", "ru", "fr", "ja", "zh", "ko", "uk", "th", "te")

#: Kind of subject to Q-id and the item's names in the order of LANGUAGES, parted by " / ". The names are those by which the
#: item is known, and need not be the label that Wikidata has today.
EXAMPLES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "country": ("Q114", "Kenya / Kenia / Kenya / Quénia / كينيا / কেনিয়া / Kenya / Kenia / Кения / Kenya / ケニア / "
            "肯尼亚 / 케냐 / Кенія / เคนยา / కెన్యా"),
        "territory": ("Q223", "Greenland / Grönland / Greenland / Gronelândia / غرينلاند / গ্রিনল্যান্ড / Greenland / "
            "Groenlandia / Гренландия / Groenland / グリーンランド / 格陵兰 / 그린란드 / Гренландія / กรีนแลนด์ / "
            "గ్రీన్\u200cలాండ్"),
        "former_country": ("Q15180", "Soviet Union / Sowjetunion / Uni Soviet / União Soviética / الاتحاد السوفيتي / "
            "সোভিয়েত ইউনিয়ন / Umoja wa Kisovyeti / Unión Soviética / СССР / Union soviétique / ソビエト連邦 / 苏联 / 소련 / "
            "Радянський Союз / สหภาพโซเวียต / సోవియట్ యూనియన్"),
        "region": ("Q980", "Bavaria / Bayern / Bayern / Baviera / بافاريا / বায়ার্ন / Bavaria / Baviera / Бавария / Bavière / "
            "バイエルン州 / 巴伐利亚 / 바이에른주 / Баварія / รัฐบาวาเรีย / బవేరియా"),
        "city": ("Q90", "Paris / Paris / Paris / Paris / باريس / প্যারিস / Paris / París / Париж / Paris / パリ / 巴黎 / 파리 / "
            "Париж / ปารีส / పారిస్"),
        "mountain": ("Q7296", "Kilimanjaro / Kilimandscharo / Kilimanjaro / Kilimanjaro / كليمنجارو / কিলিমাঞ্জারো / "
            "Kilimanjaro / Kilimanjaro / Килиманджаро / Kilimandjaro / キリマンジャロ / 乞力马扎罗山 / 킬리만자로산 / "
            "Кіліманджаро / คิลิมันจาโร / కిలిమంజారో"),
        "island": ("Q3757", "Java / Java / Jawa / Java / جاوة / জাভা দ্বীপ / Java / Java / Ява / Java / ジャワ島 / 爪哇岛 / "
            "자와섬 / Ява / เกาะชวา / జావా"),
        "lake": ("Q5513", "Lake Baikal / Baikalsee / Danau Baikal / Lago Baikal / بحيرة بايكال / বৈকাল হ্রদ / Baikal / Baikal / "
            "Байкал / lac Baïkal / バイカル湖 / 贝加尔湖 / 바이칼호 / Байкал / ทะเลสาบไบคาล / బైకాల్ సరస్సు"),
        "river": ("Q34589", "Euphrates / Euphrat / Sungai Efrat / Rio Eufrates / الفرات / ফোরাত / Frati / Éufrates / Евфрат / "
            "Euphrate / ユーフラテス川 / 幼发拉底河 / 유프라테스강 / Євфрат / แม่น้ำยูเฟรทีส / యూఫ్రటీసు నది"),
        "airport": ("Q821275", "Indira Gandhi International Airport / Indira Gandhi International Airport / Bandar Udara "
            "Internasional Indira Gandhi / Aeroporto Internacional Indira Gandhi / مطار أنديرا غاندي الدولي / "
            "ইন্দিরা গান্ধী আন্তর্জাতিক বিমানবন্দর / Uwanja wa Ndege wa Kimataifa wa Indira Gandhi / Aeropuerto Internacional "
            "Indira Gandhi / Международный аэропорт имени Индиры Ганди / aéroport international Indira-Gandhi / "
            "インディラ・ガンディー国際空港 / 英迪拉·甘地国际机场 / 인디라 간디 국제공항 / Міжнародний аеропорт імені Індіри Ганді / "
            "ท่าอากาศยานนานาชาติอินทิรา คานธี / ఇందిరాగాంధీ అంతర్జాతీయ విమానాశ్రయం"),
        "university": ("Q35794", "University of Cambridge / University of Cambridge / Universitas Cambridge / Universidade de "
            "Cambridge / جامعة كامبريدج / কেমব্রিজ বিশ্ববিদ্যালয় / Chuo Kikuu cha Cambridge / Universidad de Cambridge / "
            "Кембриджский университет / université de Cambridge / ケンブリッジ大学 / 剑桥大学 / 케임브리지 대학교 / "
            "Кембриджський університет / มหาวิทยาลัยเคมบริดจ์ / కేంబ్రిడ్జ్ విశ్వవిద్యాలయం"),
        "stadium": ("Q128468", "Wembley Stadium / Wembley-Stadion / Stadion Wembley / Estádio de Wembley / ملعب ويمبلي / "
            "ওয়েম্বলি স্টেডিয়াম / Uwanja wa Wembley / Estadio de Wembley / Уэмбли / Stade de Wembley / "
            "ウェンブリー・スタジアム / 温布利球场 / 웸블리 스타디움 / Вемблі / สนามกีฬาเวมบลีย์ / వెంబ్లీ స్టేడియం"),
        "museum": ("Q19675", "Louvre / Louvre / Museum Louvre / Museu do Louvre / متحف اللوفر / ল্যুভর জাদুঘর / Louvre / Museo del "
            "Louvre / Лувр / musée du Louvre / ルーヴル美術館 / 卢浮宫 / 루브르 박물관 / Лувр / พิพิธภัณฑ์ลูฟวร์ / లౌవ్రే మ్యూజియం"),
        "building": ("Q243", "Eiffel Tower / Eiffelturm / Menara Eiffel / Torre Eiffel / برج إيفل / আইফেল টাওয়ার / "
            "Mnara wa Eiffel / Torre Eiffel / Эйфелева башня / tour Eiffel / エッフェル塔 / 埃菲尔铁塔 / 에펠 탑 / "
            "Ейфелева вежа / หอไอเฟล / ఈఫిల్ టవర్"),
        "language": ("Q7838", "Swahili / Swahili / bahasa Swahili / suaíli / السواحلية / সোয়াহিলি / Kiswahili / suajili / "
            "суахили / swahili / スワヒリ語 / 斯瓦希里语 / 스와힐리어 / суахілі / ภาษาสวาฮีลี / స్వాహిలి"),
        "person": ("Q7186", "Marie Curie / Marie Curie / Marie Curie / Marie Curie / ماري كوري / মারি ক্যুরি / Marie Curie / "
            "Marie Curie / Мария Склодовская-Кюри / Marie Curie / マリ・キュリー / 玛丽·居里 / 마리 퀴리 / "
            "Марія Склодовська-Кюрі / มารี กูว์รี / మేరీ క్యూరీ"),
        "sports_club": ("Q8682", "Real Madrid CF / Real Madrid / Real Madrid C.F. / Real Madrid / ريال مدريد / রিয়াল মাদ্রিদ / "
            "Real Madrid / Real Madrid Club de Fútbol / Реал Мадрид / Real Madrid / レアル・マドリード / "
            "皇家马德里足球俱乐部 / 레알 마드리드 CF / Реал Мадрид / สโมสรฟุตบอลเรอัลมาดริด / రియల్ మాడ్రిడ్"),
        "literary_work": ("Q41567", "Hamlet / Hamlet / Hamlet / Hamlet / هاملت / হ্যামলেট / Hamlet / Hamlet / Гамлет / Hamlet / "
            "ハムレット / 哈姆雷特 / 햄릿 / Гамлет / แฮมเลต / హామ్లెట్"),
        "film": ("Q36479", "The Lion King / Der König der Löwen / The Lion King / O Rei Leão / الأسد الملك / দ্য লায়ন কিং / "
            "The Lion King / El rey león / Король Лев / Le Roi lion / ライオン・キング / 狮子王 / 라이온 킹 / Король Лев / "
            "เดอะไลอ้อนคิง / ది లయన్ కింగ్"),
        "tv_series": ("Q886", "The Simpsons / Die Simpsons / The Simpsons / Os Simpsons / عائلة سيمبسون / দ্য সিম্পসনস / The Simpsons / "
            "Los Simpson / Симпсоны / Les Simpson / ザ・シンプソンズ / 辛普森一家 / 심슨 가족 / Сімпсони / เดอะซิมป์สันส์ / ది సింప్సన్స్"),
        "song": ("Q185968", "Carmen / Carmen / Carmen / Carmen / كارمن / কারমেন / Carmen / Carmen / Кармен / Carmen / カルメン / "
            "卡门 / 카르멘 / Кармен / คาร์เมน / కార్మెన్"),
        "album": ("Q173643", "Abbey Road / Abbey Road / Abbey Road / Abbey Road / آبي رود / অ্যাবি রোড / Abbey Road / Abbey Road / "
            "Abbey Road / Abbey Road / アビイ・ロード / 阿比路 / Abbey Road / Abbey Road / แอบบีโรด / అబ్బే రోడ్"),
        "artwork": ("Q12418", "Mona Lisa / Mona Lisa / Mona Lisa / Mona Lisa / موناليزا / মোনা লিসা / Mona Lisa / La Gioconda / "
            "Мона Лиза / La Joconde / モナ・リザ / 蒙娜丽莎 / 모나리자 / Мона Ліза / โมนาลิซา / మోనాలిసా"),
        "periodical": ("Q166032", "The Washington Post / The Washington Post / The Washington Post / The Washington Post / "
            "واشنطن بوست / দ্য ওয়াশিংটন পোস্ট / The Washington Post / The Washington Post / The Washington Post / The Washington "
            "Post / ワシントン・ポスト / 华盛顿邮报 / 워싱턴 포스트 / Вашингтон пост / เดอะวอชิงตันโพสต์ / వాషింగ్టన్ పోస్ట్"),
        "band": ("Q1299", "The Beatles / The Beatles / The Beatles / The Beatles / البيتلز / দ্য বিটলস / The Beatles / The Beatles / "
            "The Beatles / The Beatles / ビートルズ / 披头士乐队 / 비틀즈 / The Beatles / เดอะบีเทิลส์ / ద బీటిల్స్"),
        "video_game": ("Q71910", "Tetris / Tetris / Tetris / Tetris / تتريس / টেট্রিস / Tetris / Tetris / Тетрис / Tetris / テトリス / "
            "俄罗斯方块 / 테트리스 / Тетріс / เตตริส / టెట్రిస్"),
        "software": ("Q94", "Android / Android / Android / Android / أندرويد / অ্যান্ড্রয়েড / Android / Android / Android / Android / "
            "Android / Android / 안드로이드 / Android / แอนดรอยด์ / ఆండ్రాయిడ్"),
        "vehicle": ("Q25173", "RMS Titanic / RMS Titanic / RMS Titanic / RMS Titanic / آر إم إس تيتانيك / আরএমএস টাইটানিক / Titanic / "
            "RMS Titanic / Титаник / RMS Titanic / タイタニック / 泰坦尼克号 / RMS 타이타닉 / Титанік / อาร์เอ็มเอส ไททานิก / టైటానిక్"),
        "device": ("Q2766", "iPhone / iPhone / iPhone / iPhone / آيفون / আইফোন / iPhone / iPhone / iPhone / iPhone / iPhone / "
            "iPhone / 아이폰 / iPhone / ไอโฟน / ఐఫోన్"),
        "company": ("Q8093", "Nintendo / Nintendo / Nintendo / Nintendo / نينتندو / নিনটেন্ডো / Nintendo / Nintendo / Nintendo / "
            "Nintendo / 任天堂 / 任天堂 / 닌텐도 / Nintendo / นินเท็นโด / నిన్టెండో"),
        "organization": ("Q1065", "United Nations / Vereinte Nationen / Perserikatan Bangsa-Bangsa / Organização das Nações Unidas / "
            "الأمم المتحدة / জাতিসংঘ / Umoja wa Mataifa / Organización de las Naciones Unidas / Организация Объединённых Наций / "
            "Organisation des Nations unies / 国際連合 / 联合国 / 유엔 / Організація Об'єднаних Націй / สหประชาชาติ / ఐక్యరాజ్య సమితి"),
        "asteroid": ("Q3030", "4 Vesta / (4) Vesta / 4 Vesta / 4 Vesta / 4 فيستا / ৪ ভেস্তা / 4 Vesta / (4) Vesta / (4) Веста / "
            "(4) Vesta / ベスタ / 灶神星 / 4 베스타 / 4 Веста / 4 เวสตา / 4 వెస్టా"),
        "moon": ("Q2565", "Titan / Titan / Titan / Titã / تيتان / টাইটান / Titan / Titán / Титан / Titan / タイタン / 土卫六 / 타이탄 / "
            "Титан / ไททัน / టైటన్"),
        "chemical_element": ("Q979", "polonium / Polonium / polonium / polónio / بولونيوم / পোলোনিয়াম / Poloni / polonio / полоний / "
            "polonium / ポロニウム / 钋 / 폴로늄 / полоній / พอโลเนียม / పొలోనియం"),
        "star": ("Q3409", "Sirius / Sirius / Sirius / Sirius / الشعرى اليمانية / লুব্ধক / Sirius / Sirio / Сириус / Sirius / "
            "シリウス / 天狼星 / 시리우스 / Сіріус / ดาวซิริอุส / సిరియస్"),
        "galaxy": ("Q2469", "Andromeda Galaxy / Andromedagalaxie / Galaksi Andromeda / Galáxia de Andrómeda / مجرة المرأة المسلسلة / "
            "অ্যান্ড্রোমিডা ছায়াপথ / Galaksi ya Andromeda / galaxia de Andrómeda / Галактика Андромеды / galaxie d'Andromède / "
            "アンドロメダ銀河 / 仙女座星系 / 안드로메다은하 / Галактика Андромеди / ดาราจักรแอนดรอมิดา / ఆండ్రోమెడా గెలాక్సీ"),
    }
)  # fmt: skip

#: The published builder's allow-list, and what became of each: the study's builder left four out of generation, a filter
#: for facts with one value emptied three more, and the set called Clean dropped five.
PUBLISHED = tuple(
    "P36 P17 P30 P37 P38 P47 P27 P19 P20 P69 P108 P50 P57 P170 P178 P136 P495 P407 P400 P176 P35 P6 P85 P122 P84 P61".split()
)
NOT_GENERATED = frozenset({"P35", "P6", "P85", "P122"})
EMPTIED = frozenset({"P36", "P47", "P400"})
NOT_CLEAN = frozenset({"P495", "P136", "P19", "P108", "P38"})


def label(kind: str, lang: str) -> str:
    """Return the name of a kind's example item in one language of LANGUAGES.

    Raises:
        KeyError: the kind has no example item.
    """
    return dict(zip(LANGUAGES, EXAMPLES[kind][1].split(" / "), strict=True))[lang]


def published_verdict(pid: str) -> str:
    """Return what the published set did with one of its 26 properties."""
    if pid in NOT_GENERATED:
        return "left out of generation"
    if pid in EMPTIED:
        return "generated; no facts left after the filter for single values"
    return "released, dropped from Clean" if pid in NOT_CLEAN else "released, in Clean"


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    """Yield the lines of a table and an empty line; bars in cells are escaped."""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield "| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |"
    yield ""


def relation_row(row: Relation) -> tuple[str, ...]:
    """Return the cells of one relation in the first table."""
    flags = (row.single_valued, row.timeless, row.complete)
    answers = ("yes" if flag else "no" for flag in flags)
    kinds = ", ".join(row.subject_types)
    return (row.pid, row.name, kinds, row.object_type, *answers, row.inverse or "", row.note)


def published_row(pid: str) -> tuple[str, ...]:
    """Return the cells of one property of the published set."""
    if pid in RELATIONS:
        return (pid, RELATIONS[pid].name, published_verdict(pid), "built", RELATIONS[pid].note)
    name, reason = EXCLUDED[pid].split(": ", 1)
    return (pid, name, published_verdict(pid), "not built", reason)


def wordings(pid: str, kind: str) -> Iterator[str]:
    """Yield the lines on one relation and kind of subject: a table with a row for each language, filled in."""
    templates = load_templates()
    by_lang = {lang: {row.template_id: row for row in templates.get((pid, kind, lang), ())} for lang in LANGUAGES}
    ids = sorted({template_id for found in by_lang.values() for template_id in found})
    yield f"### {pid} {RELATIONS[pid].name}: {kind}\n"
    if not ids:
        yield "No wordings.\n"
        return
    rows = []
    for lang, found in by_lang.items():
        name = label(kind, lang)
        rows.append((lang, *(render_question(found[i], name) if i in found else "" for i in ids)))
    yield from table(("lang", *(f"`{template_id}`" for template_id in ids)), rows)


def page() -> Iterator[str]:
    """Yield the lines of the page."""
    everything = [row for rows in load_templates().values() for row in rows]
    pairs = [(row.pid, kind) for row in RELATIONS.values() for kind in row.subject_types]
    writers = ", ".join(sorted({row.written_by for row in everything}))
    reviewed = sum(bool(row.reviewed_by) for row in everything)
    yield "# Relations and wordings\n"
    yield "Made by `python scripts/relations_page.py > docs/relations.md`; change the tables, not this page.\n"
    yield (
        f"{len(RELATIONS)} relations, {len(pairs)} pairs of relation and kind of subject, {len(everything):,} wordings. "
        f"Written by: {writers}. Reviewed by a named reader: {reviewed:,} of {len(everything):,}."
    )
    yield ""
    yield from relation_section()
    yield from published_section()
    yield from example_section()
    for pid, kind in pairs:
        yield from wordings(pid, kind)


def relation_section() -> Iterator[str]:
    """Yield the table of the relations that are built."""
    yield "## Relations that are built\n"
    yield "*One value*: a subject normally has one true value. *Timeless*: no decision can change a value. *Complete*: a value"
    yield 'that Wikidata does not list is not true; where it is "no" the relation is out of the headline mean. The words are'
    yield "explained in `xleval/polyfact/relations.py`, the kinds in `kinds.py`.\n"
    head = ("property", "name", "asked of", "answer", "one value", "timeless", "complete", "inverse", "note")
    yield from table(head, map(relation_row, RELATIONS.values()))


def published_section() -> Iterator[str]:
    """Yield the table of the published set's properties and the list of the others that are not built."""
    built = sum(pid in RELATIONS for pid in PUBLISHED)
    yield f"## The {len(PUBLISHED)} properties of the published set\n"
    yield f"Of its allow-list {built} are built here and {len(PUBLISHED) - built} are not.\n"
    yield from table(
        ("property", "name", "published set", "here", "why, or what to know"), map(published_row, PUBLISHED)
    )
    yield "Not in that list, asked for often, and not built here:\n"
    others = [(pid, *text.split(": ", 1)) for pid, text in EXCLUDED.items() if pid not in PUBLISHED]
    yield from table(("property", "name", "why"), others)


def example_section() -> Iterator[str]:
    """Yield the table of the items that the wordings are filled in with."""
    yield "## Wordings, filled in\n"
    yield "Every wording of every language with one item for each kind of subject. They show the sentence and are no items of a"
    yield "set: the builder has checks of its own for the fact, and drops a question that contains its answer.\n"
    rows = ((kind, qid, label(kind, "en")) for kind, (qid, _) in EXAMPLES.items())
    yield from table(("kind", "item", "English name"), rows)


def main() -> int:
    """Print the page; return the exit code."""
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal of another encoding, Windows line ends
        sys.stdout.reconfigure(encoding="utf-8", newline="\n")
    print("\n".join(page()).rstrip("\n"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
