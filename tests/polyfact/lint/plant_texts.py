"""Material for planting defects in each language: written apart from the detectors' own lists, before the figures were seen."""

#: Questions that ask for what is not the case; {s} is the subject.
NEGATED = {
    "en": ("What is not the capital of {s}?", "{s} isn't located in which of these countries?", "Which of these has never been spoken in {s}?", "All of these belong to {s} except which one?"),
    "de": ("Was ist nicht die Hauptstadt von {s}?", "{s}: In keinem dieser Länder liegt es, außer in welchem?", "Welche Sprache wird in {s} niemals gesprochen?", "Zu welchem Land gehört {s} nicht?"),
    "id": ("Apa yang bukan ibu kota {s}?", "{s} tidak terletak di negara mana?", "Semua ini ada di {s}, kecuali yang mana?", "Manakah yang tidak pernah menjadi bahasa {s}?"),
    "pt": ("Qual não é a capital de {s}?", "{s} nunca ficou em qual destes países?", "Em nenhum destes países fica {s}, exceto em qual?", "Que moeda não se usa em {s}?"),
    "ar": ("ما المدينة التي ليست عاصمة {s}؟", "في أي بلد لا تقع {s}؟", "كل هذه في {s} ما عدا أيها؟", "أي لغة غير رسمية في {s}؟"),
    "bn": ("কোনটি {s} এর রাজধানী নয়?", "{s} কোন দেশে অবস্থিত না?", "{s} ছাড়া কোনটি এই মহাদেশে?", "{s} এ কোন ভাষা প্রচলিত নেই?"),
    "sw": ("Upi si mji mkuu wa {s}?", "{s} haipo katika nchi gani?", "{s} haiko katika bara gani?", "Lugha gani haitumiki rasmi {s}?"),
    "es": ("¿Cuál no es la capital de {s}?", "¿En qué país nunca estuvo {s}?", "¿Cuál de estos países, excepto uno, contiene {s}?", "¿Qué moneda no se usa en {s}?"),
    "ru": ("Какой город не является столицей {s}?", "В какой стране нет города {s}?", "Всё это относится к {s}, кроме чего?", "На каком языке никогда не говорили: {s}?"),
    "fr": ("Laquelle n'est pas la capitale : {s} ?", "{s} n'a jamais fait partie de quel pays ?", "Tous ces pays contiennent {s}, sauf lequel ?", "Quelle langue ne parle-t-on pas : {s} ?"),
    "ja": ("{s}の首都ではないのはどこですか？", "{s}が位置していない国はどこですか？", "{s}以外で公用語なのはどれですか？", "{s}で使われません。どの通貨ですか？"),
    "zh": ("哪个城市不是{s}的首都？", "{s}不位于哪个国家？", "除了哪个，其余都属于{s}？", "哪种语言没有在{s}使用？"),
}  # fmt: skip
#: What stands where the subject's name should.
PRONOUNS = {
    "en": ("this place", "it", "the aforementioned one"), "de": ("dieser Ort", "es", "das Genannte"),
    "id": ("tempat ini", "itu", "yang disebut"), "pt": ("este lugar", "ele", "o mencionado"),
    "ar": ("هذا المكان", "هو", "المذكور"), "bn": ("এই জায়গা", "এটি", "উল্লিখিতটি"),
    "sw": ("mahali hapa", "hiyo", "iliyotajwa"), "es": ("este lugar", "ello", "lo mencionado"),
    "ru": ("это место", "оно", "упомянутое"), "fr": ("cet endroit", "cela", "la chose citée"),
    "ja": ("この場所", "それ", "前述のもの"), "zh": ("这个地方", "它", "上述事物"),
}  # fmt: skip
#: How a name stands in a sentence: endings, clitics and words beside it; {g} is the name.
IN_SENTENCE = {
    "en": ("({g}) {q}", "{g}'s neighbour: {q}", "In {g}, {q}"), "de": ("({g}) {q}", "{g}s Nachbar: {q}", "In {g}: {q}"),
    "id": ("({g}) {q}", "Di {g}, {q}", "{g}nya: {q}"), "pt": ("({g}) {q}", "Em {g}: {q}", "Perto de {g}, {q}"),
    "ar": ("({g}) {q}", "في {g}، {q}", "و{g}: {q}"), "bn": ("({g}) {q}", "{g}ের পাশে: {q}", "{g}র কাছে: {q}"),
    "sw": ("({g}) {q}", "Huko {g}, {q}", "ya {g}: {q}"), "es": ("({g}) {q}", "En {g}: {q}", "Cerca de {g}, {q}"),
    "ru": ("({g}) {q}", "Около {g}: {q}", "{g}: {q}"), "fr": ("({g}) {q}", "À {g} : {q}", "Près de {g}, {q}"),
    "ja": ("（{g}）{q}", "{g}の近く、{q}", "{g}にある{q}"), "zh": ("（{g}）{q}", "在{g}，{q}", "{g}的{q}"),
}  # fmt: skip
#: A word more makes another name of it.
HEADS = {
    "en": ("North {g}", "Republic of {g}", "{g} Minor"), "de": ("Nord {g}", "Republik {g}", "Neu {g}"),
    "id": ("{g} Utara", "Republik {g}", "{g} Baru"), "pt": ("{g} do Norte", "República de {g}", "Nova {g}"),
    "ar": ("{g} الشمالية", "جمهورية {g}", "{g} الجديدة"), "bn": ("উত্তর {g}", "{g} প্রজাতন্ত্র", "নতুন {g}"),
    "sw": ("{g} Kaskazini", "Jamhuri ya {g}", "{g} Mpya"), "es": ("{g} del Norte", "República de {g}", "Nueva {g}"),
    "ru": ("Северная {g}", "Республика {g}", "Новая {g}"), "fr": ("{g} du Nord", "République de {g}", "Nouvelle {g}"),
    "ja": ("北{g}", "{g}共和国", "新{g}"), "zh": ("北{g}", "{g}共和国", "新{g}"),
}  # fmt: skip
#: Ends of words in other scripts, for transliterations that break off.
OTHER_SCRIPT = {
    "Latn": ("ов", "ский", "া", "اكو", "শহর"), "Cyrl": ("ville", "ton", "া", "اكو", "Near"),
    "Arab": ("ville", "tej", "ов", "া", "Near"), "Beng": ("Near", "ville", "ов", "اكو", "tej"),
    "Hani": ("kyo", "ville", "ов", "اكو", "া"),
}  # fmt: skip
#: Text that no writer meant; options and names of subjects.
GARBAGE = (
    "None", "nan", "N/A", "Q4115189", "{object}", "[MASK]", "BogotÃ¡", "ZÃ¼rich", "K\ufffdln", "&amp; Co", "<br/>Asia", "[[Asia]]",
    "unknown", "???", "Option B", "aaaaaaa", "Asia Asia Asia", "\\u0642\\u0637\\u0631", "placeholder", "I cannot translate this.",
)  # fmt: skip
DESIGNATIONS = (
    "2008 TC3", "(35396) 1997 XF11", "1999 RQ36", "C/1995 O1", "2004 FH", "12345 1993 FT8", "NGC 4414", "HD 209458", "6344 P-L",
    "2MASS J05352184-0546085", "P/2010 A2", "(136199) Eris",
)  # fmt: skip
