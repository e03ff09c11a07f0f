"""Twelve word problems with translations, and a translator that gives them out with planted failures."""

import os
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from xleval.data.reasoning.records import SourceItem
from xleval.data.reasoning.translators.protocol import Translated, TranslationRequest
from xleval.errors import ConfigError

#: English, Spanish, Arabic, answer, level; written for these tests.
PROBLEMS = (
    (
        "Rosa has 14 pens and gives 5 of them to her brother. How many pens does she have left?",
        "Rosa tiene 14 bolígrafos y le da 5 a su hermano. ¿Cuántos bolígrafos le quedan?",
        "لدى روزا 14 قلماً وأعطت 5 منها لأخيها. كم قلماً بقي لديها؟",
        "9", "1",
    ),
    (
        "A bus carries 36 passengers. At the next stop 12 get off and 7 get on. How many passengers are on the bus now?",
        "Un autobús lleva 36 pasajeros. En la siguiente parada bajan 12 y suben 7. ¿Cuántos pasajeros hay ahora en el autobús?",
        "تحمل حافلة 36 راكباً. في المحطة التالية نزل 12 وصعد 7. كم راكباً في الحافلة الآن؟",
        "31", "1",
    ),
    (
        "Four boxes weigh 18 kilograms together and all weigh the same. How many kilograms do 10 such boxes weigh?",
        "Cuatro cajas pesan juntas 18 kilogramos y todas pesan lo mismo. ¿Cuántos kilogramos pesan 10 cajas como esas?",
        "تزن أربعة صناديق معاً 18 كيلوغراماً وكلها متساوية الوزن. كم كيلوغراماً تزن 10 صناديق مثلها؟",
        "45", "2",
    ),
    (
        "A farmer sells 250 eggs on Monday and 175 eggs on Tuesday. How many eggs did he sell on both days?",
        "Un granjero vende 250 huevos el lunes y 175 huevos el martes. ¿Cuántos huevos vendió en los dos días?",
        "باع مزارع 250 بيضة يوم الاثنين و175 بيضة يوم الثلاثاء. كم بيضة باع في اليومين؟",
        "425", "1",
    ),
    (
        "A train leaves at 9 and travels 80 kilometres each hour. How far has it travelled after 6 hours?",
        "Un tren sale a las 9 y recorre 80 kilómetros cada hora. ¿Qué distancia ha recorrido después de 6 horas?",
        "يغادر قطار في الساعة 9 ويقطع 80 كيلومتراً كل ساعة. ما المسافة التي قطعها بعد 6 ساعات؟",
        "480", "2",
    ),
    (
        "If $x + 7 = 20$, what is the value of $x$?",
        "Si $x + 7 = 20$, ¿cuál es el valor de $x$?",
        "إذا كان $x + 7 = 20$، فما قيمة $x$؟",
        "13", "3",
    ),
    (
        "A ticket costs 15 dollars and children pay 60% of the price. How much do 3 children pay?",
        "Una entrada cuesta 15 dólares y los niños pagan el 60% del precio. ¿Cuánto pagan 3 niños?",
        "ثمن التذكرة 15 دولاراً ويدفع الأطفال 60% من السعر. كم يدفع 3 أطفال؟",
        "27", "3",
    ),
    (
        "A rope of 84 metres is cut into pieces of 6 metres each. How many pieces are there?",
        "Una cuerda de 84 metros se corta en trozos de 6 metros cada uno. ¿Cuántos trozos hay?",
        "قُطع حبل طوله 84 متراً إلى قطع طول كل منها 6 أمتار. كم عدد القطع؟",
        "14", "1",
    ),
    (
        "Amina reads 22 pages a day. In how many days does she finish a book of 330 pages?",
        "Amina lee 22 páginas al día. ¿En cuántos días termina un libro de 330 páginas?",
        "تقرأ أمينة 22 صفحة في اليوم. في كم يوماً تنهي كتاباً من 330 صفحة؟",
        "15", "2",
    ),
    (
        "A tank holds 500 litres and loses 25 litres every hour. How many litres are left after 8 hours?",
        "Un depósito contiene 500 litros y pierde 25 litros cada hora. ¿Cuántos litros quedan después de 8 horas?",
        "يتسع خزان لـ 500 لتر ويفقد 25 لتراً كل ساعة. كم لتراً يبقى بعد 8 ساعات؟",
        "300", "2",
    ),
    (
        "The sum of two numbers is 70 and their difference is 16. What is the larger number?",
        "La suma de dos números es 70 y su diferencia es 16. ¿Cuál es el número mayor?",
        "مجموع عددين 70 والفرق بينهما 16. ما العدد الأكبر؟",
        "43", "3",
    ),
    (
        "A class of 28 pupils forms teams of 4. Each team gets 3 balls. How many balls are needed?",
        "Una clase de 28 alumnos forma equipos de 4. Cada equipo recibe 3 pelotas. ¿Cuántas pelotas se necesitan?",
        "يشكل صف من 28 تلميذاً فرقاً من 4. يحصل كل فريق على 3 كرات. كم كرة نحتاج؟",
        "21", "2",
    ),
)  # fmt: skip

ITEMS = tuple(
    SourceItem(
        item_id=f"word-{number}",
        question=english,
        answer=answer,
        solution=f"It is {answer}.",
        groups={"split": "test", "level": level},
    )
    for number, (english, _, _, answer, level) in enumerate(PROBLEMS, start=1)
)
TABLE: Mapping[tuple[str, str], str] = {
    **{("es", english): spanish for english, spanish, *_ in PROBLEMS},
    **{("ar", english): arabic for english, _, arabic, *_ in PROBLEMS},
    **{("es", item.solution): f"Son {item.answer}." for item in ITEMS},
    **{("ar", item.solution): f"الناتج {item.answer}." for item in ITEMS},
}
#: Candidates instead of those of the table, by language and item; None stands for a failure.
PLANTED: Mapping[tuple[str, str], tuple[str | None, ...]] = {
    # a number is lost in the first candidate and there in the second
    ("es", "word-2"): (PROBLEMS[1][1].replace("12", "varios"), PROBLEMS[1][1]),
    # never good: another number in each candidate
    ("es", "word-4"): tuple(PROBLEMS[3][1].replace("250", wrong) for wrong in ("260", "25", "205")),
    # nothing comes at first, then a good one
    ("ar", "word-5"): (None, PROBLEMS[4][2]),
    # nothing ever comes
    ("ar", "word-7"): (None, None, None),
    # a failure among bad ones: it is not known whether that candidate would have passed
    ("ar", "word-8"): (PROBLEMS[7][2].replace("84", "48"), None, PROBLEMS[7][2].replace("84", "8")),
}


class ListTranslator:
    """Gives out `TABLE` and `PLANTED`, the last request first; with placeholders it takes protected spans back.

    Args:
        languages: codes that it can translate into.
        asked: a file that gets a line for each request, whoever asks, or None.
        die_at: kills its process when so many lines are in the file, or None.
        planted: candidates by language and item.
        version: in the fingerprint.
    """

    candidates = 3
    placeholders = False

    def __init__(
        self,
        languages: Sequence[str] = ("es", "ar"),
        *,
        asked: Path | None = None,
        die_at: int | None = None,
        planted: Mapping[tuple[str, str], tuple[str | None, ...]] = PLANTED,
        version: str = "1",
    ) -> None:
        self.spec = "list:problems"
        self.calls: list[list[TranslationRequest]] = []
        self._languages = languages
        self._asked = asked
        self._die_at = die_at
        self._version = version
        questions = {item.item_id: item.question for item in ITEMS}
        self._planted = {(lang, questions[item_id]): texts for (lang, item_id), texts in planted.items()}

    def fingerprint(self) -> Mapping[str, str]:
        return {"version": self._version, "licence": "MIT"}

    def check_languages(self, source_lang: str, target_langs: Sequence[str]) -> None:
        if lacking := set(target_langs) - set(self._languages):
            raise ConfigError(f"{self.spec} lacks {', '.join(sorted(lacking))}")

    def translate(self, requests: Sequence[TranslationRequest]) -> Iterator[Translated]:
        self.calls.append(list(requests))
        for request in reversed(requests):
            self._note(request)
            yield self._one(request)

    def _note(self, request: TranslationRequest) -> None:
        if self._asked is None:
            return
        with self._asked.open("a", encoding="utf-8") as file:
            file.write(f"{request.target_lang}\t{request.attempt}\t{request.text}\n")
        if len(self._asked.read_text(encoding="utf-8").splitlines()) == self._die_at:
            time.sleep(1)  # what came before is on the disk by then
            os.kill(os.getpid(), signal.SIGKILL)

    def _one(self, request: TranslationRequest) -> Translated:
        place = (request.target_lang, request.text)
        planted = self._planted.get(place)
        text = planted[min(request.attempt, len(planted) - 1)] if planted else TABLE[place]
        if text is None:
            return Translated(key=request.key, text="", failure="nothing came")
        return Translated(key=request.key, text=text)

    def close(self) -> None:
        pass
