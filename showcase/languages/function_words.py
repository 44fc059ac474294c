"""Words that hold sentences together, by language: no text of some length does without them.

The commonest articles, pronouns, prepositions, conjunctions and auxiliaries of each, from common knowledge of the
languages. A word that several have stands with each of them; whichever has most of a text's words is told.
"""

from __future__ import annotations

_TABLE = {
    "en": """
        a about all am an and any are as at be been but by can do does did for from had has have he her his how i if in
        is it its me my no not of on or our she should so some than that the their them there they this to was we were
        what when where which who will with would you your
    """,
    "de": """
        aber als am an auch auf aus bei beim bin bist da das dass dein deine dem den der des die dir dich doch du durch
        ein eine einem einen einer eines er es für gegen gern gerne hast hat habe haben ich ihr im in ins ist ja kann
        kein keine keinen lieber man mein meine meinem meinen meiner mich mir mit nach nicht noch nur ob oder schon sehr
        seit sich sie sind über um und uns unser unsere unter vom von vor war was wann welche welcher welches wenn wer
        wie wir wird wo womit worauf zu zum zur zwischen jeden jeder jede jedes wird wurde worden werden meisten
    """,
    "fr": """
        à au aux avec ai ce cette ces comme dans de des du elle en est et eu il ils j je la le les leur lui ma mais me
        mes moi mon ne nous on ou où par pas plus pour qu que quel quelle qui sa se ses son sont sur ta te tes ton tu un
        une vous suis d l c n s m
    """,
    "es": """
        a al algo como con cual cuál cuando de del donde dónde e el ella en es esta este estoy está fue ha hay la las le
        les lo los más me mi mis muy no nos o para pero por qué que quién se ser si sin sobre soy su sus te tengo tu un
        una y ya yo
    """,
    "it": """
        a ai al alla anche che chi ci come con cosa da dal dalla dei del della delle di dove e è gli ha ho i il in io la
        le lo ma mi mia mie mio miei ne nel nella non o per perché più quale quando se si sono su sul sulla tra un una
        uno
    """,
    "pt": """
        a ao aos as à com como da das de do dos e é ela ele em essa este está eu há isso já lhe mais mas me meu meus
        minha minhas muito na não nas no nos o onde os ou para pela pelo por qual quando que quem se sem sua seu sou são
        tenho um uma você
    """,
    "nl": """
        aan al als bij ben dan dat de deze die dit door een en er graag had heb heeft het hoe hun ik in is je jij kan
        maar me met mij mijn naar niet nog nu of om onze ook op over te tot uit van veel voor waar wat we welke wie wij
        wil zijn zo zou
    """,
    "pl": """
        a ale bardzo bo być co czy dla do gdzie go i ich ja jak jaki jaka jest jestem jego jej kiedy kto który która ma
        mam mi mnie moja moje mój na nad nie o od po pod przed przez się są tak to tylko w we z za ze że
    """,
    "tr": """
        ama bana ben benim bir bu çok da daha de değil diye en gibi hangi her için ile kadar kim mı mi mu mü ne nerede
        o olarak var ve veya ya yok
    """,  # noqa: RUF001 - Turkish has a dotless i
}

WORDS = {language: frozenset(words.split()) for language, words in _TABLE.items()}
"""The words of each language, in small letters; English first, which wins where two have as many."""
