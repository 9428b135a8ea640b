"""Judges by its sentences whether a note or remark tells that a consent was withdrawn.

A clause tells it if an act in it ends something, and what is ended, by the order of words, is a
consent. A denial, a possibility, a condition, information about it or an office that acts takes
the act away, and so does a consent that is given again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from mappings.withdrawal_phrases import (
    halve_word,
    hint_at_endings,
    hint_at_words,
    is_one_letter_off,
    join_plain,
    split_sentences,
)

Lists = Mapping[str, Sequence[str]]
_SPACED = re.compile(r"\b(?:[^\W\d_] ){3,}[^\W\d_]\b")
_LINE_BREAK = re.compile(r"[ \t]*[\r\n]+[ \t]*")
_CLAUSE_END = re.compile(
    r"[,:()|/\"„“”»«]|(?<!\w)-+|-+(?!\w)|[–—]|\b(?:aber|sondern|jedoch)\b|(?<![^\W\d_])\.(?=\s)"
)
_INSERTED = re.compile(r"\s[–—-]\s([^–—.;]+)\s[–—-]\s([^–—.;]+)")
_WORD = re.compile(r"[^\W_]+(?:-[^\W_]+)*")
_TWICE = re.compile(r"([a-z])\1")
# Letters of a word that may be misspelt; words of a short clause; words between joined nouns.
_LONG_WORD, _SHORT_CLAUSE, _JOINED = 8, 7, 3
_MORE = frozenset(("mehr", "laenger", "weiter", "weiterhin", "das"))
_PASSED = ("weitergeg", "weitergeb", "uebermit")
_ARTICLE = re.compile(r"de[rsnm]|die|das|(?:ein|sein|ihr|mein|unser|dies|al)\w*|\w+(?:en|em|er|es)")
_GENITIVE = re.compile(r"(?:de|(?:sein|ihr|mein|unser|dies|ein|ihr)e)[rs]")
_CLOSERS = frozenset(("heute", "sofort", "jetzt", "gestern", "nicht", "hat", "habe", "haben"))
_AUXILIARY = re.compile(r"hat|haben|wil|nimt|zieht|lehnt|hebt|prueft|verlangt|hebt|stimt|droht")
_ACTS = ("ended", "ends", "end_nouns")
_NO_OBJECTS = (*_ACTS, "persons", "circumstances", "small_words", "prepositions", "conditions")


@dataclass(frozen=True)
class Word:
    """A word in small letters, whether it was written as a noun, and the lists it stands in."""

    text: str
    is_noun: bool
    kinds: frozenset[str]

    def is_of(self, *kinds: str) -> bool:
        """Whether it stands in one of these lists."""
        return not self.kinds.isdisjoint(kinds)


Clause = Sequence[Word]


@dataclass(frozen=True)
class Named:
    """What a clause names at a place: a consent or another object; ``after``: its preposition."""

    at: int
    is_consent: bool
    after: str | None


@dataclass(frozen=True)
class Act:
    """What ends something, at a place of a clause; ``form``: by the list of its word, or "more"."""

    at: int
    form: str


class SentenceJudge:
    """Judges notes by lists of words (``sentences`` of mappings/consents.yaml)."""

    def __init__(self, lists: Lists) -> None:
        self._kinds = {name: _compile_words(lists[name]) for name in lists if name not in _PHRASES}
        self._parted = {_fold(a): _fold(b) for a, _, b in (p.split() for p in lists["parted"])}
        self._renewed = _compile_phrases(lists["renewed"], 3)
        self._used = _compile_phrases(lists["used"], 8)
        self._often = tuple(map(_fold, lists["often_misspelt"]))
        self._written = {_fold(word): word for word in lists["often_misspelt"]}
        self.hints = _make_hints(lists)
        self._read_word = lru_cache(4096)(self._classify)

    def tells_withdrawal(self, note: str) -> bool:
        """Whether a sentence of a note tells that a consent was withdrawn, and none restores it."""
        asked = self._join_lines(_clean(note)).split("?")
        sentences = [
            _Sentence(self, text, is_question=text is texts[-1] and number < len(asked))
            for number, texts in enumerate(map(split_sentences, asked), start=1)
            for text in texts
        ]
        before: bool | None = None
        for sentence, later in zip_longest(sentences, sentences[1:]):
            if sentence.tells(before=before) and not (later and later.is_renewed()):
                return True
            before = sentence.find_last()
        return False

    def says_nothing_else(self, text: str) -> bool:
        """Whether a text says nothing but that something ended, by whom and when."""
        words = [word for clause in self.read_clauses(_clean(text)) for word in clause]
        named = [word for word in words if not word.text.isdigit()]
        beside = ("small_words", "prepositions", "persons", "circumstances")
        return all(word.is_of(*_ACTS, *beside) for word in named)

    def respell(self, text: str) -> str:
        """A text with its misspelt words as they should begin."""
        return _WORD.sub(lambda match: self._respell_written(match.group()), text)

    def _respell_written(self, word: str) -> str:
        text = _fold(word)
        right = self._respell(text) if len(text) >= _LONG_WORD else text
        written = (
            self._written[stem] + right[len(stem) :]
            for stem in self._often
            if right.startswith(stem)
        )
        return next(written, word)

    def read_clauses(self, sentence: str) -> list[Clause]:
        """The clauses of a sentence, those without a word left out."""
        parts = _CLAUSE_END.split(_INSERTED.sub(r" \2, \1", sentence))
        read = ([self._read_word(word) for word in _WORD.findall(part)] for part in parts)
        return [clause for words in read for clause in _split_at_and(words) if clause]

    def find_parted(self, clause: Clause, at: int) -> bool:
        """Whether a verb ends something by its second part, later in the clause."""
        part = self._parted.get(clause[at].text)
        return part is not None and any(word.text == part for word in clause[at + 1 :])

    def find_renewal(self, words: str) -> re.Match[str] | None:
        """The first place that says that a consent was given again or holds."""
        return self._renewed.search(words)

    def says_used(self, words: str) -> bool:
        """Whether a sentence says that a right or possibility was used."""
        return self._used.search(words) is not None

    def _classify(self, word: str) -> Word:
        text = _fold(word)
        if len(text) >= _LONG_WORD:
            text = self._respell(text)
        kinds = frozenset(name for name, words in self._kinds.items() if words.match(text))
        return Word(text, word[0].isupper(), kinds)

    def _respell(self, text: str) -> str:
        """A word as it should begin, if it begins one letter away from a word often misspelt."""
        for right in self._often:
            for more in (0, -1, 1):
                end = len(right) + more
                if is_one_letter_off(text[:end], right):
                    return right + text[end:]
        return text

    def _join_lines(self, note: str) -> str:
        """A note with a blank for each break within a clause, and a comma for other ones."""
        lines = [line for line in _LINE_BREAK.split(note) if line]
        joined = lines[:1]
        for line in lines[1:]:
            last = _WORD.findall(joined[-1])[-1:]
            open_end = any(
                self._read_word(word).is_of("small_words", "prepositions") for word in last
            )
            joined += [" " if line[0].islower() or open_end else ", ", line]
        return "".join(joined)


class _Sentence:
    """One sentence while it is judged."""

    def __init__(self, judge: SentenceJudge, text: str, *, is_question: bool) -> None:
        self._judge = judge
        self._clauses = judge.read_clauses(text)
        self._named = [self._list_named(clause) for clause in self._clauses]
        self._words = " ".join(word.text for clause in self._clauses for word in clause)
        self._is_question = is_question

    def find_last(self) -> bool | None:
        """Whether what is named last is a consent; None where nothing is."""
        named = [one for found in self._named for one in found]
        consents = [one.is_consent for one in named]
        return any(consents) if named else None

    def is_renewed(self) -> bool:
        """Whether it says that a consent was given again or holds."""
        return self._judge.find_renewal(self._words) is not None

    def tells(self, *, before: bool | None) -> bool:
        """Whether it tells of a withdrawal; ``before``: whether the one before named a consent."""
        if self._is_question or self._is_withdrawn_back():
            return False
        if self._uses_right() or self._refuses_transfer():
            return True
        for number, clause in enumerate(self._clauses):
            for act in self._list_acts(clause):
                if self._is_done(number, act) and self._is_of_consent(number, act, before):
                    return not self._is_renewed_after(number)
        return False

    # --- acts -------------------------------------------------------------------------------

    def _list_acts(self, clause: Clause) -> Iterator[Act]:
        for at, word in enumerate(clause):
            form = next((kind for kind in _ACTS if word.is_of(kind)), None)
            if form == "ends" and word.is_of("ended"):
                form = "ended"
            if form:
                yield Act(at, form)
            elif self._judge.find_parted(clause, at):
                yield Act(at, "ends")
            elif _begins_no_more(clause, at):
                yield Act(at, "more")
            elif word.text == "nein" or _is_sent_back(clause, at):
                yield Act(at, "no")

    def _is_done(self, number: int, act: Act) -> bool:
        """Whether an act is told as done, or as what somebody wants."""
        clause = self._clauses[number]
        if any(word.is_of("conditions") for word in clause[: act.at]):
            return False
        if act.form == "no":
            return not any(word.is_of("conditions") for part in self._clauses for word in part)
        if act.form == "more":
            return not any(word.text.startswith(("untersch", "nachteil")) for word in clause)
        if self._is_denied(number, act) or any(word.is_of("possible") for word in clause):
            return False
        if act.form == "end_nouns":
            return self._is_noun_done(number, act)
        return self._is_verb_done(number, act)

    def _is_denied(self, number: int, act: Act) -> bool:
        clause = self._clauses[number]
        following = self._clauses[number + 1][:1] if number + 1 < len(self._clauses) else ()
        if any(word.text == "nein" for word in (*clause[act.at :], *following)):
            return True
        later = [*(word.text for word in clause[1:]), ""]
        pairs = zip(clause, later, strict=True)
        return any(
            word.is_of("denials") and next_one not in ("nur", "mehr") for word, next_one in pairs
        )

    def _is_noun_done(self, number: int, act: Act) -> bool:
        clause = self._clauses[number]
        told = any(word.is_of("authorities") for word in clause[: act.at])
        preposition = _find_preposition(clause, act.at)
        if told and preposition == "ueber":
            return True
        distant = (
            self._judge.read_clauses(preposition)[0][0].is_of("distant") if preposition else False
        )
        informs = any(word.is_of("informing") for word in clause)
        return not (distant or informs or self._is_informed_of(number))

    def _is_informed_of(self, number: int) -> bool:
        """Whether a clause is what the clause before informs about."""
        clause = self._clauses[number]
        before = self._clauses[number - 1] if number else ()
        return clause[0].text == "das" and any(word.is_of("informing") for word in before)

    def _is_verb_done(self, number: int, act: Act) -> bool:
        clause, word = self._clauses[number], self._clauses[number][act.at]
        is_meant = (act.at and clause[act.at - 1].text == "zu") or "rueckzu" in word.text
        every = [word for clause in self._clauses for word in clause]
        if is_meant and not any(word.is_of("decided") for word in every):
            return False
        return not _is_done_by_office(clause)

    # --- objects ----------------------------------------------------------------------------

    def _is_of_consent(self, number: int, act: Act, before: bool | None) -> bool:
        found = self._find_object(number, act)
        if act.form == "more" and any(
            word.text == "einverstanden" for word in self._clauses[number]
        ):
            return True
        if found is not None:
            return found
        for named in reversed(self._named[:number]):
            if named:
                return any(one.is_consent for one in named[-2:])
        clause = self._clauses[number]
        is_of_later = act.form != "more" and any(map(_names_consent, self._named[number + 1 :]))
        if before and any(word.text in ("sie", "diese", "dies", "es") for word in clause):
            return True
        is_withdrawal = clause[act.at].text.startswith(("wideruf", "wider", "dsgvowider"))
        return (is_withdrawal and not clause[act.at].text.startswith("widersp")) or (
            is_of_later and act.form in ("ended", "ends")
        )

    def _find_object(self, number: int, act: Act) -> bool | None:
        """Whether what an act of a clause ends is a consent; None: it names nothing there."""
        clause, named = self._clauses[number], self._named[number]
        word = clause[act.at]
        if act.form == "end_nouns" and word.is_of("consents", "open_consents"):
            return True
        if word.text.startswith("widersp"):
            return self._is_opposed(clause, act)
        named = [one for one in named if one.at != act.at]
        plain = [one for one in named if one.after is None]
        before = [one for one in plain if one.at < act.at]
        after = [one for one in plain if one.at > act.at]
        precedes = act.form in ("ends", "end_nouns", "more")
        chosen = (after[:1] or before[-1:]) if precedes else (before[-1:] or after[:1])
        chosen = chosen or [one for one in named if one.after not in ("mit", "ohne", "nach")][-1:]
        return any(one.is_consent for one in _add_joined(clause, named, chosen)) if chosen else None

    def _is_opposed(self, clause: Clause, act: Act) -> bool:
        """Whether what somebody opposes is that data are passed on."""
        named = self._list_named(clause)
        against = [one for one in named if one.after in ("gegen", "gegenueber")]
        if clause[act.at].is_of("end_nouns"):
            return bool(against) and against[0].is_consent
        return any(one.is_consent and one.after is None for one in named)

    def _list_named(self, clause: Clause) -> list[Named]:
        """The consents and other objects that a clause names, in its order."""
        found = []
        for at, word in enumerate(clause):
            if word.is_of("consents"):
                found.append(Named(at, is_consent=True, after=_find_preposition(clause, at)))
            elif word.is_of("open_consents"):
                is_own = _is_own_consent(clause, at)
                found.append(Named(at, is_consent=is_own, after=_find_preposition(clause, at)))
            elif _is_other_object(clause, at):
                found.append(Named(at, is_consent=False, after=_find_preposition(clause, at)))
        return found

    # --- whole sentences --------------------------------------------------------------------

    def _is_withdrawn_back(self) -> bool:
        """Whether it is the withdrawal that is taken back."""
        for clause in self._clauses:
            nouns = [at for at, word in enumerate(clause) if word.is_of("end_nouns")]
            acts = [act.at for act in self._list_acts(clause) if act.form in ("ended", "ends")]
            if nouns and any(
                clause[at].text.startswith(("zurueck", "zieht", "zog", "nimt", "nahm"))
                for at in acts
            ):
                return True
        return False

    def _uses_right(self) -> bool:
        """Whether a right or possibility of a withdrawal is used."""
        every = [word for clause in self._clauses for word in clause]
        if not self._judge.says_used(self._words) or "wider" not in self._words:
            return False
        if any(word.is_of("denials") for word in every):
            return False
        named = [one for found in self._named for one in found]
        consents = any(one.is_consent for one in named)
        others = [clause for clause in self._clauses if any(w.text == "gegen" for w in clause)]
        return consents or not others

    def _refuses_transfer(self) -> bool:
        """Whether somebody does not want any more that data go to an office."""
        every = [word for clause in self._clauses for word in clause]
        denied = next((at for at, word in enumerate(every) if _denies(word)), None)
        if denied is None or any(word.is_of("conditions") for word in every):
            return False
        is_more = any(word.text in _MORE for word in every[denied + 1 :])
        to = [at for at, word in enumerate(every) if word.is_of("recipients")]
        is_passed = bool(to) or any(word.text.startswith(_PASSED) for word in every)
        return is_more and is_passed and _tells_of_data(every) and _wants(every, denied, to)

    def _is_renewed_after(self, number: int) -> bool:
        """Whether a consent was given again after the act, or in place of the one it ended."""
        later = " ".join(word.text for clause in self._clauses[number:] for word in clause)
        if self._judge.find_renewal(later):
            return True
        clause = self._clauses[number]
        is_earlier = clause[0].text in ("da", "nachdem", "weil") or any(
            word.text in ("alte", "bisherige", "fruehere") for word in clause
        )
        return is_earlier and self.is_renewed()


_PHRASES = ("parted", "renewed", "used", "often_misspelt")


def _split_at_and(words: Clause) -> list[Clause]:
    """The parts of a clause at each "und" but those that join two nouns."""
    begin, parts = 0, []
    for at, word in enumerate(words):
        if word.text in ("und", "sowie") and not _joins_nouns(words, at):
            parts.append(words[begin:at])
            begin = at + 1
    return [*parts, words[begin:]]


def _joins_nouns(words: Clause, at: int) -> bool:
    """Whether the word at a place stands between two nouns, the second with or without article."""
    return words[at - 1].is_noun and any(word.is_noun for word in words[at + 1 : at + 3])


def _tells_of_data(words: Clause) -> bool:
    """Whether it is about data, or about what an office is told by others."""
    is_told = any(word.text in ("wir", "uns", "das") for word in words)
    talk = ("sprech", "kontakt")
    return any(word.is_of("data") or (is_told and word.text.startswith(talk)) for word in words)


def _wants(words: Clause, denied: int, to: Sequence[int]) -> bool:
    """Whether a wish stands before the denial, or it denies what is given to an office."""
    if any(word.is_of("wishes") for word in words[: denied + 1]):
        return True
    is_given = any(words[at - 1].text in ("ans", "dem", "das", "an", "mit") for at in to if at)
    return is_given and words[denied].text.startswith("kein")


def _is_own_consent(clause: Clause, at: int) -> bool:
    """Whether an agreement is the person's own, about data and for an office that gets them."""
    rest = clause[at + 1 :]
    if clause[at].text.startswith("entbind"):
        return any(other.text.startswith("schweigepfl") for other in clause)
    nouns = [n for n, word in enumerate(rest) if word.is_noun and not word.is_of(*_ACTS)]
    if not nouns or not nouns[0]:
        return True
    noun, lead = rest[nouns[0]], rest[0].text
    known = noun.is_of("persons", "data", "consents", "open_consents")
    if _GENITIVE.fullmatch(lead):
        return known or _goes_to_office(rest, nouns)
    if lead in ("zur", "zum", "zu"):
        return known or noun.is_of("recipients", "circumstances")
    if lead in ("an", "ans"):
        return noun.is_of("persons", "circumstances") or _goes_to_office(rest, nouns)
    return True


def _goes_to_office(words: Clause, nouns: Sequence[int]) -> bool:
    """Whether one of these nouns is an office that gets something."""
    own = ("vom", "durch", "des", "der", "von")
    return any(words[n].is_of("recipients") and words[n - 1].text not in own for n in nouns if n)


def _is_other_object(clause: Clause, at: int) -> bool:
    """Whether a noun may be what is ended: no person, circumstance, office or name."""
    word = clause[at]
    if not word.is_noun or word.is_of(*_NO_OBJECTS, "recipients", "authorities", "data"):
        return False
    if len(word.text) < 3 or not word.text.isalpha():
        return False
    if any(word.is_of(kind) for kind in ("wishes", "possible", "informing", "decided", "denials")):
        return False
    follows = clause[at + 1] if at + 1 < len(clause) else None
    if at == 0 and follows and follows.is_noun and re.search(r"e[nrms]?\Z", word.text):
        return False
    named = at and clause[at - 1].is_of("persons")
    speaks = at == 0 and len(clause) > 1 and (clause[1].is_of("ends") or clause[1].text == "hat")
    return not (named or speaks)


def _find_preposition(clause: Clause, at: int) -> str | None:
    """The preposition that a noun depends on, also as the genitive of another one."""
    for place in range(at - 1, -1, -1):
        word = clause[place]
        if word.is_of("prepositions"):
            return word.text
        if word.is_noun and not word.is_of("small_words"):
            lead = clause[place + 1].text if place + 1 < at else ""
            return _find_preposition(clause, place) if _GENITIVE.fullmatch(lead) else None
        if word.text in _CLOSERS or not _ARTICLE.fullmatch(word.text):
            return None
    return None


def _is_done_by_office(clause: Clause) -> bool:
    """Whether an office is who acts: named with "durch" or "vom", or before the verb."""
    for at, word in enumerate(clause):
        if not word.is_of("authorities"):
            continue
        preposition = _find_preposition(clause, at)
        if preposition in ("vom", "von", "durch"):
            return True
        follows = clause[at + 1].text if at + 1 < len(clause) else ""
        is_first = not at or not (
            clause[at - 1].is_noun and not clause[at - 1].is_of("small_words")
        )
        is_verb = _AUXILIARY.match(follows) or (
            at + 1 < len(clause) and clause[at + 1].is_of("ends")
        )
        if preposition is None and is_first and is_verb:
            return True
    return False


def _begins_no_more(clause: Clause, at: int) -> bool:
    """Whether "nicht mehr", "nicht länger" or "keine … mehr" begins at a place."""
    word, rest = clause[at].text, [other.text for other in clause[at + 1 :]]
    before = [other.text for other in clause[max(at - 3, 0) : at]]
    if word in ("nicht", "nichts"):
        return any(other.is_of("upheld") for other in clause[at + 1 : at + 2])
    if word.startswith("kein") and before[-2:-1] == ["ab"]:
        return True
    return word.startswith("kein") and any(
        other in ("mehr", "weitere", "weiteren") for other in rest
    )


def _is_sent_back(clause: Clause, at: int) -> bool:
    """Whether a short clause says no more than that a consent is back."""
    is_last = at == len(clause) - 1
    follows = clause[at + 1].text if not is_last else ""
    if clause[at].text != "zurueck" or not (is_last or follows in ("gezogen", "genomen")):
        return False
    is_short = len(clause) <= _SHORT_CLAUSE or not is_last
    return is_short and any(word.is_of("consents", "open_consents") for word in clause[:at])


def _denies(word: Word) -> bool:
    return word.text in ("nicht", "nichts") or word.text.startswith("kein")


def _add_joined(clause: Clause, named: Sequence[Named], chosen: list[Named]) -> list[Named]:
    """What is chosen among what a clause names, with what "und" joins to it."""
    joints = [at for at, word in enumerate(clause) if word.text in ("und", "sowie")]
    at = chosen[0].at
    near = (one for one in named if any(min(at, one.at) < j < max(at, one.at) for j in joints))
    return [*chosen, *(one for one in near if abs(one.at - at) <= _JOINED)]


def _names_consent(named: Sequence[Named]) -> bool:
    return any(one.is_consent for one in named)


def _clean(note: str) -> str:
    """A note without signs that part a word, and without capitals where it has nothing else."""
    text = unicodedata.normalize("NFKC", note).replace("\xad", "").replace("_", " ")
    text = _SPACED.sub(lambda match: match.group().replace(" ", ""), text)
    return text.lower() if text.isupper() else text


@lru_cache(4096)
def _fold(word: str) -> str:
    """A word in the letters a to z, each double one once."""
    return _TWICE.sub(r"\1", join_plain(word).replace(" ", "")) or word


def _make_hints(lists: Lists) -> tuple[str, ...]:
    """Patterns for the engine of Arrow: each note that tells a withdrawal matches all of them.

    It names a consent, data or the withdrawal of one; and it has a word that ends or denies one.
    """
    kinds = ("consents", "open_consents", "data")
    named = [word for kind in kinds for word in lists[kind]]
    named += ["widerr", "widers", "einverstanden", "sprechen", "kontakt"]
    ends = [word for kind in _ACTS for word in lists[kind]]
    parts = [part for phrase in lists["parted"] for part in phrase.split()[:1]]
    uses = ["gebrauch", "ausgeübt", "getan", "gemacht"]
    often = lists["often_misspelt"]
    ending = {word.strip("*.") for word in ends}.intersection(often)
    halves = [half for word in sorted(ending) for half in halve_word(word)]
    more = ["nicht.", "kein", "nein", "zurück", "widerr", "widers", *halves]
    return hint_at_words(named, often), hint_at_endings([*ends, *parts, *uses, *more])


def _compile_words(words: Iterable[str]) -> re.Pattern[str]:
    def of(word: str) -> str:
        begin = r"\w*" if word.startswith("*") else ""
        return begin + _fold(word) + (r"\Z" if word.endswith(".") else "")

    return re.compile("|".join(map(of, words)))


def _compile_phrases(phrases: Iterable[str], most: int) -> re.Pattern[str]:
    gap = rf" (?:\w+ ){{0,{most}}}"
    patterns = (
        gap.join(" ".join(map(_fold, part.split())) for part in phrase.split("…"))
        for phrase in phrases
    )
    return re.compile("|".join(rf"\b{pattern}\b" for pattern in patterns))
