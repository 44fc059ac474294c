"""How a fact is told and asked for. Our own, CC0 1.0.

Every question names a whole name, so that within one user's rows it has the answer that is noted, and no other.
"""

from __future__ import annotations

FACTS = {
    "colour-one": "{name} likes {value} more than any other colour.",
    "colour-other": "The favourite colour of {name} is {value}.",
    "avoided": "{name} does not eat {value}.",
    "counted": "{name} owns {value}.",
    "born": "{name} was born on {value}.",
    "pet": "{name} keeps {value}.",
    "instrument": "{name} plays the {value}.",
    "sister": "{name} has a sister called {value}.",
    "dish": "{name} loves {value} more than any other dish.",
    "vehicle": "{name} drives {value}.",
}
"""With `CHANGED` and `riddles`, one of which is told of each, fifteen of each person."""

CHANGED = {
    "city-old": ("{name} lives in {value}.", "{name} lives alone in {value}."),
    "city-new": ("{name} moved to {value}.", "{name} has moved to {value}."),
    "job-old": ("{name} works as {value}.", "{name} works freelance as {value}."),
    "job-new": ("{name} retrained as {value}.", "{name} has retrained as {value}."),
}
"""What changes, told without and with one word more: of a person's old and new row each is one of them.

What ranks by words prefers the shorter row of two with the same words of the question in them. So the old one is the
shorter as often as the new one, and both have the same number of words, with and without those that BM25 leaves out.
"""

LATER = {"city-new": "city-old", "job-new": "job-old"}
"""What takes the place of what."""

UNDATED = ("colour-one", "colour-other")
"""They contradict each other, and nothing tells which of them holds."""

ASKS = {
    "pet": "What animal does {name} have at home?",
    "instrument": "Which instrument does {name} play?",
    "sister": "What is the name of the sister of {name}?",
    "dish": "What is the favourite dish of {name}?",
    "vehicle": "What kind of vehicle does {name} drive?",
}

PLAIN = ("pet", "instrument", "dish")
OF_NAMESAKES = ("sister", "vehicle")

TWO = (
    ("instrument", "sister", "Which instrument does {name} play, and what is the sister of {name} called?"),
    ("vehicle", "dish", "What does {name} drive, and which dish does {name} like most?"),
    ("pet", "born", "What animal does {name} have at home, and when was {name} born?"),
    ("instrument", "pet", "Which instrument does {name} play, and which animal lives with {name}?"),
    ("dish", "avoided", "Which dish does {name} love, and what does {name} refuse to eat?"),
    ("sister", "vehicle", "What is the sister of {name} called, and what does {name} drive?"),
)

UPDATES = (("city-new", "Where does {name} live now?"), ("job-new", "What does {name} do for a living today?"))
CONTRADICTION = "What is the favourite colour of {name}?"
NEGATION = ("Does {name} eat {value}?", "What does {name} never eat?", "Could one serve {value} to {name}?")
NUMBER = "How many {things} does {name} own?"
BORN = ("When was {name} born?", "On which date is the birthday of {name}?")

NEVER = (
    "What is the shoe size of {name}?", "Which blood group does {name} have?", "Which school did {name} attend?",
    "How tall is {name}?", "Which film did {name} see last?", "Who is the dentist of {name}?",
    "Which political party does {name} vote for?", "What is the middle name of {name}?",
    "At which bank does {name} have an account?", "What is the favourite season of {name}?",
    "What is the phone number of {name}?", "Which football club does {name} support?",
)  # fmt: skip
"""Of none of these is anything told of anybody."""

ELSEWHERE = {
    "German": {
        "pet": "Welches Tier hat {name} zu Hause?",
        "instrument": "Welches Instrument spielt {name}?",
        "sister": "Wie heißt die Schwester von {name}?",
        "dish": "Was ist das Lieblingsgericht von {name}?",
        "vehicle": "Was für ein Fahrzeug fährt {name}?",
    },
    "Spanish": {
        "pet": "¿Qué animal tiene {name} en casa?",
        "instrument": "¿Qué instrumento toca {name}?",
        "sister": "¿Cómo se llama la hermana de {name}?",
        "dish": "¿Cuál es el plato favorito de {name}?",
        "vehicle": "¿Qué vehículo conduce {name}?",
    },
    "French": {
        "pet": "Quel animal vit chez {name} ?",
        "instrument": "De quel instrument joue {name} ?",
        "sister": "{name} a une sœur : comment s'appelle-t-elle ?",
        "dish": "Quel plat plaît le plus à {name} ?",
        "vehicle": "Quel véhicule conduit {name} ?",
    },
}
