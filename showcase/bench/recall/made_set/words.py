"""What made-up people are called, and what is told of them. Our own lists, CC0 1.0.

Within a list no entry is another's part, and nothing of one list answers what is asked of another: who owns chickens
has an animal too, and whoever works as a tram driver drives one.
"""

from __future__ import annotations

FIRST = (
    "Aldo", "Berit", "Cosima", "Dragan", "Edda", "Faruk", "Gudrun", "Hamza", "Ilse", "Jarmo", "Kenji", "Ludmila",
    "Milo", "Nadia", "Oskar", "Priya", "Quentin", "Rosalind", "Silvio", "Tamsin", "Ulrike", "Viggo", "Wanda", "Yusuf",
)  # fmt: skip

ALIKE = (
    ("Marta", "Martha"), ("Erik", "Eric"), ("Sofia", "Sophia"), ("Katrin", "Kathrin"), ("Jon", "John"),
    ("Lina", "Lena"), ("Stefan", "Stephan"), ("Ana", "Anna"), ("Marko", "Mirko"), ("Tilda", "Hilda"),
)  # fmt: skip
"""First names that differ by a letter or two; both get one last name."""

LAST = (
    "Abelthorpe", "Brunnhaus", "Castelvara", "Drumlane", "Ekerholt", "Fjordmark", "Glenwhistle", "Hollerbeck",
    "Ibarrondo", "Jelgavin", "Kestermann", "Lowendahl", "Montebrace", "Nilsgard", "Orlovanic", "Pennyquick",
    "Quistorp", "Ravensgate", "Sandoverly", "Tarnowell", "Underhay", "Vassbotn", "Whitlocken", "Zandermeer",
)  # fmt: skip

CITY = (
    "Oslo", "Bergen", "Lisbon", "Porto", "Tallinn", "Riga", "Ghent", "Bruges", "Turin", "Verona", "Kyoto", "Osaka",
    "Quito", "Lima", "Tunis", "Rabat", "Galway", "Cork", "Dundee", "Inverness", "Zadar", "Split", "Malmo", "Uppsala",
    "Graz", "Salzburg", "Basel", "Lucerne", "Hobart", "Darwin", "Nairobi", "Kigali", "Vilnius", "Kaunas", "Leipzig",
    "Dresden", "Bilbao", "Seville", "Rouen", "Nantes", "Krakow", "Gdansk",
)  # fmt: skip

JOB = (
    "cobbler", "locksmith", "cartographer", "glazier", "midwife", "surveyor", "tailor", "welder", "optician",
    "baker", "plumber", "acrobat", "florist", "blacksmith", "roofer", "paramedic", "librarian", "carpenter",
    "economist", "geologist", "juggler", "lexicographer", "goldsmith", "bookbinder", "chemist", "sculptor",
    "gunsmith", "stonemason", "upholsterer", "veterinarian", "watchmaker", "actuary", "botanist", "ceramicist",
    "astronomer", "diver", "gardener", "luthier", "notary", "pharmacist", "puppeteer", "typesetter",
)  # fmt: skip

COLOUR = (
    "green", "blue", "crimson", "yellow", "violet", "orange", "turquoise", "brown", "white", "black", "pink", "silver",
)  # fmt: skip

AVOIDED = (
    "mushrooms", "celery", "oysters", "walnuts", "beetroot", "olives", "aubergines", "liver", "coconut", "rhubarb",
    "anchovies", "capers", "chicory", "prunes", "horseradish", "sauerkraut", "tofu", "papaya", "marzipan", "fennel",
    "pistachios", "radishes", "okra", "liquorice",
)  # fmt: skip

COUNTED = (
    "paperweights", "umbrellas", "clocks", "typewriters", "chess sets", "kites", "teapots", "ladders", "telescopes",
    "compasses", "lanterns", "candlesticks", "globes", "corkscrews", "hammocks", "sewing machines", "marbles", "anvils",
    "barometers", "lampshades", "dictionaries", "vases", "tents", "weathervanes",
)  # fmt: skip

PET = ("parrot", "tortoise", "ferret", "canary", "hamster", "greyhound", "goat", "rabbit", "gecko", "donkey")
PET_NAME = (
    "Bisco", "Pepperpot", "Noodle", "Captain", "Dumpling", "Fizz", "Gherkin", "Hopscotch", "Inkblot", "Jellybean",
    "Kipper", "Lollipop", "Muffin", "Nimbus", "Oatmeal", "Pudding", "Quill", "Ripple", "Snickers", "Toffee", "Truffle",
    "Waffles", "Ziggy", "Biscuit",
)  # fmt: skip

INSTRUMENT = (
    "cello", "bassoon", "accordion", "banjo", "harp", "oboe", "tuba", "mandolin", "zither", "trombone", "clarinet",
    "ukulele", "viola", "sitar", "bagpipes", "dulcimer", "theremin", "xylophone", "cornet", "lyre", "recorder",
    "saxophone", "flute", "organ",
)  # fmt: skip

SISTER = (
    "Agatha", "Beatrix", "Clemence", "Dorothea", "Eulalia", "Felicity", "Georgina", "Henrike", "Isolde", "Josefina",
    "Kassandra", "Leopoldine", "Mechthild", "Nerissa", "Ottilie", "Perpetua", "Rowena", "Seraphina", "Theodora",
    "Urbana", "Valeria", "Winifred", "Xanthe", "Zenobia",
)  # fmt: skip

DISH = (
    "lentil soup", "paella", "goulash", "ramen", "moussaka", "risotto", "borscht", "ratatouille", "pierogi", "ceviche",
    "biryani", "shakshuka", "fondue", "gnocchi", "laksa", "jambalaya", "tagine", "schnitzel", "bouillabaisse",
    "tamales",
    "pho", "enchiladas", "stroganoff", "dumplings in broth",
)  # fmt: skip

VEHICLE = (
    "rusty van", "convertible", "three-wheeled car", "camper", "pickup truck", "hearse", "tractor", "minibus",
    "station wagon", "old taxi", "milk float", "dune buggy", "snowmobile", "roadster", "jeep", "limousine",
    "steamroller", "fire engine", "forklift", "bulldozer", "ice cream truck", "golf cart", "hatchback",
    "double-decker bus",
)  # fmt: skip

MONTH = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
