"""The words by which an answer, a next question, a step number or an ordinal is recognised in a completion.

They are spellings models write, not prompt text: several a language, matched without regard to case after folding.
"""

import functools
import re
from collections.abc import Sequence

from xleval.data.number_folding import fold
from xleval.data.number_words import CURRENCY

# What names the answer. A longer phrase may stand before a shorter one: both are tried at each place.
_NOUNS: dict[str, tuple[str, ...]] = {
    "en": ("final answer", "correct answer", "answer", "answers", "ans", "final result"),
    "de": ("endgültige Antwort", "Antwort", "Endergebnis", "Antwortsatz"),
    "id": ("jawaban akhirnya", "jawaban akhir", "jawabannya", "jawaban", "jawab"),
    "pt": ("resposta final", "resposta"),
    "ar": (
        "الإجابة النهائية", "الاجابة النهائية", "الجواب النهائي", "الإجابة", "الاجابة", "الإجابه", "إجابة", "الجواب", "جواب",
    ),
    "bn": ("চূড়ান্ত উত্তর", "উত্তরটি", "উত্তর", "জবাব"),
    "sw": ("jibu la mwisho", "jibu", "majibu"),
    "es": ("respuesta final", "respuesta", "resultado final"),
    "ru": ("окончательный ответ", "итоговый ответ", "ответом", "ответ"),
    "fr": ("réponse finale", "réponse", "reponse"),
    "ja": ("最終的な答え", "最終回答", "最終解", "正解", "正答", "答え", "答", "回答", "解答"),
    "zh": ("最终答案", "最終答案", "答案", "答", "解答", "回答"),
    "ko": ("최종 답변", "최종 답", "정답", "답변", "대답", "답"),
    "uk": ("остаточна відповідь", "кінцева відповідь", "відповіддю", "відповідь"),
    "th": ("คำตอบสุดท้าย", "คำตอบ", "ตอบ"),
    "te": ("తుది సమాధానం", "చివరి సమాధానం", "సమాధానం", "సమాధానము", "జవాబు"),
    "yo": ("ìdáhùn ìkẹyìn", "ìdáhùn", "idahun", "ìdáhùn náà", "èsì"),
    "vi": ("đáp án cuối cùng", "câu trả lời cuối cùng", "câu trả lời", "đáp án", "đáp số", "trả lời"),
    "it": ("risposta finale", "risposta", "risultato finale"),
    "ms": ("jawapan akhir", "jawapannya", "jawapan", "jawab", "jawaban"),
}  # fmt: skip

# What joins the noun and the value; the longest first. In languages without one a colon or nothing stands there.
_COPULAS: dict[str, tuple[str, ...]] = {
    "en": (
        "would be", "will be", "should be", "might be", "may be", "could be", "must be", "has to be", "comes to",
        "is equal to", "equals", "is", "are", "was",
    ),
    "de": ("ist gleich", "lautet", "beträgt", "liegt bei", "liegt", "ist", "wäre"),
    "id": ("adalah", "ialah", "yaitu", "yakni", "sama dengan"),
    "pt": ("é igual a", "é", "será", "seria", "são"),
    "ar": ("هي", "هو", "تساوي", "يساوي", "تكون", "يكون"),
    "bn": ("হল", "হলো", "হচ্ছে", "হবে", "হয়"),
    "sw": ("ni", "litakuwa", "itakuwa", "ni sawa na"),
    "es": ("es igual a", "es de", "es", "sería", "será", "son"),
    "ru": ("составляет", "равняется", "равен", "является", "будет", "это"),
    "fr": ("est égale à", "est de", "est donc", "est", "serait", "sera", "vaut"),
    "ja": ("は", "が", "として"),
    "zh": ("应该是", "應該是", "应为", "就是", "等于", "等於", "是", "为", "為", "係"),
    "ko": ("은", "는", "이"),
    "uk": ("становить", "дорівнює", "буде", "є", "це"),
    "th": ("คือ", "เป็น", "เท่ากับ", "ก็คือ", "ว่า"),
    "te": ("అనేది", "ఏమిటంటే", "ఇది"),
    "yo": ("náà ni", "naa ni", "jẹ́", "jẹ", "ni"),
    "vi": ("là", "bằng", "sẽ là"),
    "it": ("è pari a", "è", "sarebbe", "sarà", "sono"),
    "ms": ("adalah", "ialah", "iaitu", "bersamaan"),
}  # fmt: skip
_GLUED = frozenset({"ja", "zh", "ko", "th"})

# What opens a next question. Completions leave their language too, so all are looked for in every language.
_QUESTIONS = (
    "Question", "Q", "Problem", "Exercise", "Next question", "Frage", "Aufgabe", "Pertanyaan", "Soal", "Pergunta", "Questão",
    "Problema", "السؤال", "سؤال", "المسألة", "مسألة", "প্রশ্ন", "সমস্যা", "Swali", "Tatizo", "Pregunta",
    "Вопрос", "Задача", "Задание",
    "Problème", "Exercice", "問題", "質問", "問", "例題", "问题", "问", "题目", "題目", "题", "問題文", "질문", "문제",
    "Питання", "Запитання", "Завдання",
    "โจทย์", "คำถาม", "ปัญหา", "ข้อ", "ప్రశ్న", "సమస్య", "Ìbéèrè", "Ibeere", "Câu hỏi", "Bài toán", "Hỏi", "Domanda", "Quesito",
    "Soalan", "Masalah",
)  # fmt: skip

_STEPS = (
    "step", "steps", "schritt", "schritten", "étape", "paso", "passo", "passaggio", "шаг", "шага", "шаге", "шагу", "крок",
    "кроці", "langkah", "bước", "hatua", "hatua ya", "ขั้นตอนที่", "ขั้นตอน", "ขั้นที่", "ข้อ", "步骤", "步驟", "第", "ステップ", "手順",
    "단계", "제", "الخطوة", "خطوة", "ধাপ", "దశ", "ìgbésẹ̀", "igbesẹ", "equation", "eq.", "example", "figure", "part", "line",
    "gleichung", "beispiel", "équation", "ecuación", "формула", "№", "no.", "nr.",
)  # fmt: skip
_ORDINAL_AFTER = (
    "st",
    "nd",
    "rd",
    "th",
    "ème",
    "eme",
    "º",
    "ª",
    "-й",
    "-я",
    "-е",
    "-го",
    "番目",
    "단계",
    "번째",
    "つ目",
    "个步骤",
    "步",
)


def _any_of(words: Sequence[str]) -> str:
    folded = {fold(word).text for word in words}
    return "(?:" + "|".join(re.escape(word) for word in sorted(folded, key=len, reverse=True)) + ")"


#: One word: no space, digit or ASCII punctuation in it. `\w` does not match the vowel signs of Indic scripts.
WORD = r"[^\s\d!-@\[-`{-~、。，「」『』।？！]+"
#: Marks without meaning between a cue and its value.
NOISE = r"[\s*_`\"'(\[{$\\>~≈«“„「『–—-]"
_START = r"(?<![^\W\d_])"


@functools.cache
def answer_cues(lang: str, prefixes: tuple[str, ...] = ()) -> re.Pattern[str]:
    """Return the pattern of an answer cue in a language or in English; a named group tells its kind.

    Groups: `says` (a noun and a copula: "The answer is"), `label` (a noun and a colon), `bare` (the noun alone).

    Args:
        lang: code of the language table.
        prefixes: further cues, such as the answer prefix of the prompt; with a colon at their end they are labels.
    """
    own = [fold(prefix).text.strip() for prefix in prefixes if prefix.strip()]
    says = [re.escape(text) for text in own if text[-1] not in ":="]
    labels = [re.escape(text[:-1].rstrip()) for text in own if text[-1] in ":="]
    bare = []
    for code in dict.fromkeys((lang, "en")):
        noun, copula = _any_of(_NOUNS[code]), _any_of(_COPULAS[code])
        if code in _GLUED:
            says.append(rf"{noun}[^\n。.!?:0-9]{{0,12}}?{copula}")
        else:
            says.append(rf"{_START}{noun}(?:[ \t]+{WORD}){{0,5}}?[ \t*_]+{copula}(?![^\W\d_])")
        labels.append(f"{'' if code in _GLUED else _START}{noun}")
        bare.append(f"{'(?<![대回解])' if code in _GLUED else _START}{noun}")
    # 【答案】 needs no colon.
    bracketed = rf"(?:{'|'.join(labels)})】"
    close = r"[ \t*_)\]\"'」』]*"
    # Most places cannot begin a cue: one look at the character there is cheaper than trying every noun.
    words = [fold(word).text for code in dict.fromkeys((lang, "en")) for word in _NOUNS[code]]
    initials = "".join(sorted({re.escape(word[0]) for word in [*words, *own]}))
    return re.compile(
        rf"(?=[{initials}])(?:(?P<says>(?:{'|'.join(says)})[ \t*_]*[:=]?)"
        rf"|(?P<label>(?:{'|'.join(labels)}){close}(?:#?[0-9]{{1,2}}{close}(?=[:=]))?[:=]|{bracketed})|(?P<bare>{'|'.join(bare)}))",
        re.IGNORECASE,
    )


# What joins two values of which the reader is to choose, or that are answers both.
_CHOICES = (
    "or", "and", "oder", "und", "atau", "dan", "ou", "e", "et", "y", "o", "u", "oppure", "أو", "او", "و", "বা", "অথবা", "এবং",
    "au", "na", "или", "и", "або", "чи", "і", "та", "または", "か", "と", "或", "或者", "和", "또는", "혹은", "이나", "과", "와", "หรือ",
    "และ", "లేదా", "మరియు", "tàbí", "àti", "hoặc", "hay", "và",
)  # fmt: skip
# What joins the ends of a range, between two numbers without units; glued ones need no spaces.
_RANGE_WORDS = (
    "to", "bis", "a", "à", "до", "по", "sampai", "hingga", "đến", "tới", "إلى", "الى", "থেকে", "నుండి", "నుంచి", "hadi",
    "mpaka", "sí", "dé",
)  # fmt: skip
RANGE = rf"\s+{_any_of(_RANGE_WORDS)}\s+|\s*(?:到|至|から|에서|부터|ถึง)\s*"
CHOICE_WORD = _any_of(_CHOICES)
#: A choice word between two values, with the marks around it.
CHOICE = re.compile(rf"[\s*_$]*{CHOICE_WORD}[\s*_$€£¥₹]*", re.IGNORECASE)

# What says that a result follows.
_CONCLUSIONS = (
    "so", "therefore", "thus", "hence", "making", "which makes", "for a total of", "also", "somit", "daher", "folglich",
    "insgesamt", "jadi", "sehingga", "maka", "portanto", "logo", "então", "totalizando", "إذن", "لذلك", "وبالتالي", "لذا",
    "তাই", "সুতরাং", "অতএব", "মোট", "kwa hiyo", "kwa hivyo", "hivyo", "jumla", "por lo tanto", "por tanto", "así que",
    "entonces", "luego", "en total", "значит", "поэтому", "итого", "следовательно", "donc", "soit", "au total", "したがって",
    "よって", "だから", "つまり", "合計", "所以", "因此", "总共", "一共", "共", "따라서", "그러므로", "총", "отже", "тому", "разом", "ดังนั้น",
    "รวม", "จึง", "కాబట్టి", "మొత్తం", "nítorí náà", "vậy", "nên", "do đó", "suy ra", "tổng cộng", "quindi", "dunque", "perciò",
    "in totale", "oleh itu", "то есть", "тобто", "es decir", "o sea", "ou seja", "c'est-à-dire", "cioè", "das heißt", "tức là",
    "yaitu", "iaitu", "すなわち", "也就是", "즉",
)  # fmt: skip
CONCLUSION = re.compile(rf"{_START}{_any_of(_CONCLUSIONS)}(?![A-Za-zÀ-ɏЀ-ӿ])", re.IGNORECASE)

_HEDGES = (
    "about", "approximately", "approx.", "roughly", "exactly", "only", "just", "therefore", "thus", "also", "daher", "etwa",
    "ungefähr", "ca.", "circa", "donc", "environ", "unos", "unas", "cerca de", "aproximadamente", "около", "примерно",
    "приблизно", "sekitar", "kira-kira", "khoảng", "kama", "takriban", "jumla ya", "約", "约", "大约", "总共", "共", "약", "총",
    "ประมาณ", "প্রায়", "సుమారు", "حوالي", "تقريبا",
)  # fmt: skip
_FILLER_WORDS = _any_of([*_HEDGES, *(word for words in _COPULAS.values() for word in words)])

#: What may stand between a cue and its number without making it indirect: marks, copulas, currency, `x =`.
FILLER = re.compile(
    rf"(?:{NOISE}|[:=]|{_FILLER_WORDS}(?![A-Za-zÀ-ɏЀ-ӿ])|{CURRENCY}"
    r"|\\?(?:text|mathrm|mathbf|textbf)(?=\{)|(?<![^\W_])[A-Za-z]\s*=)*",
    re.IGNORECASE,
)

# A numbered example opens a next item: "Example 2:", "例2："; without a number it may illustrate the answer.
_EXAMPLES = (
    "Example", "Beispiel", "Ejemplo", "Exemple", "Exemplo", "Esempio", "Contoh", "Ví dụ", "Bài", "Câu", "Mfano", "Приклад",
    "Пример", "例", "예제", "예시", "보기", "ตัวอย่าง", "ตัวอย่างที่", "ข้อที่", "โจทย์ข้อที่", "ఉదాహరణ", "উদাহরণ", "مثال",
    "Àpẹẹrẹ", "Apẹẹrẹ",
)  # fmt: skip
# No two runs of one class touch here: completions of a hundred thousand spaces are read too.
_NUMBERING = r"[ \t]{0,3}(?:n[o°º]\.?|#)?[ \t]{0,3}[0-9]{0,3}[ \t*_)\]】]{0,9}"
_OPENS_LINE = r"(?:^|\n)[ \t*#>_\[【-]{0,40}"
#: What opens a next question: a label at a line start or right after a sentence, or a mark of a chat template (`turn`).
RUNAWAY = re.compile(
    rf"{_OPENS_LINE}(?:{_any_of(_QUESTIONS)}{_NUMBERING}(?:[:.](?!\d)|(?=\n|$))"
    rf"|{_any_of(_EXAMPLES)}[ \t]{{0,3}}[0-9]{{1,3}}[ \t*_)\]】]{{0,9}}(?:[:.](?!\d)|(?=\n|$))"
    r"|(?:(?:here(?:'s| is| are)|next is|now for) )?(?:another|the next|a new|a similar)[ \t](?:\w+[ \t])?"
    r"(?:problem|question|example|exercise)[^\n.]{0,30}:"
    r"|(?:user|human|instruction|###\s*instruction|###\s*input)[ \t]*:)"
    rf"|(?<=[.!?。।])[ \t]*{_START}{_any_of([word for word in _QUESTIONS if word[0] != 'P'])}[ \t]*[0-9]{{0,3}}[ \t]*:"
    r"|(?P<turn><\|(?:im_|eo[tms]|end(?!_of_box|_of_thought)|start_|start\||sep|user|human|observation|return|call)"
    r"[^|<>\n]{0,30}\|>|</s>|<eos>|</?(?:end_of_turn|start_of_turn)>|\[/?INST\]"
    r"|(?:^|(?<=\n)|(?<=[.!?。।]))(?:user|human|assistant)[ \t]*\n)",
    re.IGNORECASE,
)

#: A word that makes the number after it the number of a step, at the end of what precedes.
STEP_BEFORE = re.compile(rf"{_START}{_any_of(_STEPS)}[ \t]*[#(]?[ \t]*$", re.IGNORECASE)
#: A step-by-step label before an answer noun: "Step-by-Step Answer:" opens the reasoning, it does not close it.
REASONING_BEFORE = re.compile(
    r"(?:step|schritt|ধাপে|ステップごとの|దశలవారీగా|단계별|逐步|вариант\w*)[ \t-]*$", re.IGNORECASE
)
#: What makes the number before it an ordinal.
ORDINAL_AFTER = re.compile(rf"{_any_of(_ORDINAL_AFTER)}(?![A-Za-zА-я])", re.IGNORECASE)
#: What makes the 1 before it the basis of a rate: 1日に18ドル, 1인당 5개.
RATE_AFTER = re.compile(
    r"(?:日|週間|週|か月|ヶ月|カ月|年|時間|分|人|個|本|枚)(?:に|あたり|当たり|につき|ごとに)|(?:일|주|주일|개월|년|시간|분|명|인|개)(?:에|당|마다)"
)
