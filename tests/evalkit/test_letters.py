import pytest

from xleval.data.languages import LANGUAGES
from xleval.errors import ConfigError
from xleval.evalkit.letters import Letter, extract_letter

OPTIONS = ("Paris", "London", "Berlin", "Rome")

# language, completion, place of the option that a reader would take from it; None where none or several are chosen
CASES = [
    ("en", "B", 1),
    ("en", "B.", 1),
    ("en", "(B)", 1),
    ("en", "**B**", 1),
    ("en", "B. London", 1),
    ("en", "B) London", 1),
    ("en", " B\n\nExplanation: A is wrong.", 1),
    ("en", "The answer is B.", 1),
    ("en", "The answer is (B).", 1),
    ("en", "The answer is **B. London**", 1),
    ("en", "The correct answer is B) London.", 1),
    ("en", "Answer: B", 1),
    ("en", "answer: b", 1),
    ("en", "\\boxed{B}", 1),
    ("en", "$\\boxed{\\text{B}}$", 1),
    ("en", "\\boxed{B. London}", 1),
    ("en", "\\boxed{London}", 1),
    ("en", "Option B", 1),
    ("en", "I would choose option B.", 1),
    ("en", "The answer is option B because it is.", 1),
    ("en", "The answer is A", 0),
    ("en", "The answer is A because of x", 0),
    ("en", "The answer is a city in Europe.", None),
    ("en", "The answer is A city", None),
    ("en", "I think it is London.", 1),
    ("en", "I think so", None),
    ("en", "The answer is I think unknown", None),
    ("en", "A good question.", None),
    ("en", "The capital is London", 1),
    ("en", "London or Paris", None),
    ("en", "The answer is B or C", None),
    ("en", "The answer is B, not C.", 1),
    ("en", "A and B are both right", None),
    ("en", "A. Paris\nB. London\nC. Berlin\nD. Rome\n\nThe answer is C.", 2),
    ("en", "A. Paris\nB. London\nC. Berlin\nD. Rome", None),
    ("en", "A. Paris\nB. London\nC. Berlin\nD. Rome\n\nC", 2),
    ("en", "<think>The answer is A.</think>B", 1),
    ("en", "B\n\nQuestion: x?\nAnswer: C", 1),
    ("en", "Let me think. Paris is in France, London is in the UK.\n\nB", 1),
    ("en", "The answer is London.", 1),
    ("en", "The answer is London, not Paris.", None),
    ("en", "So the final answer is: $\\boxed{D}$", 3),
    ("en", "Therefore, the answer is D: Rome", 3),
    ("en", "E", None),
    ("en", "", None),
    ("en", "The best answer is C", 2),
    ("en", "C is correct.", 2),
    ("en", "The answer: (c)", 2),
    ("en", "**Answer: C**", 2),
    ("en", "**Answer:** C", 2),
    ("en", "Answer:\nC", 2),
    ("en", "Answer:\n\n**C) Berlin**", 2),
    ("en", "Correct option: (C)", 2),
    ("en", "Ｃ", 2),
    ("en", "C<|im_end|>", 2),
    ("en", "#### C", 2),
    ("en", "B\nC", 1),
    ("bn", "উত্তর: B", 1),
    ("bn", "উত্তর: খ", 1),
    ("bn", "উত্তর হল খ।", 1),
    ("bn", "সঠিক উত্তর: (খ)", 1),
    ("bn", "খ) London", 1),
    ("bn", "সঠিক উত্তর হল B.", 1),
    ("bn", "উত্তর: বি", 1),
    ("zh", "答案是B", 1),
    ("zh", "答案：B", 1),
    ("zh", "答案为（B）。", 1),
    ("zh", "故选B。", 1),
    ("zh", "选B", 1),
    ("zh", "正确答案是选项B：伦敦", 1),
    ("zh", "B、London", 1),
    ("zh", "因此，答案是 **B**。", 1),
    ("zh", "答案：Ｂ", 1),
    ("zh", "乙", 1),
    ("zh", "A和B都对", None),
    ("ja", "答えはBです。", 1),
    ("ja", "答え：イ", 1),
    ("ja", "正解はイです。", 1),
    ("ja", "Ｂ", 1),
    ("ja", "答えは（B）です", 1),
    ("ja", "選択肢Bです", 1),
    ("ko", "답은 B입니다.", 1),
    ("ko", "정답: 나", 1),
    ("ko", "정답: B", 1),
    ("ko", "정답은 (나)입니다.", 1),
    ("ko", "정답은 ㄴ", 1),
    ("ar", "الإجابة: ب", 1),
    ("ar", "الجواب هو (ب)", 1),
    ("ar", "الإجابة الصحيحة هي B.", 1),
    ("ar", "أ", 0),
    ("ar", "ج. Berlin", 2),
    ("ru", "Ответ: B", 1),
    ("ru", "Ответ: В", 1),
    ("ru", "Ответ: С", 2),
    ("ru", "Ответ: А", 0),
    ("ru", "Правильный ответ: б) London", 1),
    ("ru", "Ответ: г", 3),
    ("ru", "Ответ: Б", 1),
    ("ru", "Правильный ответ — B.", 1),
    ("ru", "Правильный вариант: B", 1),
    ("ru", "Я думаю, что это город", None),
    ("uk", "Відповідь: Б", 1),
    ("uk", "Правильна відповідь: B", 1),
    ("uk", "Відповідь: а", 0),
    ("th", "คำตอบคือ B", 1),
    ("th", "คำตอบ: ข", 1),
    ("th", "ตอบ ข. London", 1),
    ("th", "คำตอบที่ถูกต้องคือ ข้อ B", 1),
    ("th", "ข", 1),
    ("th", "คำตอบคือข้อ ค", 2),
    ("te", "సమాధానం: B", 1),
    ("te", "సమాధానం: బి", 1),
    ("te", "సమాధానం: (సి)", 2),
    ("es", "La respuesta es B.", 1),
    ("es", "La respuesta correcta es la B", 1),
    ("es", "La respuesta es a las cinco", None),
    ("es", "a", 0),
    ("es", "A mí me gusta", None),
    ("es", "a Paris", 0),
    ("es", "Respuesta: C) Berlin", 2),
    ("es", "La opción correcta es C.", 2),
    ("pt", "A resposta é B.", 1),
    ("pt", "A resposta correta é a letra C.", 2),
    ("pt", "A cidade é bonita.", None),
    ("pt", "A resposta é a alternativa D", 3),
    ("pt", "Letra B", 1),
    ("de", "Die Antwort ist B.", 1),
    ("de", "Antwort: C) Berlin", 2),
    ("de", "Die richtige Antwort ist (B) London.", 1),
    ("fr", "La réponse est B.", 1),
    ("fr", "Réponse : C", 2),
    ("fr", "La bonne réponse est la réponse D.", 3),
    ("fr", "A mon avis, c'est Rome.", 3),
    ("it", "La risposta è B.", 1),
    ("it", "La risposta corretta è la C", 2),
    ("it", "I romani", None),
    ("it", "E poi", None),
    ("id", "Jawaban: B", 1),
    ("id", "Jawabannya adalah C. Berlin", 2),
    ("vi", "Đáp án: B", 1),
    ("vi", "Đáp án đúng là C.", 2),
    ("vi", "Chọn B", 1),
    ("sw", "Jibu ni B.", 1),
    ("sw", "Jibu sahihi ni: C", 2),
    ("yo", "Ìdáhùn náà ni B.", 1),
    ("ms", "Jawapannya ialah C.", 2),
    ("es", "Por lo tanto, la opción correcta es la C.", 2),
    ("pt", "Alternativa correta: C", 2),
    ("ar", "الخيار الصحيح هو د.", 3),
    ("te", "సరైన సమాధానం B.", 1),
    ("th", "ข้อที่ถูกต้องคือ ง", 3),
    ("zh", "【答案】A", 0),
    ("ja", "したがって、正しい選択肢はDです。", 3),
    ("ko", "정답: ③", 2),
    ("zh", "选项A不对，选项B正确。", 1),
    ("te", "నేను సమాధానం B అని అనుకోలేదు.", None),
    ("en", "I looked at answer B.", None),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "completion", "expected"), CASES)
def test_choice_is_found(lang: str, completion: str, expected: int | None) -> None:
    found = extract_letter(completion, lang, OPTIONS)
    assert found.index == expected, found
    assert (found.index is None) == (found.path == "none")


def test_cases_cover_the_table() -> None:
    assert {lang for lang, _, _ in CASES} == set(LANGUAGES)


@pytest.mark.parametrize(
    ("completion", "expected"),
    [
        ("The answer is A. Well: \\boxed{C}", Letter(index=2, path="boxed")),
        ("A\n\nThe answer is B.", Letter(index=1, path="answer_prefix")),
        ("B\nbecause it is so", Letter(index=1, path="first_line")),
        ("It rains there.\nB", Letter(index=1, path="last_line")),
        ("It must be London", Letter(index=1, path="option_text")),
        ("It rains.", Letter(index=None, path="none")),
    ],
)
def test_paths(completion: str, expected: Letter) -> None:
    assert extract_letter(completion, "en", OPTIONS) == expected


def test_ten_options_and_letters_beyond_those_shown() -> None:
    options = [str(1900 + year) for year in range(10)]
    assert extract_letter("The answer is J.", "en", options).index == 9
    assert extract_letter("J", "en", options[:4]).index is None
    assert extract_letter("It was 1907.", "en", options).index == 7


def test_an_option_within_a_longer_one_is_not_counted() -> None:
    assert extract_letter("It is Paris Texas", "en", ["Paris", "Paris Texas"]).index == 1
    assert extract_letter("我选巴黎", "zh", ["巴黎", "伦敦"]).index == 0
    assert extract_letter("Parisian", "en", OPTIONS).index is None


def test_prefixes_of_the_prompt_are_cues() -> None:
    completion = "A or B? My pick: B\nA is the first letter"
    assert extract_letter(completion, "en", OPTIONS, prefixes=("My pick:",)) == Letter(index=1, path="answer_prefix")


@pytest.mark.parametrize("count", [0, 1, 11])
def test_number_of_options_is_checked(count: int) -> None:
    with pytest.raises(ConfigError, match="2 to 10"):
        extract_letter("B", "en", ["x"] * count)


@pytest.mark.parametrize("unit", [" ", "A ", "B. x\n", "answer ", "(B) ", "**", "\\boxed{"])
def test_long_degenerate_completions_are_read_in_bounded_time(unit: str) -> None:
    # Quadratic reading of these would take minutes.
    extract_letter(unit * (100_000 // len(unit)) + "B", "ru", OPTIONS)
