"""Words by which a question shows its language, and words by which it asks for the opposite.

Written by a language model (claude) and reviewed by nobody: the measured false alarms in docs/lint.md are what speaks
for them.
"""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: Frequent words of questions in languages of Latin script, folded as names are (no accents, no apostrophes).
FUNCTION_WORDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "en": _words(
            "what which who whom whose where when how is are was were does did do has have the of and in on at by to "
            "from with for this that it its an following country city called spoken located language"
        ),
        "de": _words(
            "was welche welcher welches welchem welchen wer wem wen wessen wo woher wann wie ist sind war waren hat "
            "wurde wird der die das den dem des ein eine einer eines und im in auf von vom zu zum zur mit fur aus "
            "dieser diese dieses diesem heisst heißt liegt gehort folgenden land stadt sprache hauptstadt"
        ),
        "id": _words(
            "apa apakah siapa siapakah mana dimana manakah kapan bagaimana adalah ialah yang di dari untuk "
            "dengan dan "
            "pada oleh dalam ini itu berada terletak merupakan menjadi negara kota ibu bahasa benua mata uang resmi "
            "digunakan disebut nama"
        ),
        "pt": _words(
            "qual quais quem onde quando como que foi sao esta fica era o os as a e se de da do das dos em entre "
            "segundo sobre cujo no na nos nas um uma e "
            "com por para pelo pela ao deste desta seguinte pais cidade lingua idioma moeda chama"
        ),
        "sw": _words(
            "je nini nani gani ipi upi wapi lini ni kwa na ya wa la za cha vya katika kutoka kwenye iko uko yuko "
            "lipo "
            "lililoko iliyoko hii huu hiyo huo hili jina nchi mji mkuu lugha bara sarafu rasmi inayotumika yake wake "
            "aliyekuwa ambaye ambayo inatumika unaitwaje ilikuwa alikuwa"
        ),
        "es": _words(
            "cual cuales quien quienes donde cuando como que es fue esta era el los la las lo a de del en un una "
            "y se su con por segun sobre entre "
            "para al se este esta siguiente pais ciudad idioma lengua moneda llama encuentra"
        ),
        "fr": _words(
            "quel quelle quels quelles quelle que y il elle dont selon entre qui ou quand comment que quoi est "
            "sont etait fut a le les la l du des de en dans "
            "un une et avec par pour au aux ce cet cette se sur suivant pays ville langue monnaie situe appelle quest"
        ),
        "it": _words(
            "quale quali chi da a e se tra su dove quando come che cosa e sono era fu il lo gli la le del della "
            "dello dei degli delle di "
            "in nel nella un una con per al alla questo questa si trova chiama paese citta lingua"
        ),
        "vi": _words("la gi nao ai o đau dau khi cua va trong nam thuoc nuoc thanh pho ngon ngu thu đo do ten nay"),
        "yo": _words("kini ki ni tani nibo ewo wo ti ninu ilu orile ede je awon fun si olu owo"),
        "ms": _words(
            "apa apakah siapa siapakah mana bila bagaimana adalah ialah yang di dari untuk dengan dan pada oleh "
            "dalam "
            "ini itu terletak merupakan negara bandar ibu bahasa benua mata wang rasmi digunakan dipanggil nama"
        ),
    }
)
#: Languages too close for words to tell apart.
ALIKE = frozenset({frozenset({"id", "ms"})})

_PATTERNS: Mapping[str, str] = {
    "en": r"\b(not|never|neither|nor|none|except|excluding|cannot|other than|isn'?t|aren'?t|wasn'?t|weren'?t|"
    r"doesn'?t|don'?t|didn'?t|hasn'?t|haven'?t|won'?t|incorrect)\b",
    "de": r"\b(nicht|kein\w*|nie|niemals|weder|außer|ausgenommen|nirgends|niemand)\b",
    "id": r"\b(bukan\w*|tidak\w*|tak|kecuali|selain|belum|jangan)\b",
    "pt": r"\b(não|nao|nunca|jamais|nem|nenhum\w*|exceto|excepto|ninguém)\b",
    "es": r"\b(no|nunca|jamás|ni|ningun\w*|ningún|excepto|nadie)\b",
    "fr": r"\b(pas|jamais|aucun\w*|sauf|excepté|rien)\b",
    "it": r"\b(non|mai|nessun\w*|eccetto|tranne)\b",
    "sw": r"\b(si|sio|siyo|siye|wala|hakuna|hapana|isipokuwa|kamwe|"
    r"ha(?:i|li|wa|ku|ya|zi|ki|vi|u|pa|mu|tu|ta)(?:ku|na|ta|po|ko|mo|tumi|ongoz|zungumz|patikan)\w*|"
    r"(?:a|wa|i|li|u|zi|ya|ki|vi|m|ku|pa)si(?:yo|ye|o|cho|vyo|zo|lo)\w*)\b",
    "ar": r"(?<![\w\-])[وف]?(ليس|ليست|ليسوا|لا|لم|لن|غير|عدا|ماعدا|سوى|باستثناء|أبدا|أبدًا)(?![\w\-])",
    "bn": r"(?<![\w\u0980-\u09ff])(না|নয়|নয়|নেই|নন|নহে|নি|হয়নি|হয়নি|ছাড়া|ছাড়া|ব্যতীত|বাদে|করেনি|করেননি|ছিল না|কখনও না)"
    r"(?![\w\u0980-\u09ff])|[\u0980-\u09ff](?:েননি|েনি|য়নি|য়নি)(?![\w\u0980-\u09ff])",
    "ru": r"\b(не|ни|нет|нельзя|кроме|никогда|никто|ничего|никак\w*|исключая|за исключением)\b",
    "uk": r"\b(не|ні|немає|крім|ніколи|ніхто|нічого|ніяк\w*|окрім)\b",
    "ja": r"(ではない|でない|じゃない|ではありません|でありません|ません|しない|されない|していない|されていない|なかった|"
    r"[^少危]ない|ずに|以外|除く|除いて|除き|誤って|間違っ|非ず)",
    "zh": r"(不(?!同|列颠|丹|来梅|少|仅|久|过|朽|莱梅|伦瑞克)|没有|沒有|没(?!收|落)|并非|並非|除了|除外|以外|之外|未(?!来|央))",
    "ko": r"(않|아닌|아니|없는|없다|못하|제외|외에|틀린|비(?:공식))",
    "th": r"(ไม่|มิใช่|มิได้|ยกเว้น|นอกจาก|เว้นแต่|ไร้)",
    "te": r"(కాదు|కాని|లేదు|లేని|తప్ప|మినహా|కానిది|కావు)",
    "vi": r"\b(không|chưa|chẳng|ngoại trừ|trừ|chả)\b",
    "yo": r"\b(kò|kì|kìí|kii|ko|kọ́|kọ|àyàfi|ayafi|láìsí)\b",
    "ms": r"\b(bukan\w*|tidak\w*|tak|kecuali|selain|belum)\b",
}


def _whole_words(pattern: str) -> str:
    """Return a pattern whose words are not parts of hyphenated names (Saint-Ni-…), in NFC as the texts are."""
    pattern = unicodedata.normalize("NFC", pattern)
    return pattern.replace(r"\b(", r"(?<![\w\-])(").replace(r")\b", r")(?![\w\-])")


#: What makes a question ask for the opposite, by language; to be searched in lower-case text.
NEGATIONS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {lang: re.compile(_whole_words(pattern)) for lang, pattern in _PATTERNS.items()}
)
