"""What an answer of France Travail looks like: the event it tells, and the reference that it gives. Pure.

Only a proposal: a person confirms it, but for the receipt of a channel whose receipts are the take-up. A doubt
between a receipt and more gives the receipt, which alone stops no clock.
"""

from __future__ import annotations

import re

from app.kernel.reference import find_references
from app.kernel.text import fold
from app.mailroom.vocabulary import FtKind

REFERENCE_LENGTH = 80

# What is announced, wished or denied has not happened: these words are taken out before the others are looked for.
_NOT_YET = re.compile(
    r"\b(?:n\x27(?:est|a|ont|sont)|ne (?:sera|pourra|peut))\b[^.;\n]{0,30}\b(?:pas|plus)\b[^.;\n]{0,60}"
    r"|\b(?:sera|seront|va etre|vont etre|devrait etre|pourra etre)\b[^.;\n]{0,40}?"
    r"\b(?:pris|prise|prises|traite|traitee|traites|clos|close|cloture|cloturee|retabli|retablie|resolu|resolue)\b"
    r"(?: en (?:charge|compte))?"
    r"|\b(?:avant|apres|des|jusqu\x27a|delai de|en attente de|dans l\x27attente de)\b[^.;\n]{0,20}"
    r"\b(?:prise en (?:charge|compte)|cloture|resolution|retablissement)\b"
)
# In this order: what ends, then what asks, then what informs, then what acknowledges.
_SIGNS = (
    (FtKind.REFUSAL, r"hors (?:de )?(?:notre )?perimetre|ne releve(?:nt)? pas|pas de notre ressort"
                     r"|ne pouvons (?:pas )?donner suite|demande (?:est )?rejetee|refus de (?:votre|la) demande"),
    (FtKind.CLOSURE, r"\b(?:a ete|est|sont|avons|etre|desormais) (?:clos|close|closes|cloture|cloturee|cloturees|ferme|fermee)\b"
                     r"|cloture (?:de|du) (?:votre|la|l\x27|le) ?(?:demande|ticket|incident|dossier)"),
    (FtKind.RETURN, r"\b(?:est|a ete|sont) (?:de nouveau |maintenant |desormais )?(?:retabli|retablie|retablis|resolu|resolue|operationnel|operationnelle|disponible|corrige|corrigee)\b"
                    r"|fonctionne (?:de|a) nouveau|retour a la normale (?:constate|effectif|depuis)|service retabli"),
    (FtKind.QUESTION, r"(?:merci|veuillez)(?: de)?(?: bien vouloir)? (?:nous )?(?:transmettre|preciser|fournir|communiquer|indiquer|envoyer|confirmer|completer)"
                      r"|(?:pourriez|pouvez)-vous|avons besoin d|en attente de (?:votre (?:retour|reponse)|vos elements)|elements? complementaires?"),
    (FtKind.FORECAST, r"(?:retablissement|retour a la normale|resolution|correction|correctif|mise en production|livraison)\b[^.;\n]{0,60}\b(?:prevue?s?|estimee?s?|planifiee?s?|attendue?s?)\b"
                      r"|\b(?:prevoyons|prevision|date previsionnelle|delai estime)\b"),
    (FtKind.CAUSE, r"\bla cause\b|cause (?:identifiee|racine|de (?:l\x27|cet) ?incident)|origine (?:de|du) (?:l\x27|cet |la |ce )?(?:incident|probleme|panne|dysfonctionnement)"
                   r"|\b(?:est|etait) (?:lie|liee|du|due) a\b|cause par"),
    (FtKind.TAKE_UP, r"\bpris(?:e|es)? en (?:charge|compte)\b|prenons en (?:charge|compte)|traite actuellement|(?:est|actuellement) en cours (?:de traitement|d\x27analyse|d\x27investigation)"),
    (FtKind.RECEIPT, r"accus(?:e|ons) (?:de |bonne )?reception|bien (?:recu|ete recue?|ete enregistree?)|a ete (?:creee?|enregistree?)|numero de (?:ticket|suivi|dossier)"),
)  # fmt: skip
_LOOKED_FOR = tuple((kind, re.compile(signs)) for kind, signs in _SIGNS)

_ABSENCE = re.compile(
    r"\b(?:absence (?:du bureau|jusqu|temporaire)|absent(?:e)? (?:du|jusqu|de)|out of (?:the )?office|message d\x27absence"
    r"|reponse automatique\s*:|automatic reply\s*:|autoreply)"
)
_NAMED = re.compile(r"\b(?:INC|RITM|REQ|TASK|SCTASK|CHG|PRB|SR|CS|TT|IM)[-_ ]?\d{4,14}\b")
_LABELLED = re.compile(
    r"(?:r[ée]f[ée]rence|r[ée]f\.?|n[°º]|num[ée]ro|ticket|incident|dossier)\b[^\n\w]{0,5}"
    r"(?:(?:de|du|la|le|votre|notre|ticket|incident|dossier|demande|suivi|interne|france travail|ft|est|n[°º])[^\n\w]{1,4}){0,4}"
    r"(?P<reference>[A-Z]{0,8}[-_/]?\d[\dA-Z/_-]{3,24})",
    re.IGNORECASE,
)


def guess(subject: str, words: str) -> FtKind | None:
    """What the new words of an answer say, else its subject; None when nothing is recognised."""
    for text in (words, subject):
        told = _NOT_YET.sub(" ", fold(text))
        for kind, signs in _LOOKED_FOR:
            if signs.search(told):
                return kind
        if told != fold(text):
            return FtKind.RECEIPT  # something is promised: at least it arrived
    return None


def is_absence(subject: str) -> bool:
    """Whether the subject is that of an out-of-office message, which says nothing of the matter."""
    return _ABSENCE.search(fold(subject)) is not None


def ft_reference(subject: str, text: str) -> str:
    """The reference that France Travail gives to the matter, never one of ours; empty without one."""
    for written in (subject, text):
        for found in _NAMED.findall(written):
            return str(found)
        for match in _LABELLED.finditer(written):
            if not find_references(match["reference"]):
                return match["reference"].strip("-_/")[:REFERENCE_LENGTH]
    return ""
