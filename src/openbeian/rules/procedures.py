"""Procedures as data: flows (states, verbs, who acts), what a procedure asks for, and what its grant changes.

A procedure file names a flow and the forms, materials and outcomes it uses; a new procedure needs no code unless
it needs a new kind of outcome. The loader refuses unknown keys, states that cannot be reached, states without an
actor and limits without a rule.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, cast, get_args

from openbeian.kernel.text import Text
from openbeian.rules.yaml_source import Branch, Reader, read_file

Side = Literal["applicant", "provider", "administration", "system"]
_SIDES: tuple[str, ...] = get_args(Side)
Subject = Literal["nothing", "sponsor", "service", "access", "licence"]
_SUBJECTS: tuple[str, ...] = get_args(Subject)


@dataclass(frozen=True, slots=True)
class Turn:
    """One verb at one state: where it leads, which side may do it, what it must bring."""

    to: str
    by: Side
    needs_reasons: bool = False
    # The person who acted at this state may not do this too: two pairs of eyes.
    other_than: str = ""
    # (feature, state): where it leads instead for a procedure with that feature.
    detours: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class State:
    id: str
    label: Text
    waits_for: Side | None
    verbs: dict[str, Turn]
    limit: str = ""
    is_editable: bool = False
    is_frozen: bool = False
    is_closed: bool = False
    tone: str = ""
    only_with: str = ""
    # Its limit is counted from the day the complete application came in, not from the day it was entered.
    counts_from_receipt: bool = False
    # Its days are left out of limits that count from the receipt.
    stops_clock: bool = False


@dataclass(frozen=True, slots=True)
class Stage:
    """A stop on the stage line that people see."""

    id: str
    label: Text
    states: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Flow:
    id: str
    initial: str
    states: dict[str, State]
    verbs: dict[str, Text]
    stages: tuple[Stage, ...]


@dataclass(frozen=True, slots=True)
class Procedure:
    """What a person can ask for.

    subject: what on record it starts from (nothing, sponsor, service, access, licence).
    edits: form paths that may be changed (`*` any index); everything else on the form is shown, not edited.
    outcome: names of registry changes that a grant makes, in order.
    """

    id: str
    label: Text
    summary: Text
    note: Text | None
    subject: Subject
    flow: Flow
    with_features: frozenset[str]
    form: str
    sections: tuple[str, ...]
    edits: tuple[str, ...]
    materials: tuple[str, ...]
    promises: tuple[str, ...]
    outcome: tuple[str, ...]
    source: str
    cycle: str = ""

    def state(self, state_id: str) -> State:
        return self.flow.states[state_id]

    def list_states(self) -> list[State]:
        """The states a case of this procedure can be in."""
        return [s for s in self.flow.states.values() if not s.only_with or s.only_with in self.with_features]

    def find_turn(self, state_id: str, verb: str) -> Turn | None:
        """Where a verb leads from a state: past states this procedure leaves out, through those it adds."""
        turn = self.flow.states[state_id].verbs.get(verb)
        if turn is None:
            return None
        to = turn.to
        if to == "awaiting_forwarding" and state_id == "in_first_review" and "second_person" in self.with_features:
            to = "awaiting_second_person"
        if to == "awaiting_sms" and "sms" not in self.with_features:
            to = "administration_review"
        to = next((state for feature, state in turn.detours if feature in self.with_features), to)
        return turn if to == turn.to else Turn(to, turn.by, turn.needs_reasons, turn.other_than)


def read_flow(path: Path) -> Flow:
    """One flow file. Raises: RulebookInvalid."""
    return read_file(path, _read_flow)


def read_procedure(path: Path, flows: dict[str, Flow]) -> Procedure:
    """One procedure file, named after its id. Raises: RulebookInvalid."""
    return read_file(path, lambda reader: _read_procedure(reader, path.stem, flows))


def _read_flow(reader: Reader) -> Flow:
    flow_id, initial = reader.word("id", required=True), reader.word("initial", required=True)
    places, named = reader.section("states", required=True), reader.section("verbs", required=True)
    verbs = Reader(named, reader.findings).labels() if named is not None else {}
    states = {state_id: _read_state(state_id, _below(reader, places, state_id), verbs) for state_id in places or ()}
    stages = [_read_stage(Reader(section, reader.findings)) for section in reader.sections("stages", required=True)]
    flow = Flow(flow_id, initial, states, verbs, tuple(stages))
    _check_reachable(reader, flow)
    return flow


def _below(reader: Reader, places: Branch | None, key: str) -> Reader:
    """The mapping under a name somebody chose; what is no mapping is a fault and reads as empty."""
    assert places is not None
    outer = Reader(places, reader.findings)
    return Reader(outer.section(key) or Branch.empty(places.file, places.lines[key]), reader.findings)


def _read_stage(reader: Reader) -> Stage:
    stage = Stage(reader.word("id", required=True), _label(reader), reader.words("states"))
    reader.done()
    return stage


def _read_state(state_id: str, reader: Reader, verbs: dict[str, Text]) -> State:
    turns = reader.section("verbs")
    state = State(
        id=state_id,
        label=_label(reader),
        waits_for=cast("Side | None", reader.one_of("waits_for", _SIDES) or None),
        verbs={verb: _read_turn(_below(reader, turns, verb)) for verb in turns or ()},
        limit=reader.word("limit"),
        is_editable=reader.flag("editable"),
        is_frozen=reader.flag("frozen"),
        is_closed=reader.flag("closed"),
        tone=reader.word("tone"),
        only_with=reader.word("only_with"),
        counts_from_receipt=bool(reader.one_of("counts_from", ("receipt",))),
        stops_clock=reader.flag("stops_clock"),
    )
    reader.done()
    if not state.is_closed and state.waits_for is None:
        reader.fault(
            "procedure.nobody_acts",
            Text(f"状态 {state_id} 无人负责。", f"Nobody acts at the state {state_id}."),
            Text("请写明 waits_for，或标为 closed: true。", "Name who it waits for, or mark it closed: true."),
        )
    for verb in state.verbs:
        if verb not in verbs:
            reader.fault(
                "procedure.verb_nameless",
                Text(f"动作 {verb} 没有名称。", f"The verb {verb} has no label."),
                Text("请在 verbs 中补上它的中英文名称。", "Add its label in both languages under “verbs”."),
                key="verbs",
                value=verb,
            )
    return state


def _read_turn(reader: Reader) -> Turn:
    named = reader.section("detours")
    detours = Reader(named, reader.findings) if named is not None else None
    turn = Turn(
        to=reader.word("to", required=True),
        by=cast(Side, reader.one_of("by", _SIDES, required=True)),
        needs_reasons=reader.flag("reasons"),
        other_than=reader.word("other_than"),
        detours=tuple((feature, detours.word(feature, required=True)) for feature in named or () if detours),
    )
    reader.done()
    return turn


def _check_reachable(reader: Reader, flow: Flow) -> None:
    """Every turn leads to a state that exists, and every state can be come to."""
    fix = Text("请改正 to，或删去多余的状态。", "Correct “to”, or remove the state.")
    turns = [turn for state in flow.states.values() for turn in state.verbs.values()]
    targets = {flow.initial, *(turn.to for turn in turns), *(to for turn in turns for _, to in turn.detours)}
    for missing in sorted(targets - set(flow.states)):
        said = Text(f"目标状态“{missing}”不存在。", f"There is no state “{missing}”.")
        reader.fault("procedure.state_unknown", said, fix, key="states", value=missing)
    seen, waiting = set(), [flow.initial] if flow.initial in flow.states else []
    while waiting:
        here = waiting.pop()
        seen.add(here)
        waiting += [t.to for t in flow.states[here].verbs.values() if t.to in flow.states and t.to not in seen]
    for lost in sorted(s.id for s in flow.states.values() if s.id not in seen and not s.only_with):
        said = Text(f"状态“{lost}”无法到达。", f"The state “{lost}” cannot be reached.")
        reader.fault("procedure.state_unreachable", said, fix, key="states", value=lost)


def _read_procedure(reader: Reader, stem: str, flows: dict[str, Flow]) -> Procedure | None:
    flow = flows.get(reader.one_of("flow", flows, required=True))
    procedure_id = reader.word("id", required=True)
    if procedure_id and procedure_id != stem:
        reader.fault(
            "procedure.id_is_not_the_files",
            Text(f"id 应与文件名“{stem}”相同。", f"The id must equal the file's name, “{stem}”."),
            Text(f"请改为 id: {stem}，或改文件名。", f"Write id: {stem}, or rename the file."),
            key="id",
            value=procedure_id,
        )
    values = {key: reader.words(key) for key in ("with", "edits", "materials", "promises")}
    sections, outcome = _words_needed(reader, "sections"), _words_needed(reader, "outcome")
    label, summary, note = _label(reader), reader.text("summary", required=True), reader.text("note")
    subject = reader.one_of("subject", _SUBJECTS, required=True)
    form, source, cycle = reader.word("form", required=True), reader.word("source", required=True), reader.word("cycle")
    if flow is None or summary is None:
        return None
    return Procedure(
        id=procedure_id,
        label=label,
        summary=summary,
        note=note,
        subject=cast(Subject, subject),
        flow=flow,
        with_features=frozenset(values["with"]),
        form=form,
        sections=sections,
        edits=values["edits"],
        materials=values["materials"],
        promises=values["promises"],
        outcome=outcome,
        source=source,
        cycle=cycle,
    )


def _words_needed(reader: Reader, key: str) -> tuple[str, ...]:
    reader.take(key, required=True)
    return reader.words(key)


def _label(reader: Reader) -> Text:
    """The label; a missing one is a fault, and the empty text only lets the reading go on."""
    return reader.text("label", required=True) or Text("", "")


def read_procedures(folder: Path) -> dict[str, Procedure]:
    """All procedures of a rulebook folder, in the order of their file names."""
    flows = {f.id: f for f in (read_flow(p) for p in sorted((folder / "flows").glob("*.yaml")))}
    procedures = (read_procedure(p, flows) for p in sorted(folder.glob("*.yaml")))
    return {p.id: p for p in procedures}


@lru_cache(maxsize=4)
def load_procedures(folder: Path) -> dict[str, Procedure]:
    """`read_procedures`, once a process."""
    return read_procedures(folder)
