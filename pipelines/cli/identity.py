"""The commands of identity: which records are one person, and what people decide about it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import click
import typer

from pipelines.cli.deliveries import WithValues, clean_reason
from pipelines.cli.errors import Red, Wrong
from pipelines.cli.options import ConfigFile, Json, open_hub, print_json, print_table

if TYPE_CHECKING:
    from pipelines.figures.identity_review import ExplainedPair
    from pipelines.figures.pair_impact import PairImpact
    from pipelines.hub import Hub
    from pipelines.intake.identity_decisions import MadeDecision

identity_app = typer.Typer(
    suggest_commands=False,
    help="Which source records belong to one human being.",
    no_args_is_help=True,
)
VERDICTS = ("same", "different", "unsure")
RecordA = Annotated[str, typer.Argument(metavar="A", help="A record, such as enaio:P-1.")]
RecordB = Annotated[str, typer.Argument(metavar="B", help="Another record.")]
VerdictName = Annotated[
    str,
    typer.Argument(
        metavar="|".join(VERDICTS),
        click_type=click.Choice(VERDICTS),
        help="One human being, two, or nobody can tell.",
    ),
]
DecisionNames = Annotated[
    list[str],
    typer.Argument(metavar="NUMBER|A B", help="The decision's number, or its two records."),
]
Reason = Annotated[str, typer.Option("--reason", help="Why; is kept.")]
By = Annotated[
    str, typer.Option("--by", metavar="NAME", help="Who decided; without it, the account.")
]
WithinSource = Annotated[
    bool,
    typer.Option(
        "--within-source",
        help="Instead, pairs within one source, which its carrier may hold twice.",
    ),
]
ListFolder = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="With --within-source: write a workbook for each carrier into this folder.",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Do it, say what it changes, and keep nothing.")
]
OnPage = Annotated[
    bool,
    typer.Option("--page", help="Show them on a page of this machine's browser, and decide there."),
]
OpensBrowser = Annotated[
    bool, typer.Option("--open/--no-open", help="Whether the browser is opened by itself.")
]
_REVIEW_COLUMNS = ["a", "b", "band", "changes", "because", "against"]
_CONTRADICTION_COLUMNS = ["person", "attribute", "records", "counts"]
_DECISION_COLUMNS = ["number", "a", "b", "verdict", "state", "decided_by", "decided_on"]


@identity_app.command("links")
def links(config: ConfigFile = None, json: Json = False) -> None:
    """List pairs of records held for one person, by which rule, and why.

    Example: drehscheibe identity links --json
    """
    from pipelines.intake.district_model import describe_dropped
    from warehouse.identity.person_links import list_links

    with open_hub(config) as hub:
        with hub.store.read() as connection:
            found = list_links(connection)
        dropped = describe_dropped(hub)
    if json:
        print_json({"links": found, "model": dropped})
        return
    columns = ["a", "b", "person", "by", "band", "decided_by", "explanation"]
    rows = [[getattr(link, column) for column in columns] for link in found]
    print_table(f"Links ({len(found)})", columns, rows)
    if dropped:
        typer.echo(dropped)


@identity_app.command("review")
def review(
    within_source: WithinSource = False,
    out: ListFolder = None,
    page: OnPage = False,
    opens: OpensBrowser = True,
    by: By = "",
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """List the pairs of records that may be one person and that somebody should decide on; those
    first that would change consents or forms handed over, then money, then figures. With --page they are shown side by side, with
    their values, on a page that only this machine's browser can open. With --within-source --out,
    each carrier gets a list of what it may hold twice: keys, places and what is alike, no names.

    Example: drehscheibe identity review --page
    """
    if page:
        if json or within_source or out:
            raise Wrong("--page shows the pairs of several sources, and prints nothing")
        _serve_page(config, clean_reason(by), opens=opens)
        return
    if out is not None:
        if not within_source:
            raise Wrong("--out writes the lists for the carriers; add --within-source")
        _write_lists(config, out, json=json)
        return
    from pipelines.figures.identity_review import list_review

    with open_hub(config) as hub:
        found = list_review(hub, within_source=within_source)
    if json:
        print_json({"pairs": found})
        return
    rows = [
        [
            pair.a,
            pair.b,
            pair.band,
            _name_changes(pair.impact),
            "; ".join(pair.because),
            "; ".join(pair.against),
        ]
        for pair in found
    ]
    print_table(f"Pairs to decide on ({len(found)})", _REVIEW_COLUMNS, rows)


@identity_app.command("decide")
def decide(
    a: RecordA,
    b: RecordB,
    verdict: VerdictName,
    reason: Reason = "",
    by: By = "",
    dry_run: DryRun = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Keep a decision on whether two records are one human being. It wins over rules and weights,
    takes effect at once, and stays until it is taken back. With --dry-run, only say what it changes:
    figures, money, consents, forms handed over. Exit status 1 where other decisions speak against
    it, which are named.

    Example: drehscheibe identity decide enaio:P-1 tau:77 same --reason "Ausweis gesehen"
    """
    words = clean_reason(reason)
    if not (words or dry_run):
        raise Wrong("say why with --reason, which is kept with the decision")
    from pipelines.intake.identity_decisions import decide_pair
    from warehouse.identity.decisions import Verdict

    with open_hub(config) as hub:
        who = clean_reason(by)
        made = decide_pair(hub, a, b, Verdict(verdict), words, who, rehearse=dry_run)
        _print_made(hub, made, json=json)


@identity_app.command("undo")
def undo(
    decision: DecisionNames,
    reason: Reason = "",
    by: By = "",
    dry_run: DryRun = False,
    config: ConfigFile = None,
    json: Json = False,
) -> None:
    """Take a decision back, by its number or its two records: the persons are as without it, with
    the identifiers they had. With --dry-run, only say what that changes.

    Example: drehscheibe identity undo enaio:P-1 tau:77 --reason "verwechselt"
    """
    if len(decision) > 2:
        raise Wrong("name one decision by its number, or by its two records")
    from pipelines.intake.identity_decisions import undo_decision

    with open_hub(config) as hub:
        words, who = clean_reason(reason), clean_reason(by)
        made = undo_decision(hub, decision, words, who, rehearse=dry_run)
        _print_made(hub, made, json=json)


@identity_app.command("why")
def why(a: RecordA, b: RecordB, config: ConfigFile = None, json: Json = False) -> None:
    """Explain why two records are one person, or why they are not.

    Example: drehscheibe identity why enaio:P-1 tau:77
    """
    from pipelines.figures.identity_review import explain_pair
    from pipelines.intake.identity_decisions import read_record_name

    with open_hub(config) as hub:
        answer = explain_pair(hub, read_record_name(a), read_record_name(b))
    if json:
        print_json(answer)
    else:
        _print_explained(answer)
    records = zip((answer.a, answer.b), answer.persons, strict=True)
    if missing := [record for record, person in records if person is None]:
        raise Red(f"no person record {' and '.join(missing)} is known now")


@identity_app.command("list")
def list_decided(config: ConfigFile = None, json: Json = False) -> None:
    """List what was decided and taken back, with the reasons; JSON leaves these out, as somebody
    may be named in them.

    Example: drehscheibe identity list
    """
    from pipelines.figures.identity_review import list_all_decisions

    with open_hub(config) as hub:
        found = list_all_decisions(hub)
    if json:
        print_json({"decisions": [listed for listed, _ in found]})
        return
    rows: list[list[Any]] = [
        [*(getattr(listed, column) for column in _DECISION_COLUMNS), reason]
        for listed, reason in found
    ]
    print_table(f"Decisions ({len(found)})", [*_DECISION_COLUMNS, "reason"], rows)


@identity_app.command("contradictions")
def contradictions(
    with_values: WithValues = False, config: ConfigFile = None, json: Json = False
) -> None:
    """List the persons of whom systems say different things (sex, nationality, birth date), and by
    which record they are counted: either one of the records is wrong, or they are two persons.

    Example: drehscheibe identity contradictions --with-values
    """
    from pipelines.figures.identity_review import list_contradicting

    with open_hub(config) as hub:
        found = list_contradicting(hub)
    if json:
        values = [{"values": said} if with_values else {} for _, said in found]
        lines = [vars(one) | more for (one, _), more in zip(found, values, strict=True)]
        print_json({"contradictions": lines})
        return
    columns = [*_CONTRADICTION_COLUMNS, *(["values"] if with_values else [])]
    rows: list[list[Any]] = [
        [
            one.person,
            one.attribute,
            ", ".join(one.records),
            one.counts,
            *([", ".join(said)] if with_values else []),
        ]
        for one, said in found
    ]
    print_table(f"Contradictions ({len(found)})", columns, rows)


@identity_app.command("train")
def train(dry_run: DryRun = False, config: ConfigFile = None, json: Json = False) -> None:
    """Count names and coincidences anew in this district's own records, and compare all records by
    them. With --dry-run, only say what that would change. Worth it from some thousand records on,
    and after the district has grown by half.

    Example: drehscheibe identity train --dry-run
    """
    from pipelines.intake.district_model import describe_dropped, train_identity

    with open_hub(config) as hub:
        dropped = describe_dropped(hub)
        done = train_identity(hub, rehearse=dry_run)
    if json:
        print_json({**vars(done), "model": dropped})
        return
    if dropped:
        typer.echo(f"before: {dropped}")
    rows = [
        [name, getattr(done.before, name), getattr(done.after, name)]
        for name in ("persons", "automatic", "waiting")
    ]
    print_table(f"From {done.records} records", ["", "before", "after"], rows)
    outcome = f"{done.changed} links are others"
    if dry_run:
        outcome += "; nothing of it was kept (--dry-run)"
    elif done.load is not None:
        outcome += f", since load {done.load}"
    typer.echo(outcome)


def _write_lists(config: Path | None, out: Path, *, json: bool) -> None:
    from pipelines.figures.duplicate_lists import write_duplicate_lists

    with open_hub(config) as hub:
        files = [str(file) for file in write_duplicate_lists(hub, out)]
    if json:
        print_json({"files": files})
        return
    nobody = "no carrier has records that may be one person twice in its system"
    typer.echo("\n".join(files) or nobody)


def _name_changes(impact: PairImpact) -> str:
    """What would change if both were one person, in one word each."""
    kinds = {
        "consents": impact.consents or impact.releases,
        "forms handed over": impact.transfers,
        "submissions": impact.submissions,
        "target group": impact.target_group,
        "clients": impact.clients,
        "persons reached": impact.reached,
    }
    return ", ".join(name for name, changes in kinds.items() if changes)


def _serve_page(config: Path | None, by: str, *, opens: bool) -> None:
    from pipelines.review_page.server import serve_review

    # Mistakes of the configuration are told here, not on the page.
    with open_hub(config) as hub:
        hub.store.last_load()
    serve_review(lambda: open_hub(config), by, _tell_address, opens=opens)


def _tell_address(address: str) -> None:
    typer.echo(f"The page is at {address}\nThe address works once. End with Ctrl-C.")


def _print_made(hub: Hub, made: MadeDecision, *, json: bool) -> None:
    from pipelines.figures.impact_sentences import describe_impact
    from pipelines.intake.identity_decisions import RehearsedDecision

    if json:
        print_json(made)
        return
    pair = f"{made.a} and {made.b}"
    if not made.is_new:
        typer.echo(f"'{made.verdict}' was decided on {pair} before, as decision {made.number}")
        return
    what = f"'{made.verdict}' on {pair} is kept as decision {made.number}"
    if made.undoes is not None:
        what = f"decision {made.undoes} on {pair} is taken back, as decision {made.number}"
    if isinstance(made, RehearsedDecision):
        typer.echo(f"nothing is kept (--dry-run); {made.changed} links would be others")
        for sentence in describe_impact(hub, made.impact):
            typer.echo(f"  {sentence}")
        return
    effect = "nobody is another person than before"
    if made.load is not None:
        effect = f"since load {made.load}, {made.changed} links are others"
    typer.echo(f"{what}; {effect}")


def _print_explained(answer: ExplainedPair) -> None:
    is_one = "are one person" if answer.one_person else "are not one person"
    typer.echo(f"{answer.a} and {answer.b} {is_one}")
    for link in answer.links:
        typer.echo(f"  {link.a} ~ {link.b} ({link.by}): {link.explanation}")
    if answer.decided:
        typer.echo(f"decided: {answer.decided}")
    _print_comparison(answer.compared)
    if answer.decisions:
        columns = ["number", "verdict", "state", "decided_by", "decided_on"]
        rows = [[getattr(one, column) for column in columns] for one in answer.decisions]
        print_table("Decisions on the two", columns, rows)


def _print_comparison(compared: Mapping[str, Any] | None) -> None:
    if compared is None:
        typer.echo("compared: not alike enough to be kept as a pair")
        return
    typer.echo(f"compared: {compared['band']}")
    for sign, sentences in (("+", compared["because"]), ("-", compared["against"])):
        for sentence in sentences:
            typer.echo(f"  {sign} {sentence}")
