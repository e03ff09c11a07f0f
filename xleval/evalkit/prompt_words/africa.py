"""Prompt text of the languages from Africa and the Middle East."""

from xleval.evalkit.prompt_words.row import MODEL, PromptWords

ROWS = (
    PromptWords(
        lang="ar", question_label="السؤال:", answer_label="الإجابة:", step_by_step_label="الحل خطوة بخطوة:",
        answer_prefix="الإجابة هي", answer_suffix=".",
        cot_instruction="حُلّ المسألة خطوة بخطوة باللغة العربية. "
        "اختم بهذه الجملة مع وضع العدد مكان N: الإجابة هي N.",
        direct_instruction="أجب بالعدد فقط.",
        reasoning_opening="حسنًا، سأفكّر في هذا خطوة بخطوة باللغة العربية.",
        passage_label="النص:",
        boxed_cot_instruction=r"حُلّ المسألة خطوة بخطوة باللغة العربية، واكتب الإجابة النهائية داخل \boxed{}.",
        boxed_instruction=r"اكتب الإجابة النهائية فقط داخل \boxed{}.",
        letter_cot_instruction="فكّر خطوة بخطوة باللغة العربية. "
        "اختم بهذه الجملة مع وضع حرف الخيار الصحيح مكان X: الإجابة هي X.",
        letter_instruction="أجب بحرف الخيار الصحيح فقط.",
        name_cot_instruction="فكّر خطوة بخطوة باللغة العربية. اختم بهذه الجملة مع وضع الإجابة مكان X: الإجابة هي X.",
        name_instruction="اكتب إجابة قصيرة فقط باللغة العربية، دون شرح.",
        language_request="فكّر وأجب باللغة العربية فقط.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="sw", question_label="Swali:", answer_label="Jibu:", step_by_step_label="Jibu la hatua kwa hatua:",
        answer_prefix="Jibu ni", answer_suffix=".",
        cot_instruction="Tatua tatizo hili hatua kwa hatua kwa Kiswahili. "
        "Malizia kwa sentensi hii, ukiweka namba mahali pa N: Jibu ni N.",
        direct_instruction="Jibu kwa namba pekee.",
        reasoning_opening="Sawa, nitafikiria swali hili hatua kwa hatua kwa Kiswahili.",
        passage_label="Kifungu:",
        boxed_cot_instruction="Tatua tatizo hili hatua kwa hatua kwa Kiswahili na uandike jibu la mwisho ndani "
        r"ya \boxed{}.",
        boxed_instruction=r"Andika jibu la mwisho pekee ndani ya \boxed{}.",
        letter_cot_instruction="Fikiri hatua kwa hatua kwa Kiswahili. "
        "Malizia kwa sentensi hii, ukiweka herufi ya chaguo sahihi mahali pa X: Jibu ni X.",
        letter_instruction="Jibu kwa herufi ya chaguo sahihi pekee.",
        name_cot_instruction="Fikiri hatua kwa hatua kwa Kiswahili. "
        "Malizia kwa sentensi hii, ukiweka jibu mahali pa X: Jibu ni X.",
        name_instruction="Toa jibu fupi pekee kwa Kiswahili, bila maelezo.",
        language_request="Fikiri na ujibu kwa Kiswahili pekee.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="yo", question_label="Ìbéèrè:", answer_label="Ìdáhùn:", step_by_step_label="Ìdáhùn lẹ́sẹẹsẹ:",
        answer_prefix="Ìdáhùn náà ni", answer_suffix=".",
        cot_instruction="Yanjú ìṣòro yìí lẹ́sẹẹsẹ ní èdè Yorùbá. "
        "Fi gbólóhùn yìí parí rẹ̀, kí o sì fi nọ́ńbà náà rọ́pò N: Ìdáhùn náà ni N.",
        direct_instruction="Fi nọ́ńbà nìkan dáhùn.",
        reasoning_opening="Ó dára, èmi yóò ronú nípa èyí lẹ́sẹẹsẹ ní èdè Yorùbá.",
        passage_label="Àyọkà:",
        boxed_cot_instruction=r"Yanjú ìṣòro yìí lẹ́sẹẹsẹ ní èdè Yorùbá, kí o sì kọ ìdáhùn ìkẹyìn sínú \boxed{}.",
        boxed_instruction=r"Kọ ìdáhùn ìkẹyìn nìkan sínú \boxed{}.",
        letter_cot_instruction="Ronú lẹ́sẹẹsẹ ní èdè Yorùbá. "
        "Fi gbólóhùn yìí parí rẹ̀, kí o sì fi lẹ́tà àṣàyàn tó tọ́ rọ́pò X: Ìdáhùn náà ni X.",
        letter_instruction="Fi lẹ́tà àṣàyàn tó tọ́ nìkan dáhùn.",
        name_cot_instruction="Ronú lẹ́sẹẹsẹ ní èdè Yorùbá. "
        "Fi gbólóhùn yìí parí rẹ̀, kí o sì fi ìdáhùn náà rọ́pò X: Ìdáhùn náà ni X.",
        name_instruction="Kọ ìdáhùn kúkúrú nìkan ní èdè Yorùbá, láìsí àlàyé.",
        language_request="Ronú kí o sì dáhùn ní èdè Yorùbá nìkan.",
        written_by=MODEL, reviewed_by="",
    ),
)  # fmt: skip
