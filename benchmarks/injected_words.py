"""The word pairs that `injected_errors` exchanges: units, opposites, negations and question words of eleven languages.

They are written apart from the lists that the gate looks for, from what translations write most often. A line reads
`variant: before → after`; `↔` stands for both directions. Words match whole in Latin and Cyrillic script, from their
beginning in Bengali, Telugu and Korean (endings follow), anywhere in Chinese, Japanese and Thai. `_` is a space that counts.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Swap:
    """One word and what takes its place; `variant` names the change, such as `hour→minute`."""

    before: re.Pattern[str]
    after: str
    variant: str


_UNITS = {
    "bn": "hour↔minute: ঘণ্টা↔মিনিট, ঘন্টা→মিনিট; dollar↔euro: ডলার↔ইউরো; kg→g: কেজি→গ্রাম, "
    "কিলোগ্রাম→গ্রাম; m→cm: মিটার→সেন্টিমিটার; km→m: কিলোমিটার→মিটার; day↔week: দিন↔সপ্তাহ; "
    "month↔year: মাস↔বছর; pound→ounce: পাউন্ড→আউন্স; mile→km: মাইল→কিলোমিটার; ft→in: ফুট→ইঞ্চি; "
    "dollar→euro: \\$→€",
    "de": "hour↔minute: Stunden↔Minuten, Stunde↔Minute; dollar↔euro: Dollar↔Euro, US-Dollar→Euro; "
    "kg→g: Kilogramm→Gramm, kg→g; m→cm: Meter→Zentimeter; km→m: Kilometer→Meter; "
    "day↔week: Tage↔Wochen, Tag↔Woche, Tagen↔Wochen; month↔year: Monate↔Jahre, Monat↔Jahr, "
    "Monaten↔Jahren; pound→ounce: Pfund→Unzen; mile→km: Meilen→Kilometer; ft→in: Fuß→Zoll; "
    "dollar→euro: \\$→€",
    "es": "hour↔minute: horas↔minutos, hora↔minuto; dollar↔euro: dólares↔euros; kg→g: kilogramos→gramos, "
    "kilos→gramos, kg→g; m→cm: metros→centímetros; km→m: kilómetros→metros; day↔week: días↔semanas, "
    "día↔semana; month↔year: meses↔años, mes↔año; pound→ounce: libras→onzas; "
    "mile→km: millas→kilómetros; ft→in: pies→pulgadas; dollar→euro: \\$→€",
    "fr": "hour↔minute: heures↔minutes, heure↔minute; dollar↔euro: dollars↔euros; "
    "kg→g: kilogrammes→grammes, kilos→grammes, kg→g; m→cm: mètres→centimètres; "
    "km→m: kilomètres→mètres, km→m; day↔week: jours↔semaines, jour↔semaine; month↔year: mois↔ans; "
    "pound→ounce: livres→onces; mile→km: miles→kilomètres; ft→in: pieds→pouces; dollar→euro: \\$→€",
    "ja": "hour↔minute: 時間↔分間; dollar↔euro: ドル↔ユーロ; kg→g: キログラム→グラム, キロ→グラム, kg→g; "
    "m→cm: (?<!センチ)(?<!キロ)メートル→センチメートル; km→m: キロメートル→メートル; day↔week: 日間↔週間; month↔year: か月↔年間, "
    "ヶ月↔年間; pound→ounce: ポンド→オンス; mile→km: マイル→キロメートル; ft→in: フィート→インチ; dollar→euro: \\$→€",
    "ko": "hour↔minute: 시간↔분; dollar↔euro: 달러↔유로; kg→g: 킬로그램→그램, kg→g; m→cm: 미터→센티미터; km→m: 킬로미터→미터; "
    "day→week: 일 동안→주 동안; month→year: 개월→년; pound→ounce: 파운드→온스; mile→km: 마일→킬로미터; ft→in: 피트→인치; "
    "dollar→euro: \\$→€",
    "ru": "hour↔minute: часов↔минут, часа↔минуты, час↔минуту; dollar↔euro: долларов→евро, доллара→евро, "
    "доллар→евро; kg→g: килограммов→граммов, килограмма→грамма, кг→г; m→cm: метров→сантиметров, "
    "метра→сантиметра; km→m: километров→метров, км→м; day↔week: дней↔недель, дня↔недели, "
    "день↔неделю; month↔year: месяцев→лет, месяц→год; pound→ounce: фунтов→унций, фунта→унции; "
    "mile→km: миль→километров, мили→километра; ft→in: футов→дюймов; dollar→euro: \\$→€",
    "sw": "hour→minute: saa→dakika; minute→hour: dakika→saa; dollar→euro: dola→yuro; kg→g: kilo→gramu, "
    "kilogramu→gramu, kg→g; m→cm: mita→sentimita; km→m: kilomita→mita; day↔week: siku↔wiki; "
    "month↔year: miezi↔miaka, mwezi↔mwaka; pound→ounce: pauni→aunsi, ratili→aunsi; "
    "mile→km: maili→kilomita; ft→in: futi→inchi; dollar→euro: \\$→€",
    "te": "hour↔minute: గంట↔నిమిష; dollar↔euro: డాలర్↔యూరో; kg→g: కిలోగ్రా→గ్రా, కిలో→గ్రాము; "
    "m→cm: మీటర్→సెంటీమీటర్; km→m: కిలోమీటర్→మీటర్; day→week: రోజు→వారం; week→day: వారం→రోజు; "
    "month↔year: నెల↔సంవత్సర; pound→ounce: పౌండ్→ఔన్స్; mile→km: మైళ్→కిలోమీటర్; "
    "ft→in: అడుగు→అంగుళా; dollar→euro: \\$→€",
    "th": "hour↔minute: ชั่วโมง↔นาที; dollar→euro: ดอลลาร์→ยูโร, เหรียญ→ยูโร; kg→g: กิโลกรัม→กรัม; "
    "m→cm: (?<!เซนติ)(?<!กิโล)เมตร→เซนติเมตร; km→m: กิโลเมตร→เมตร; day↔week: วัน↔สัปดาห์; "
    "month→year: เดือน→ปี; pound→ounce: ปอนด์→ออนซ์; mile→km: ไมล์→กิโลเมตร; ft→in: ฟุต→นิ้ว; "
    "dollar→euro: \\$→€",
    "zh": "hour↔minute: 小时↔分钟; dollar→euro: 美元→欧元; kg→g: 千克→克, 公斤→克; m→cm: (?<![厘千公])米→厘米; km→m: 千米→米, "
    "公里→米; day↔week: 天↔周; month→year: 个月→年; pound→ounce: 磅→盎司; mile→km: 英里→公里; ft→in: 英尺→英寸; "
    "dollar→euro: \\$→€",
}  # fmt: skip
_OPPOSITES = {
    "bn": "more↔less: বেশি↔কম; before↔after: আগে↔পরে; half↔twice: অর্ধেক↔দ্বিগুণ; first→last: প্রথম→শেষ",
    "de": "more↔less: mehr↔weniger; before↔after: vor↔nach, bevor↔nachdem, vorher↔nachher; "
    "half→twice: halb so→doppelt so, die Hälfte→das Doppelte; twice→half: doppelt so→halb so, "
    "zweimal so→halb so; older↔younger: älter↔jünger; longer↔shorter: länger↔kürzer; "
    "first→last: ersten→letzten",
    "es": "more↔less: más↔menos; before↔after: antes↔después; half→twice: la mitad→el doble; "
    "twice→half: el doble→la mitad; older↔younger: mayor↔menor; first→last: primer→último, "
    "primera→última",
    "fr": "more↔less: plus↔moins; before↔after: avant↔après; half→twice: la moitié→le double; "
    "twice→half: le double→la moitié, deux fois plus→deux fois moins; first→last: premier→dernier, "
    "première→dernière",
    "ja": "more↔less: 多く↔少なく, 多い↔少ない; before↔after: の前↔の後; half↔twice: 半分↔2倍, 半数→2倍; "
    "older→younger: 年上→年下; first→last: 最初→最後; longer↔shorter: 長い↔短い; higher↔lower: 高い↔安い",
    "ko": "more→less: 더 많→더 적; less→more: 더 적→더 많; before↔after: 전에↔후에; half↔twice: 절반↔두 배; "
    "first→last: 첫→마지막",
    "ru": "more↔less: больше↔меньше, более↔менее; before↔after: до↔после; "
    "half↔twice: вдвое меньше↔вдвое больше, в два раза меньше↔в два раза больше, "
    "половину→вдвое больше, половина→вдвое больше; older↔younger: старше↔младше; "
    "first→last: первый→последний, первой→последней",
    "sw": "more→less: zaidi→pungufu; less→more: chache→zaidi, pungufu→zaidi; "
    "before↔after: kabla ya↔baada ya; half→twice: nusu→mara mbili; twice→half: mara mbili→nusu, "
    "maradufu→nusu; first→last: kwanza→mwisho",
    "te": "more↔less: ఎక్కువ↔తక్కువ; before→after: ముందు→తరువాత, ముందర→తరువాత; "
    "after→before: తరువాత→ముందు, తర్వాత→ముందు; half↔twice: సగం↔రెట్టింపు; first→last: మొదటి→చివరి",
    "th": "more↔less: มากกว่า↔น้อยกว่า; before↔after: ก่อน↔หลัง; half→twice: ครึ่งหนึ่ง→สองเท่า; "
    "twice→half: สองเท่า→ครึ่งหนึ่ง, 2 เท่า→ครึ่งหนึ่ง; first→last: แรก→สุดท้าย",
    "zh": "more↔less: 多(?!少)↔少, 更多→更少; before↔after: 之前↔之后, 前↔后; half→twice: 一半→两倍; twice→half: 两倍→一半, "
    "2 倍→一半; first→last: 第一→最后",
}  # fmt: skip
_NEGATIONS = {
    "bn": "added: (?<=[েনলো])।→_না।; removed: _না(?=।)→, _না_→_, নেই→আছে, নয়→হয়, ছাড়া→সহ",
    "de": "added: hat→hat nicht, kauft→kauft nicht, ist→ist nicht, haben→haben nicht, "
    "gibt es→gibt es nicht, sind→sind nicht, kostet→kostet nicht; removed: nicht_→, kein→ein, "
    "keine→eine, ohne→mit",
    "es": "added: tiene→no tiene, compra→no compra, tenía→no tenía, hay→no hay, compró→no compró, "
    "es→no es, había→no había, cuesta→no cuesta; removed: no_→, sin→con",
    "fr": "added: a→n'a pas, achète→n'achète pas, avait→n'avait pas, est→n'est pas, coûte→ne coûte pas, "
    "y a→n'y a pas, sont→ne sont pas; removed: pas_→, sans→avec",
    "ja": "added: います→いません, ました→ませんでした, あります→ありません, します→しません; "
    "removed: ませんでした→ました, ません→ます, なかった→た, ない→る",
    "ko": "added: 있습니다→없습니다, 샀습니다→사지 않았습니다, 했습니다→하지 않았습니다, 합니다→하지 않습니다, 입니다→이 아닙니다; "
    "removed: 지 않았습니다→았습니다, 지 않습니다→습니다, 없습니다→있습니다, 없이→있게, 않은→한, 않는→하는",
    "ru": "added: купил→не купил, купила→не купила, есть→нет, стоит→не стоит, может→не может, "
    "покупает→не покупает, был→не был, было→не было; removed: не_→, нет→есть, без→с",
    "sw": "added: ana→hana, ana→hana, alinunua→hakununua, alikuwa→hakuwa, kuna→hakuna, ni→si, "
    "walikuwa→hawakuwa, anaweza→hawezi; removed: hana→ana, hakuna→kuna, si→ni, bila→na, "
    "hakuwa→alikuwa, ambao hawa→ambao wa",
    "te": "added: ఉన్నాయి→లేవు, ఉంది→లేదు, ఉన్నారు→లేరు, కొన్నాడు→కొనలేదు, చేశాడు→చేయలేదు, "
    "చేసింది→చేయలేదు, కలవు→లేవు; removed: లేదు→ఉంది, లేవు→ఉన్నాయి, లేకుండా→తో, కాదు→అవును",
    "th": "added: (?<!ไม่)มี→ไม่มี, (?<!ไม่ได้)ซื้อ→ไม่ได้ซื้อ, (?<!ไม่)ต้อง→ไม่ต้อง, "
    "(?<!ไม่)สามารถ→ไม่สามารถ; removed: ไม่ได้→, ไม่→",
    "zh": "added: (?<!没)有→没有, 买了→没有买, 是→不是, 花了→没有花, 需要→不需要, 吃了→没有吃; "
    "removed: 没有→有, 不是→是, 不能→能, 不(?![同])→, "
    "没→",
}  # fmt: skip
_QUESTIONS = {
    "bn": "number→who: কতগুলি→কাকে, কতগুলো→কাকে, কতজন→কে, কতটি→কোনটি; number→when: কত→কখন; "
    "amount→why: কত→কেন",
    "de": "number→which: Wie viele→Welche, wie viele→welche; number→why: Wie viel→Warum, wie viel→warum; "
    "number→where: Wie viele→Wo sind die, wie viele→wo sind die; what→who: Was→Wer",
    "es": "number→which: Cuántos→Qué, Cuántas→Qué, cuántos→qué, cuántas→qué; number→why: Cuánto→Por qué, "
    "cuánto→por qué; number→where: Cuántos→Dónde están los, Cuántas→Dónde están las; "
    "what→who: Cuál→Quién",
    "fr": "number→which: Combien de→Quels, combien de→quels; number→why: Combien→Pourquoi, "
    "combien→pourquoi; number→where: Combien de→Où sont les; what→who: Quel→Qui",
    "ja": "number→which: 何個→どれ, 何人→誰; number→when: 何→いつ; amount→why: いくら→なぜ, どれくらい→なぜ",
    "ko": "number→which: 몇 개→어떤 것, 몇 명→누구; number→when: 몇→언제; amount→why: 얼마→왜, 얼마나→왜",
    "ru": "number→which: Сколько→Какие, сколько→какие; number→why: Сколько→Почему, сколько→почему; "
    "number→when: Сколько→Когда, сколько→когда; what→who: Какова→Чья",
    "sw": "number→who: ngapi→gani, wangapi→gani, mangapi→gani, vingapi→gani; number→when: ngapi→lini, "
    "wangapi→lini; amount→why: kiasi gani→kwa nini, ngapi→kwa nini",
    "te": "number→which: ఎన్ని→ఏ, ఎంతమంది→ఎవరు; number→when: ఎన్ని→ఎప్పుడు; amount→why: ఎంత→ఎందుకు",
    "th": "number→which: กี่→ไหน; number→who: กี่คน→คนไหน; amount→when: เท่าไร→เมื่อไร, "
    "เท่าไหร่→เมื่อไหร่; amount→why: เท่าไร→ทำไม, เท่าไหร่→ทำไม, เท่าใด→ทำไม",
    "zh": "number→which: 多少→哪些; number→when: 多少→何时; number→why: 多少→为什么, 几→何时",
}  # fmt: skip
_LETTER = r"[\w\u0900-\u0dff]"
_WHOLE = ("de", "es", "fr", "ru", "sw")
_FROM_START = ("bn", "te", "ko")


def _pattern(before: str, lang: str) -> re.Pattern[str]:
    if before.startswith(("\\", " ", "(")):
        return re.compile(before)
    left = rf"(?<!{_LETTER})" if lang in _WHOLE + _FROM_START else ""
    right = rf"(?!{_LETTER})" if lang in _WHOLE and not before.endswith(" ") else ""
    return re.compile(left + before + right)


def _read(tables: Mapping[str, str]) -> dict[str, tuple[Swap, ...]]:
    made: dict[str, tuple[Swap, ...]] = {}
    for lang, table in tables.items():
        swaps: list[Swap] = []
        for line in table.split(";"):
            name, pairs = line.strip().split(":", 1)
            for pair in pairs.split(","):
                before, after = (side.strip().replace("_", " ") for side in re.split("[→↔]", pair))
                swaps.append(Swap(before=_pattern(before, lang), after=after, variant=name.replace("↔", "→")))
                if "↔" in pair:
                    plain = re.sub(r"\(\?[^)]*\)", "", before)
                    back = "→".join(reversed(name.split("↔")))
                    swaps.append(Swap(before=_pattern(after, lang), after=plain, variant=back))
        made[lang] = tuple(swaps)
    return made


#: By language.
UNITS = _read(_UNITS)
OPPOSITES = _read(_OPPOSITES)
NEGATIONS = _read(_NEGATIONS)
QUESTIONS = _read(_QUESTIONS)
