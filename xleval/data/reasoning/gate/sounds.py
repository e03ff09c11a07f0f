"""Consonant skeletons of names in any script: Catherine, キャサリン and Кэтрин come out alike.

A skeleton keeps the consonants of a word as classes (b p f v are one, d t, k g q, s z j ch, l r; m; n) and drops vowels,
h, w and y. Letters outside Latin are read off their Unicode names (BENGALI LETTER JA is a J), Hangul syllables by
composition, Chinese characters by a list of those that transliterations use.
"""

import re
import unicodedata
from functools import lru_cache

_CLASSES = str.maketrans(
    {letter: mark for mark, letters in {"P": "bpfv", "T": "dt", "K": "kgqc", "S": "szj", "L": "lr", "M": "m", "N": "n"}.items()
     for letter in letters}
)  # fmt: skip
_KEPT = frozenset("PTKSLMN")
_ENGLISH = ((re.compile("tch|ch|sh|ti(?=on)|c(?=[eiy])|g(?=[ey])|ge$"), "s"), (re.compile("ph"), "f"), (re.compile("x"), "ks"),
            (re.compile(r"([b-df-hj-np-tv-z])\1+"), r"\1"))  # fmt: skip
_UNSPOKEN_R = re.compile(r"r+(?![aeiour])")
# Cyrillic writes J as two letters; a letter doubled, in Indic scripts with a virama between, is one sound.
_SPELT = (
    (re.compile("дж"), "ж"),
    (re.compile("т?ц"), "с"),
    (re.compile(r"([^\W\d_])[\u09cd\u0c4d]?\1"), r"\1"),
)
# A Thai consonant under thanthakhat is not spoken; Katakana small tsu doubles what follows.
_SILENT = re.compile("[\u0e01-\u0e2e][\u0e34-\u0e39]?\u0e4c|[\u30e3\u30e5\u30e7\u30c3\u30fb\u30fc]")
# The first and last consonants of a Hangul syllable in Unicode order; - has no sound at the beginning.
_INITIALS = "k k n t t l m p p s s - s s s k t p h".split()
_FINALS = "- k k k n n n t l l l l l l l l m p p t t n t t k t p -".split()
_HAN = {
    "P": "布巴贝鲍伯比博波帕佩皮普保彼弗夫菲法费福芙维瓦伏柏白",
    "PN": "凡芬范宾班本文",
    "T": "达大代黛戴迪蒂狄杜多德特塔泰提托图",
    "TN": "丹当顿东坦唐汀廷汤登邓",
    "K": "卡凯克科柯可考格戈盖加哥古瓜库奎基",
    "KN": "肯坎金甘冈",
    "S": "斯思丝史西锡希席沙莎舍谢雪夏肖苏索塞赛萨什施杰吉朱茱乔佐泽兹齐奇查切彻治哲贾",
    "SN": "桑森山珊辛詹珍简琼",
    "M": "玛马麦梅美迈米莫姆茉穆",
    "MN": "曼蔓明蒙",
    "N": "纳娜南楠尼妮内奈诺努恩宁农安因温汉亨",
    "L": "拉莱劳雷蕾丽莉里利力理卢鲁路罗洛尔儿勒列",
    "LN": "兰朗琳林伦莲",
    "": "阿埃爱艾奥欧伊亚娅雅尤约由威韦沃怀哈海霍胡赫",
}
_HAN_SOUND = {char: sound for sound, chars in _HAN.items() for char in chars}


def is_name_character(char: str) -> bool:
    """Return whether Chinese transliterations of names use a character."""
    return char in _HAN_SOUND


@lru_cache(maxsize=20000)
def skeleton(word: str) -> str:
    """Return the consonant classes of a word in order; empty for a word of vowels only."""
    text = unicodedata.normalize("NFKC", word).lower()
    if text.isascii():
        for pattern, sound in _ENGLISH:
            text = pattern.sub(sound, text)
    else:
        for pattern, sound in _SPELT:
            text = pattern.sub(sound, text)
    return "".join(_sound(char) for char in _SILENT.sub("", text))


@lru_cache(maxsize=10000)
def _sound(char: str) -> str:
    if char in _HAN_SOUND:
        return _HAN_SOUND[char]
    if "가" <= char <= "힣":
        index = ord(char) - 0xAC00
        return _classes(_INITIALS[index // 588] + _FINALS[index % 28])
    if "\u0e2f" <= char <= "\u0e7f":
        return ""
    base = unicodedata.normalize("NFD", char)[0]
    if base.isascii():
        return _classes(base)
    name = unicodedata.name(char, "")
    if not name or (" SIGN" in name and "ANUSVARA" not in name):
        return ""
    if name.startswith("KATAKANA LETTER") and name.endswith(" HU"):
        return "P"
    words = re.sub(r"KATAKANA LETTER SMALL.*|LETTER|SMALL|CHARACTER|CAPITAL|SHORT", " ", name).split()
    return "N" if "ANUSVARA" in name else _classes(words[1].lower()) if len(words) > 1 else ""


def _classes(letters: str) -> str:
    return "".join(mark for mark in letters.replace("ch", "s").replace("sh", "s").translate(_CLASSES) if mark in _KEPT)[
        :2
    ]


def skeletons(name: str) -> tuple[str, ...]:
    """Return the skeletons of an English name: with every r, and without those that are spoken only in part of the world."""
    return tuple(dict.fromkeys((skeleton(name), skeleton(_UNSPOKEN_R.sub("", name.lower())))))


def distance(first: str, second: str) -> int:
    """Return the edit distance of two skeletons."""
    row = list(range(len(second) + 1))
    for i, one in enumerate(first, 1):
        above, row[0] = row[0], i
        for j, two in enumerate(second, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (one != two))
    return row[-1]
