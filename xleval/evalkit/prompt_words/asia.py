"""Prompt text of the languages from South, East and Southeast Asia."""

from xleval.evalkit.prompt_words.row import MODEL, PromptWords

ROWS = (
    PromptWords(
        lang="id", question_label="Pertanyaan:", answer_label="Jawaban:",
        step_by_step_label="Jawaban langkah demi langkah:",
        answer_prefix="Jawabannya adalah", answer_suffix=".",
        cot_instruction="Selesaikan soal ini langkah demi langkah dalam bahasa Indonesia. "
        "Akhiri dengan kalimat berikut dan ganti N dengan angkanya: Jawabannya adalah N.",
        direct_instruction="Jawab hanya dengan angka.",
        reasoning_opening="Baik, saya akan memikirkannya langkah demi langkah dalam bahasa Indonesia.",
        passage_label="Bacaan:",
        boxed_cot_instruction="Selesaikan soal ini langkah demi langkah dalam bahasa Indonesia dan tuliskan "
        r"jawaban akhirnya di dalam \boxed{}.",
        boxed_instruction=r"Tuliskan jawaban akhirnya saja di dalam \boxed{}.",
        letter_cot_instruction="Berpikirlah langkah demi langkah dalam bahasa Indonesia. "
        "Akhiri dengan kalimat berikut dan ganti X dengan huruf pilihan yang benar: Jawabannya adalah X.",
        letter_instruction="Jawab hanya dengan huruf pilihan yang benar.",
        name_cot_instruction="Berpikirlah langkah demi langkah dalam bahasa Indonesia. "
        "Akhiri dengan kalimat berikut dan ganti X dengan jawabannya: Jawabannya adalah X.",
        name_instruction="Berikan jawaban singkat saja dalam bahasa Indonesia, tanpa penjelasan.",
        language_request="Berpikirlah dan jawablah hanya dalam bahasa Indonesia.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="bn", question_label="প্রশ্ন:", answer_label="উত্তর:", step_by_step_label="ধাপে ধাপে উত্তর:",
        answer_prefix="উত্তর হল", answer_suffix="।",
        cot_instruction="সমস্যাটি বাংলায় ধাপে ধাপে সমাধান করুন। "
        "শেষে N-এর জায়গায় সংখ্যাটি বসিয়ে এই বাক্যটি লিখুন: উত্তর হল N।",
        direct_instruction="শুধু সংখ্যাটি দিয়ে উত্তর দিন।",
        reasoning_opening="ঠিক আছে, আমি এটা নিয়ে বাংলায় ধাপে ধাপে ভাবব।",
        passage_label="অনুচ্ছেদ:",
        boxed_cot_instruction=r"সমস্যাটি বাংলায় ধাপে ধাপে সমাধান করুন এবং চূড়ান্ত উত্তরটি \boxed{}-এর মধ্যে লিখুন।",
        boxed_instruction=r"শুধু চূড়ান্ত উত্তরটি \boxed{}-এর মধ্যে লিখুন।",
        letter_cot_instruction="বাংলায় ধাপে ধাপে ভাবুন। "
        "শেষে X-এর জায়গায় সঠিক বিকল্পের অক্ষরটি বসিয়ে এই বাক্যটি লিখুন: উত্তর হল X।",
        letter_instruction="শুধু সঠিক বিকল্পের অক্ষরটি দিয়ে উত্তর দিন।",
        name_cot_instruction="বাংলায় ধাপে ধাপে ভাবুন। শেষে X-এর জায়গায় উত্তরটি বসিয়ে এই বাক্যটি লিখুন: উত্তর হল X।",
        name_instruction="কোনো ব্যাখ্যা ছাড়া শুধু সংক্ষিপ্ত উত্তর বাংলায় দিন।",
        language_request="শুধু বাংলায় ভাবুন ও উত্তর দিন।",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="ja", question_label="質問：", answer_label="回答：", step_by_step_label="ステップごとの解答：",
        answer_prefix="答えは", answer_suffix="です。",
        cot_instruction="問題を日本語で順を追って解いてください。"
        "最後は、Nを数値に置き換えた次の文で終えてください：答えはNです。",
        direct_instruction="数値だけで答えてください。",
        reasoning_opening="では、日本語で順を追って考えていきます。",
        passage_label="文章：",
        boxed_cot_instruction=r"問題を日本語で順を追って解き、最終的な答えを\boxed{}の中に書いてください。",
        boxed_instruction=r"最終的な答えだけを\boxed{}の中に書いてください。",
        letter_cot_instruction="日本語で順を追って考えてください。"
        "最後は、Xを正しい選択肢の記号に置き換えた次の文で終えてください：答えはXです。",
        letter_instruction="正しい選択肢の記号だけで答えてください。",
        name_cot_instruction="日本語で順を追って考えてください。"
        "最後は、Xを答えに置き換えた次の文で終えてください：答えはXです。",
        name_instruction="説明なしで、短い答えだけを日本語で書いてください。",
        language_request="日本語だけで考えて答えてください。",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="zh", question_label="问题：", answer_label="答案：", step_by_step_label="逐步解答：",
        answer_prefix="答案是", answer_suffix="。",
        cot_instruction="请用中文逐步解答这道题。最后以下面这句话结尾，并把N换成数字：答案是N。",
        direct_instruction="请只回答数字。",
        reasoning_opening="好的，我来用中文一步一步地思考这个问题。",
        passage_label="文章：",
        boxed_cot_instruction=r"请用中文逐步解答这道题，并把最终答案写在\boxed{}中。",
        boxed_instruction=r"请只写出最终答案，并放在\boxed{}中。",
        letter_cot_instruction="请用中文逐步思考。最后以下面这句话结尾，并把X换成正确选项的字母：答案是X。",
        letter_instruction="请只回答正确选项的字母。",
        name_cot_instruction="请用中文逐步思考。最后以下面这句话结尾，并把X换成答案：答案是X。",
        name_instruction="请直接用中文给出简短的答案，不要解释。",
        language_request="请只用中文思考和回答。",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="ko", question_label="질문:", answer_label="답:", step_by_step_label="단계별 풀이:",
        answer_prefix="답은", answer_suffix="입니다.",
        cot_instruction="한국어로 문제를 단계별로 풀어 주세요. "
        "마지막에는 N 대신 숫자를 넣어 다음 문장으로 끝맺으세요: 답은 N입니다.",
        direct_instruction="숫자로만 답하세요.",
        reasoning_opening="그럼 이 문제를 한국어로 단계별로 생각해 보겠습니다.",
        passage_label="지문:",
        boxed_cot_instruction=r"한국어로 문제를 단계별로 풀고 최종 답을 \boxed{} 안에 써 주세요.",
        boxed_instruction=r"최종 답만 \boxed{} 안에 쓰세요.",
        letter_cot_instruction="한국어로 단계별로 생각해 주세요. "
        "마지막에는 X 대신 올바른 선택지의 알파벳을 넣어 다음 문장으로 끝맺으세요: 답은 X입니다.",
        letter_instruction="올바른 선택지의 알파벳으로만 답하세요.",
        name_cot_instruction="한국어로 단계별로 생각해 주세요. "
        "마지막에는 X 대신 답을 넣어 다음 문장으로 끝맺으세요: 답은 X입니다.",
        name_instruction="설명 없이 짧은 답만 한국어로 쓰세요.",
        language_request="한국어로만 생각하고 답하세요.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="th", question_label="คำถาม:", answer_label="คำตอบ:", step_by_step_label="วิธีทำทีละขั้นตอน:",
        answer_prefix="คำตอบคือ", answer_suffix="",
        cot_instruction="จงแก้โจทย์ทีละขั้นตอนเป็นภาษาไทย "
        "แล้วจบด้วยประโยคต่อไปนี้ โดยแทน N ด้วยตัวเลข: คำตอบคือ N",
        direct_instruction="จงตอบเป็นตัวเลขเท่านั้น",
        reasoning_opening="เอาละ ฉันจะคิดเรื่องนี้ทีละขั้นตอนเป็นภาษาไทย",
        passage_label="บทอ่าน:",
        boxed_cot_instruction=r"จงแก้โจทย์ทีละขั้นตอนเป็นภาษาไทย แล้วใส่คำตอบสุดท้ายไว้ใน \boxed{}",
        boxed_instruction=r"จงตอบเฉพาะคำตอบสุดท้าย โดยใส่ไว้ใน \boxed{}",
        letter_cot_instruction="จงคิดทีละขั้นตอนเป็นภาษาไทย แล้วจบด้วยประโยคต่อไปนี้ โดยแทน X ด้วยตัวอักษรของตัวเลือกที่ถูกต้อง: "
        "คำตอบคือ X",
        letter_instruction="จงตอบเป็นตัวอักษรของตัวเลือกที่ถูกต้องเท่านั้น",
        name_cot_instruction="จงคิดทีละขั้นตอนเป็นภาษาไทย แล้วจบด้วยประโยคต่อไปนี้ โดยแทน X ด้วยคำตอบ: คำตอบคือ X",
        name_instruction="จงให้เฉพาะคำตอบสั้น ๆ เป็นภาษาไทย โดยไม่ต้องอธิบาย",
        language_request="จงคิดและตอบเป็นภาษาไทยเท่านั้น",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="te", question_label="ప్రశ్న:", answer_label="సమాధానం:", step_by_step_label="దశలవారీ సమాధానం:",
        answer_prefix="సమాధానం", answer_suffix=".",
        cot_instruction="సమస్యను తెలుగులో దశలవారీగా పరిష్కరించండి. "
        "చివరగా, N స్థానంలో సంఖ్యను ఉంచి ఈ వాక్యంతో ముగించండి: సమాధానం N.",
        direct_instruction="సంఖ్యను మాత్రమే సమాధానంగా ఇవ్వండి.",
        reasoning_opening="సరే, నేను దీని గురించి తెలుగులో దశలవారీగా ఆలోచిస్తాను.",
        passage_label="పాఠ్యభాగం:",
        boxed_cot_instruction=r"సమస్యను తెలుగులో దశలవారీగా పరిష్కరించి, తుది సమాధానాన్ని \boxed{}లో ఇవ్వండి.",
        boxed_instruction=r"తుది సమాధానాన్ని మాత్రమే \boxed{}లో ఇవ్వండి.",
        letter_cot_instruction="తెలుగులో దశలవారీగా ఆలోచించండి. "
        "చివరగా, X స్థానంలో సరైన ఎంపికను సూచించే అక్షరాన్ని ఉంచి ఈ వాక్యంతో ముగించండి: సమాధానం X.",
        letter_instruction="సరైన ఎంపికను సూచించే అక్షరాన్ని మాత్రమే సమాధానంగా ఇవ్వండి.",
        name_cot_instruction="తెలుగులో దశలవారీగా ఆలోచించండి. చివరగా, X స్థానంలో సమాధానాన్ని ఉంచి ఈ వాక్యంతో ముగించండి: సమాధానం X.",
        name_instruction="వివరణ లేకుండా, తెలుగులో సంక్షిప్త సమాధానాన్ని మాత్రమే ఇవ్వండి.",
        language_request="తెలుగులో మాత్రమే ఆలోచించి, తెలుగులోనే సమాధానం ఇవ్వండి.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="vi", question_label="Câu hỏi:", answer_label="Trả lời:", step_by_step_label="Lời giải từng bước:",
        answer_prefix="Đáp án là", answer_suffix=".",
        cot_instruction="Hãy giải bài toán từng bước bằng tiếng Việt. "
        "Kết thúc bằng câu sau, thay N bằng con số: Đáp án là N.",
        direct_instruction="Chỉ trả lời bằng con số.",
        reasoning_opening="Được rồi, tôi sẽ suy nghĩ từng bước bằng tiếng Việt.",
        passage_label="Đoạn văn:",
        boxed_cot_instruction=r"Hãy giải bài toán từng bước bằng tiếng Việt và đặt đáp án cuối cùng trong \boxed{}.",
        boxed_instruction=r"Chỉ đưa ra đáp án cuối cùng, đặt trong \boxed{}.",
        letter_cot_instruction="Hãy suy nghĩ từng bước bằng tiếng Việt. "
        "Kết thúc bằng câu sau, thay X bằng chữ cái của phương án đúng: Đáp án là X.",
        letter_instruction="Chỉ trả lời bằng chữ cái của phương án đúng.",
        name_cot_instruction="Hãy suy nghĩ từng bước bằng tiếng Việt. "
        "Kết thúc bằng câu sau, thay X bằng câu trả lời: Đáp án là X.",
        name_instruction="Chỉ đưa ra câu trả lời ngắn gọn bằng tiếng Việt, không giải thích.",
        language_request="Chỉ suy nghĩ và trả lời bằng tiếng Việt.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="ms", question_label="Soalan:", answer_label="Jawapan:",
        step_by_step_label="Jawapan langkah demi langkah:",
        answer_prefix="Jawapannya ialah", answer_suffix=".",
        cot_instruction="Selesaikan masalah ini langkah demi langkah dalam bahasa Melayu. "
        "Akhiri dengan ayat berikut dan gantikan N dengan nombornya: Jawapannya ialah N.",
        direct_instruction="Jawab dengan nombor sahaja.",
        reasoning_opening="Baiklah, saya akan memikirkannya langkah demi langkah dalam bahasa Melayu.",
        passage_label="Petikan:",
        boxed_cot_instruction="Selesaikan masalah ini langkah demi langkah dalam bahasa Melayu dan tuliskan "
        r"jawapan akhirnya di dalam \boxed{}.",
        boxed_instruction=r"Tuliskan jawapan akhirnya sahaja di dalam \boxed{}.",
        letter_cot_instruction="Berfikirlah langkah demi langkah dalam bahasa Melayu. "
        "Akhiri dengan ayat berikut dan gantikan X dengan huruf pilihan yang betul: Jawapannya ialah X.",
        letter_instruction="Jawab dengan huruf pilihan yang betul sahaja.",
        name_cot_instruction="Berfikirlah langkah demi langkah dalam bahasa Melayu. "
        "Akhiri dengan ayat berikut dan gantikan X dengan jawapannya: Jawapannya ialah X.",
        name_instruction="Berikan jawapan ringkas sahaja dalam bahasa Melayu, tanpa penjelasan.",
        language_request="Berfikirlah dan jawab dalam bahasa Melayu sahaja.",
        written_by=MODEL, reviewed_by="",
    ),
)  # fmt: skip
