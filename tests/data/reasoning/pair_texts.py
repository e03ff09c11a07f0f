"""Instructions with responses in English and Spanish, written for these tests, and files of them in published layouts."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

#: English instruction and response, Spanish instruction and response.
PAIRS = (
    (
        "Give me three tips for sleeping better.",
        "Here are three tips:\n\n1. Go to bed at the same hour every day.\n2. Keep the room dark and cool.\n"
        "3. Do not drink coffee after 4 in the afternoon.",
        "Dame tres consejos para dormir mejor.",
        "Aquí tienes tres consejos:\n\n1. Acuéstate todos los días a la misma hora.\n2. Mantén la habitación oscura y "
        "fresca.\n3. No bebas café después de las 4 de la tarde.",
    ),
    (
        "Write a Python function that adds two numbers.",
        "This function adds two numbers:\n\n```python\ndef add(first, second):\n    # the sum of the first and the second "
        "number\n    return first + second\n```\n\nCall it with any two numbers.",
        "Escribe una función de Python que sume dos números.",
        "Esta función suma dos números:\n\n```python\ndef add(first, second):\n    # the sum of the first and the second "
        "number\n    return first + second\n```\n\nLlámala con dos números cualesquiera.",
    ),
    (
        "Solve the equation $2x + 6 = 20$.",
        "First take 6 from both sides: $2x = 14$. Then divide both sides by 2. The solution is $x = 7$.",
        "Resuelve la ecuación $2x + 6 = 20$.",
        "Primero resta 6 en ambos lados: $2x = 14$. Luego divide ambos lados entre 2. La solución es $x = 7$.",
    ),
    (
        "What is the difference between weather and climate?",
        "Weather is what happens in the air today or this week. Climate is the average of the weather over many years.",
        "¿Cuál es la diferencia entre el tiempo y el clima?",
        "El tiempo es lo que ocurre en el aire hoy o esta semana. El clima es el promedio del tiempo durante muchos años.",
    ),
)  # fmt: skip


def write_rows(path: Path, rows: Iterable[Mapping[str, object]]) -> Path:
    """Write rows as JSON lines and return the path."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def english(path: Path) -> Path:
    """Write the English instructions and responses."""
    return write_rows(path, ({"instruction": row[0], "response": row[1]} for row in PAIRS))


def spanish_table(path: Path, changed: Mapping[int, str] | None = None) -> Path:
    """Write a table of human translations of all texts, some responses replaced by others."""
    rows = [{"question": row[0], "es": row[2]} for row in PAIRS]
    rows += [{"question": row[1], "es": (changed or {}).get(place, row[3])} for place, row in enumerate(PAIRS)]
    return write_rows(path, rows)
