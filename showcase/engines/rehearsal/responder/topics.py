"""Everyday English: which words ask about a subject, and which belong to it.

The static embeddings know that "dog" is near "pet", less well that "earn" is near "salary". This table helps them
where a question names a subject and a fact one of its members. It works upwards and downwards between a subject and
its members, never between two members: a bus is no answer to a question about a boat.
"""

from __future__ import annotations

from functools import cache

_SUBJECTS = """
eat food meal dinner lunch breakfast supper brunch dish cuisine cook restaurant hungry snack diet dine menu
  recipe: vegetarian vegan spicy spice allergic allergy gluten lactose pizza pasta ramen sushi curry soup salad
  bread cheese meat fish seafood shellfish peanut nut fruit vegetable mushroom rice noodle taco burger steak
  chicken egg chocolate dessert cake bakery tapas halal kosher tofu
drink beverage thirsty bar pub cafe: coffee espresso cappuccino tea beer lager ale wine cocktail juice water
  milk whisky vodka alcohol cider soda
coffee: espresso cappuccino latte
beer: lager ale stout pint
shellfish seafood: prawn shrimp crab lobster mussel oyster clam
nut: peanut almond hazelnut walnut cashew
job work profession occupation career living employer employ: engineer teacher teach nurse doctor dentist judge
  lawyer baker farmer driver sailor programmer developer manager accountant policeman firefighter carpenter
  plumber chef waiter pilot scientist journalist writer artist musician consultant librarian translator
  electrician mechanic gardener shift salary
employer boss: company manager
pet animal: dog cat puppy kitten hamster rabbit canary parrot goldfish horse pony turtle budgie gecko ferret
bird: canary parrot budgie chicken duck owl pigeon
insect: bee ant wasp beetle butterfly
child children kid: son daughter baby twin toddler
sibling: brother sister twin
parent: mother father mum mom dad
mother: mom mum
father: dad
family relative: brother sister mother father son daughter uncle aunt cousin grandmother grandfather wife
  husband
married marry spouse partner wedding: wife husband fiance fiancee anniversary marry
roommate flatmate housemate: share
landlord owner: rent flat
live home house address reside: moved flat apartment village
commute travel transport vehicle ride: car bus train bike bicycle cycle ferry tram metro van drive walk plane
  scooter
car vehicle drive: van truck jeep
bike bicycle: cycle cycling
plane airplane aeroplane airport: fly flight flying
old age: born birthday birth year
earn income money pay: salary wage rent bank loan debt euro dollar pound pension
cost price: euro dollar pound
music instrument band: guitar piano violin trumpet drum cello flute saxophone singer sing choir jazz rock opera
  song concert orchestra
book read novel author: poem poetry library fiction biography
film movie cinema: actor director series
sport exercise fitness workout: football soccer tennis swim marathon hike climb gym yoga cycling ski basketball
  rugby cricket running judo
game: chess poker bridge cards football tennis
race: marathon triathlon sprint
hobby pastime leisure: collect knit paint garden photography chess hike guitar sing fishing sewing pottery dance
  stamps climbing
health ill illness injury hurt sick medical disease: broke broken allergic asthma diabetes ankle wrist doctor
  surgery
therapist doctor dentist hairdresser: appointment
hairdresser barber: hair haircut
eyesight vision: glasses lenses
afraid fear frightened: scared phobia terrified
language speak: english french german spanish portuguese dutch italian japanese chinese arabic russian polish
  swedish turkish
study university college degree course: student master bachelor law biology medicine history thesis
computer: laptop desktop notebook macbook thinkpad
watch: clock
repair fix mend: repairs
shopping buy: grocery groceries shop market bought
food: grocery groceries
expire: expires valid
hand: handed
sleep: insomnia nap bed
smoke: cigarette cigarettes smoking
stay sleep: hotel hostel guesthouse
tall height: centimetres metres feet
"""

"""A subject's words, a colon, its members; a line that is indented continues the one before."""

_IRREGULAR = {
    "children": "child",
    "bought": "buy",
    "broke": "break",
    "broken": "break",
    "taught": "teach",
    "met": "meet",
    "sang": "sing",
    "drove": "drive",
    "wrote": "write",
    "ate": "eat",
    "drank": "drink",
    "went": "go",
    "grew": "grow",
    "mice": "mouse",
    "favorite": "favourite",
    "color": "colour",
    "married": "marry",
    "living": "living",  # as in "for a living": a job, no dwelling
}


@cache
def stem(word: str) -> str:
    """The part of an English word that its forms share, roughly."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    for ending, least in (("ies", 3), ("ing", 3), ("ed", 3), ("es", 3), ("s", 3)):
        if word.endswith(ending) and len(word) - len(ending) >= least and not word.endswith(("ss", "us", "is")):
            cut = word[: -len(ending)]
            if ending == "ies":
                return cut + "y"
            if ending in {"ing", "ed"} and len(cut) > least and cut[-1] == cut[-2] and cut[-1] not in "sl":
                cut = cut[:-1]
            return cut.removesuffix("e")
    return word.removesuffix("e") if len(word) > 3 else word  # noqa: PLR2004 - "the" has no other form


def related(asked: str, told: str) -> bool:
    """Whether one word is a subject to which the other belongs, or both name the same one."""
    upper, lower = _index()
    first, second = stem(asked), stem(told)
    subjects = upper.get(first, frozenset())
    return bool(subjects & (upper.get(second, frozenset()) | lower.get(second, frozenset()))) or bool(
        lower.get(first, frozenset()) & upper.get(second, frozenset())
    )


@cache
def _index() -> tuple[dict[str, frozenset[int]], dict[str, frozenset[int]]]:
    upper: dict[str, set[int]] = {}
    lower: dict[str, set[int]] = {}
    entries = _SUBJECTS.replace("\n  ", " ").strip().splitlines()
    for number, (subject, members) in enumerate(entry.split(":") for entry in entries):
        for word in subject.split():
            upper.setdefault(stem(word), set()).add(number)
        for word in members.split():
            lower.setdefault(stem(word), set()).add(number)
    return (
        {word: frozenset(numbers) for word, numbers in upper.items()},
        {word: frozenset(numbers) for word, numbers in lower.items()},
    )
