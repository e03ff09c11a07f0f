"""The table of prompt text: labels, closing sentences, instructions and openings of a trace per language.

All rows were written by a language model and none was reviewed by a person (D14); whoever reviews one puts a name into
`reviewed_by`. A change here changes what models are asked: raise the `version` of the tasks that use it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from xleval.data.languages import LANGUAGES
from xleval.errors import ConfigError

_MODEL = "claude (language model)"


@dataclass(frozen=True, slots=True, kw_only=True)
class PromptWords:
    """The prompt text of one language.

    Labels end in a colon as the language writes it: full-width in Chinese and Japanese; in French after a space,
    a plain one. None of the fields begins or ends with a space.

    Attributes:
        lang: code of the language table.
        question_label: before a question.
        answer_label: before an answer alone.
        step_by_step_label: before a worked solution; no closing sentence begins like it.
        answer_prefix: what stands before the number in the closing sentence of a solution.
        answer_suffix: what stands after the number there; empty in Thai, which has no full stop.
        cot_instruction: asks for a solution step by step in this language that ends in the closing sentence; its own
            last words are that sentence with N for the number.
        direct_instruction: asks for the number alone.
        reasoning_opening: first sentence of a reasoning trace, in the first person and naming the language; a trace that
            is given it as its beginning goes on in the language.
        written_by: author of the row.
        reviewed_by: person who reviewed the row, with stated competence in the language; empty when nobody did.
    """

    lang: str
    question_label: str
    answer_label: str
    step_by_step_label: str
    answer_prefix: str
    answer_suffix: str
    cot_instruction: str
    direct_instruction: str
    reasoning_opening: str
    written_by: str
    reviewed_by: str


_ROWS = (
    PromptWords(
        lang="en", question_label="Question:", answer_label="Answer:", step_by_step_label="Step-by-step answer:",
        answer_prefix="The answer is", answer_suffix=".",
        cot_instruction="Solve the problem step by step in English. "
        "End with this sentence, with the number in place of N: The answer is N.",
        direct_instruction="Answer with the number only.",
        reasoning_opening="Okay, I will think through this step by step in English.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="de", question_label="Frage:", answer_label="Antwort:", step_by_step_label="Schritt-für-Schritt-Antwort:",
        answer_prefix="Die Antwort ist", answer_suffix=".",
        cot_instruction="Löse die Aufgabe Schritt für Schritt auf Deutsch. "
        "Schließe mit diesem Satz und setze darin statt N die Zahl ein: Die Antwort ist N.",
        direct_instruction="Antworte nur mit der Zahl.",
        reasoning_opening="Okay, ich denke das jetzt Schritt für Schritt auf Deutsch durch.",
        written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="id", question_label="Pertanyaan:", answer_label="Jawaban:",
        step_by_step_label="Jawaban langkah demi langkah:",
        answer_prefix="Jawabannya adalah", answer_suffix=".",
        cot_instruction="Selesaikan soal ini langkah demi langkah dalam bahasa Indonesia. "
        "Akhiri dengan kalimat berikut dan ganti N dengan angkanya: Jawabannya adalah N.",
        direct_instruction="Jawab hanya dengan angka.",
        reasoning_opening="Baik, saya akan memikirkannya langkah demi langkah dalam bahasa Indonesia.",
        written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="pt", question_label="Pergunta:", answer_label="Resposta:", step_by_step_label="Resposta passo a passo:",
        answer_prefix="A resposta é", answer_suffix=".",
        cot_instruction="Resolva o problema passo a passo em português. "
        "Termine com esta frase, com o número no lugar de N: A resposta é N.",
        direct_instruction="Responda apenas com o número.",
        reasoning_opening="Certo, vou pensar nisto passo a passo em português.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="ar", question_label="السؤال:", answer_label="الإجابة:", step_by_step_label="الحل خطوة بخطوة:",
        answer_prefix="الإجابة هي", answer_suffix=".",
        cot_instruction="حُلّ المسألة خطوة بخطوة باللغة العربية. "
        "اختم بهذه الجملة مع وضع العدد مكان N: الإجابة هي N.",
        direct_instruction="أجب بالعدد فقط.",
        reasoning_opening="حسنًا، سأفكّر في هذا خطوة بخطوة باللغة العربية.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="bn", question_label="প্রশ্ন:", answer_label="উত্তর:", step_by_step_label="ধাপে ধাপে উত্তর:",
        answer_prefix="উত্তর হল", answer_suffix="।",
        cot_instruction="সমস্যাটি বাংলায় ধাপে ধাপে সমাধান করুন। "
        "শেষে N-এর জায়গায় সংখ্যাটি বসিয়ে এই বাক্যটি লিখুন: উত্তর হল N।",
        direct_instruction="শুধু সংখ্যাটি দিয়ে উত্তর দিন।",
        reasoning_opening="ঠিক আছে, আমি এটা নিয়ে বাংলায় ধাপে ধাপে ভাবব।", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="sw", question_label="Swali:", answer_label="Jibu:", step_by_step_label="Jibu la hatua kwa hatua:",
        answer_prefix="Jibu ni", answer_suffix=".",
        cot_instruction="Tatua tatizo hili hatua kwa hatua kwa Kiswahili. "
        "Malizia kwa sentensi hii, ukiweka namba mahali pa N: Jibu ni N.",
        direct_instruction="Jibu kwa namba pekee.",
        reasoning_opening="Sawa, nitafikiria swali hili hatua kwa hatua kwa Kiswahili.",
        written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="es", question_label="Pregunta:", answer_label="Respuesta:", step_by_step_label="Respuesta paso a paso:",
        answer_prefix="La respuesta es", answer_suffix=".",
        cot_instruction="Resuelve el problema paso a paso en español. "
        "Termina con esta frase, con el número en lugar de N: La respuesta es N.",
        direct_instruction="Responde solo con el número.",
        reasoning_opening="Bien, voy a pensar en esto paso a paso en español.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="ru", question_label="Вопрос:", answer_label="Ответ:", step_by_step_label="Пошаговое решение:",
        answer_prefix="Ответ:", answer_suffix=".",
        cot_instruction="Решите задачу шаг за шагом на русском языке. "
        "В конце напишите следующую строку, подставив число вместо N: Ответ: N.",
        direct_instruction="В ответе укажите только число.",
        reasoning_opening="Хорошо, я буду рассуждать шаг за шагом на русском языке.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="fr", question_label="Question :", answer_label="Réponse :",
        step_by_step_label="Réponse étape par étape :",
        answer_prefix="La réponse est", answer_suffix=".",
        cot_instruction="Résolvez le problème étape par étape en français. "
        "Terminez par cette phrase, avec le nombre à la place de N : La réponse est N.",
        direct_instruction="Répondez uniquement par le nombre.",
        reasoning_opening="Bien, je vais réfléchir étape par étape en français.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="ja", question_label="質問：", answer_label="回答：", step_by_step_label="ステップごとの解答：",
        answer_prefix="答えは", answer_suffix="です。",
        cot_instruction="問題を日本語で順を追って解いてください。"
        "最後は、Nを数値に置き換えた次の文で終えてください：答えはNです。",
        direct_instruction="数値だけで答えてください。",
        reasoning_opening="では、日本語で順を追って考えていきます。", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="zh", question_label="问题：", answer_label="答案：", step_by_step_label="逐步解答：",
        answer_prefix="答案是", answer_suffix="。",
        cot_instruction="请用中文逐步解答这道题。最后以下面这句话结尾，并把N换成数字：答案是N。",
        direct_instruction="请只回答数字。",
        reasoning_opening="好的，我来用中文一步一步地思考这个问题。", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="ko", question_label="질문:", answer_label="답:", step_by_step_label="단계별 풀이:",
        answer_prefix="답은", answer_suffix="입니다.",
        cot_instruction="한국어로 문제를 단계별로 풀어 주세요. "
        "마지막에는 N 대신 숫자를 넣어 다음 문장으로 끝맺으세요: 답은 N입니다.",
        direct_instruction="숫자로만 답하세요.",
        reasoning_opening="그럼 이 문제를 한국어로 단계별로 생각해 보겠습니다.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="uk", question_label="Запитання:", answer_label="Відповідь:", step_by_step_label="Покрокове розв’язання:",
        answer_prefix="Відповідь:", answer_suffix=".",
        cot_instruction="Розв’яжіть задачу крок за кроком українською мовою. "
        "Наприкінці напишіть такий рядок, підставивши число замість N: Відповідь: N.",
        direct_instruction="У відповіді вкажіть лише число.",
        reasoning_opening="Добре, я міркуватиму крок за кроком українською мовою.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="th", question_label="คำถาม:", answer_label="คำตอบ:", step_by_step_label="วิธีทำทีละขั้นตอน:",
        answer_prefix="คำตอบคือ", answer_suffix="",
        cot_instruction="จงแก้โจทย์ทีละขั้นตอนเป็นภาษาไทย "
        "แล้วจบด้วยประโยคต่อไปนี้ โดยแทน N ด้วยตัวเลข: คำตอบคือ N",
        direct_instruction="จงตอบเป็นตัวเลขเท่านั้น",
        reasoning_opening="เอาละ ฉันจะคิดเรื่องนี้ทีละขั้นตอนเป็นภาษาไทย", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="te", question_label="ప్రశ్న:", answer_label="సమాధానం:", step_by_step_label="దశలవారీ సమాధానం:",
        answer_prefix="సమాధానం", answer_suffix=".",
        cot_instruction="సమస్యను తెలుగులో దశలవారీగా పరిష్కరించండి. "
        "చివరగా, N స్థానంలో సంఖ్యను ఉంచి ఈ వాక్యంతో ముగించండి: సమాధానం N.",
        direct_instruction="సంఖ్యను మాత్రమే సమాధానంగా ఇవ్వండి.",
        reasoning_opening="సరే, నేను దీని గురించి తెలుగులో దశలవారీగా ఆలోచిస్తాను.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="yo", question_label="Ìbéèrè:", answer_label="Ìdáhùn:", step_by_step_label="Ìdáhùn lẹ́sẹẹsẹ:",
        answer_prefix="Ìdáhùn náà ni", answer_suffix=".",
        cot_instruction="Yanjú ìṣòro yìí lẹ́sẹẹsẹ ní èdè Yorùbá. "
        "Fi gbólóhùn yìí parí rẹ̀, kí o sì fi nọ́ńbà náà rọ́pò N: Ìdáhùn náà ni N.",
        direct_instruction="Fi nọ́ńbà nìkan dáhùn.",
        reasoning_opening="Ó dára, èmi yóò ronú nípa èyí lẹ́sẹẹsẹ ní èdè Yorùbá.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="vi", question_label="Câu hỏi:", answer_label="Trả lời:", step_by_step_label="Lời giải từng bước:",
        answer_prefix="Đáp án là", answer_suffix=".",
        cot_instruction="Hãy giải bài toán từng bước bằng tiếng Việt. "
        "Kết thúc bằng câu sau, thay N bằng con số: Đáp án là N.",
        direct_instruction="Chỉ trả lời bằng con số.",
        reasoning_opening="Được rồi, tôi sẽ suy nghĩ từng bước bằng tiếng Việt.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="it", question_label="Domanda:", answer_label="Risposta:",
        step_by_step_label="Soluzione passo dopo passo:",
        answer_prefix="La risposta è", answer_suffix=".",
        cot_instruction="Risolvi il problema passo dopo passo in italiano. "
        "Concludi con questa frase, con il numero al posto di N: La risposta è N.",
        direct_instruction="Rispondi solo con il numero.",
        reasoning_opening="Va bene, ci ragionerò passo dopo passo in italiano.", written_by=_MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="ms", question_label="Soalan:", answer_label="Jawapan:",
        step_by_step_label="Jawapan langkah demi langkah:",
        answer_prefix="Jawapannya ialah", answer_suffix=".",
        cot_instruction="Selesaikan masalah ini langkah demi langkah dalam bahasa Melayu. "
        "Akhiri dengan ayat berikut dan gantikan N dengan nombornya: Jawapannya ialah N.",
        direct_instruction="Jawab dengan nombor sahaja.",
        reasoning_opening="Baiklah, saya akan memikirkannya langkah demi langkah dalam bahasa Melayu.",
        written_by=_MODEL, reviewed_by="",
    ),
)  # fmt: skip

#: The prompt text by language, in the order of the language table.
PROMPT_WORDS: Mapping[str, PromptWords] = MappingProxyType({row.lang: row for row in _ROWS})


def prompt_words(code: str) -> PromptWords:
    """Return the prompt text of one language.

    Args:
        code: BCP-47 code of the language table, in any case.

    Raises:
        ConfigError: the language has no row; language, rows and the file to add one to are named.
    """
    lang = code.strip().lower()
    row = PROMPT_WORDS.get(lang)
    if row is None:
        name = f"{LANGUAGES[lang].english_name} ({lang})" if lang in LANGUAGES else f"language {code!r}"
        raise ConfigError(
            f"{name} has no prompt words; rows exist for {', '.join(PROMPT_WORDS)}. "
            "Choose one of these or add a row in xleval/evalkit/prompt_words.py"
        )
    return row
