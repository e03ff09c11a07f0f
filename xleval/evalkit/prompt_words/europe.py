"""Prompt text of the languages from Europe."""

from xleval.evalkit.prompt_words.row import MODEL, PromptWords

ROWS = (
    PromptWords(
        lang="en", question_label="Question:", answer_label="Answer:", step_by_step_label="Step-by-step answer:",
        answer_prefix="The answer is", answer_suffix=".",
        cot_instruction="Solve the problem step by step in English. "
        "End with this sentence, with the number in place of N: The answer is N.",
        direct_instruction="Answer with the number only.",
        reasoning_opening="Okay, I will think through this step by step in English.",
        passage_label="Passage:",
        boxed_cot_instruction=r"Solve the problem step by step in English and give the final answer within \boxed{}.",
        boxed_instruction=r"Give only the final answer, within \boxed{}.",
        letter_cot_instruction="Think step by step in English. "
        "End with this sentence, with the letter of the right option in place of X: The answer is X.",
        letter_instruction="Answer with the letter of the right option only.",
        name_cot_instruction="Think step by step in English. "
        "End with this sentence, with the answer in place of X: The answer is X.",
        name_instruction="Give only a short answer in English, without explanation.",
        language_request="Think and answer in English only.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="de", question_label="Frage:", answer_label="Antwort:", step_by_step_label="Schritt-für-Schritt-Antwort:",
        answer_prefix="Die Antwort ist", answer_suffix=".",
        cot_instruction="Löse die Aufgabe Schritt für Schritt auf Deutsch. "
        "Schließe mit diesem Satz und setze darin statt N die Zahl ein: Die Antwort ist N.",
        direct_instruction="Antworte nur mit der Zahl.",
        reasoning_opening="Okay, ich denke das jetzt Schritt für Schritt auf Deutsch durch.",
        passage_label="Text:",
        boxed_cot_instruction="Löse die Aufgabe Schritt für Schritt auf Deutsch und gib die endgültige Antwort "
        r"in \boxed{} an.",
        boxed_instruction=r"Gib nur die endgültige Antwort an, und zwar in \boxed{}.",
        letter_cot_instruction="Denke Schritt für Schritt auf Deutsch nach. "
        "Schließe mit diesem Satz und setze darin statt X den Buchstaben der richtigen Antwortmöglichkeit ein: "
        "Die Antwort ist X.",
        letter_instruction="Antworte nur mit dem Buchstaben der richtigen Antwortmöglichkeit.",
        name_cot_instruction="Denke Schritt für Schritt auf Deutsch nach. "
        "Schließe mit diesem Satz und setze darin statt X die Antwort ein: Die Antwort ist X.",
        name_instruction="Gib nur eine kurze Antwort auf Deutsch, ohne Erklärung.",
        language_request="Denke und antworte nur auf Deutsch.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="pt", question_label="Pergunta:", answer_label="Resposta:", step_by_step_label="Resposta passo a passo:",
        answer_prefix="A resposta é", answer_suffix=".",
        cot_instruction="Resolva o problema passo a passo em português. "
        "Termine com esta frase, com o número no lugar de N: A resposta é N.",
        direct_instruction="Responda apenas com o número.",
        reasoning_opening="Certo, vou pensar nisto passo a passo em português.",
        passage_label="Texto:",
        boxed_cot_instruction="Resolva o problema passo a passo em português e dê a resposta final dentro de "
        r"\boxed{}.",
        boxed_instruction=r"Dê apenas a resposta final, dentro de \boxed{}.",
        letter_cot_instruction="Pense passo a passo em português. "
        "Termine com esta frase, com a letra da opção correta no lugar de X: A resposta é X.",
        letter_instruction="Responda apenas com a letra da opção correta.",
        name_cot_instruction="Pense passo a passo em português. "
        "Termine com esta frase, com a resposta no lugar de X: A resposta é X.",
        name_instruction="Dê apenas uma resposta breve em português, sem explicações.",
        language_request="Pense e responda apenas em português.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="es", question_label="Pregunta:", answer_label="Respuesta:", step_by_step_label="Respuesta paso a paso:",
        answer_prefix="La respuesta es", answer_suffix=".",
        cot_instruction="Resuelve el problema paso a paso en español. "
        "Termina con esta frase, con el número en lugar de N: La respuesta es N.",
        direct_instruction="Responde solo con el número.",
        reasoning_opening="Bien, voy a pensar en esto paso a paso en español.",
        passage_label="Texto:",
        boxed_cot_instruction="Resuelve el problema paso a paso en español y da la respuesta final dentro de "
        r"\boxed{}.",
        boxed_instruction=r"Da solo la respuesta final, dentro de \boxed{}.",
        letter_cot_instruction="Piensa paso a paso en español. "
        "Termina con esta frase, con la letra de la opción correcta en lugar de X: La respuesta es X.",
        letter_instruction="Responde solo con la letra de la opción correcta.",
        name_cot_instruction="Piensa paso a paso en español. "
        "Termina con esta frase, con la respuesta en lugar de X: La respuesta es X.",
        name_instruction="Da solo una respuesta breve en español, sin explicaciones.",
        language_request="Piensa y responde solo en español.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="ru", question_label="Вопрос:", answer_label="Ответ:", step_by_step_label="Пошаговое решение:",
        answer_prefix="Ответ:", answer_suffix=".",
        cot_instruction="Решите задачу шаг за шагом на русском языке. "
        "В конце напишите следующую строку, подставив число вместо N: Ответ: N.",
        direct_instruction="В ответе укажите только число.",
        reasoning_opening="Хорошо, я буду рассуждать шаг за шагом на русском языке.",
        passage_label="Текст:",
        boxed_cot_instruction="Решите задачу шаг за шагом на русском языке и запишите окончательный ответ в "
        r"\boxed{}.",
        boxed_instruction=r"Укажите только окончательный ответ, записав его в \boxed{}.",
        letter_cot_instruction="Рассуждайте шаг за шагом на русском языке. "
        "В конце напишите следующую строку, подставив букву правильного варианта вместо X: Ответ: X.",
        letter_instruction="В ответе укажите только букву правильного варианта.",
        name_cot_instruction="Рассуждайте шаг за шагом на русском языке. "
        "В конце напишите следующую строку, подставив ответ вместо X: Ответ: X.",
        name_instruction="Дайте только краткий ответ на русском языке, без пояснений.",
        language_request="Рассуждайте и отвечайте только на русском языке.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="fr", question_label="Question :", answer_label="Réponse :",
        step_by_step_label="Réponse étape par étape :",
        answer_prefix="La réponse est", answer_suffix=".",
        cot_instruction="Résolvez le problème étape par étape en français. "
        "Terminez par cette phrase, avec le nombre à la place de N : La réponse est N.",
        direct_instruction="Répondez uniquement par le nombre.",
        reasoning_opening="Bien, je vais réfléchir étape par étape en français.",
        passage_label="Texte :",
        boxed_cot_instruction="Résolvez le problème étape par étape en français et donnez la réponse finale "
        r"dans \boxed{}.",
        boxed_instruction=r"Donnez uniquement la réponse finale, dans \boxed{}.",
        letter_cot_instruction="Réfléchissez étape par étape en français. "
        "Terminez par cette phrase, avec la lettre de la bonne réponse à la place de X : La réponse est X.",
        letter_instruction="Répondez uniquement par la lettre de la bonne réponse.",
        name_cot_instruction="Réfléchissez étape par étape en français. "
        "Terminez par cette phrase, avec la réponse à la place de X : La réponse est X.",
        name_instruction="Donnez uniquement une réponse courte en français, sans explication.",
        language_request="Réfléchissez et répondez uniquement en français.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="uk", question_label="Запитання:", answer_label="Відповідь:", step_by_step_label="Покрокове розв’язання:",
        answer_prefix="Відповідь:", answer_suffix=".",
        cot_instruction="Розв’яжіть задачу крок за кроком українською мовою. "
        "Наприкінці напишіть такий рядок, підставивши число замість N: Відповідь: N.",
        direct_instruction="У відповіді вкажіть лише число.",
        reasoning_opening="Добре, я міркуватиму крок за кроком українською мовою.",
        passage_label="Текст:",
        boxed_cot_instruction="Розв’яжіть задачу крок за кроком українською мовою і запишіть остаточну "
        r"відповідь у \boxed{}.",
        boxed_instruction=r"Вкажіть лише остаточну відповідь, записавши її в \boxed{}.",
        letter_cot_instruction="Міркуйте крок за кроком українською мовою. "
        "Наприкінці напишіть такий рядок, підставивши літеру правильного варіанта замість X: Відповідь: X.",
        letter_instruction="У відповіді вкажіть лише літеру правильного варіанта.",
        name_cot_instruction="Міркуйте крок за кроком українською мовою. "
        "Наприкінці напишіть такий рядок, підставивши відповідь замість X: Відповідь: X.",
        name_instruction="Дайте лише коротку відповідь українською мовою, без пояснень.",
        language_request="Міркуйте й відповідайте лише українською мовою.",
        written_by=MODEL, reviewed_by="",
    ),
    PromptWords(
        lang="it", question_label="Domanda:", answer_label="Risposta:",
        step_by_step_label="Soluzione passo dopo passo:",
        answer_prefix="La risposta è", answer_suffix=".",
        cot_instruction="Risolvi il problema passo dopo passo in italiano. "
        "Concludi con questa frase, con il numero al posto di N: La risposta è N.",
        direct_instruction="Rispondi solo con il numero.",
        reasoning_opening="Va bene, ci ragionerò passo dopo passo in italiano.",
        passage_label="Brano:",
        boxed_cot_instruction="Risolvi il problema passo dopo passo in italiano e scrivi la risposta finale "
        r"dentro \boxed{}.",
        boxed_instruction=r"Scrivi solo la risposta finale, dentro \boxed{}.",
        letter_cot_instruction="Ragiona passo dopo passo in italiano. "
        "Concludi con questa frase, con la lettera dell’opzione corretta al posto di X: La risposta è X.",
        letter_instruction="Rispondi solo con la lettera dell’opzione corretta.",
        name_cot_instruction="Ragiona passo dopo passo in italiano. "
        "Concludi con questa frase, con la risposta al posto di X: La risposta è X.",
        name_instruction="Scrivi solo una risposta breve in italiano, senza spiegazioni.",
        language_request="Ragiona e rispondi solo in italiano.",
        written_by=MODEL, reviewed_by="",
    ),
)  # fmt: skip
