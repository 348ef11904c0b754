"""The agent's loop: ask the model, save its reply, run its tools, save what they did, again.

Law: each step looks only at the saved rows and ends by saving one, so that a crash anywhere is the same as a pause.
"""

from __future__ import annotations

from dataclasses import replace

from bot.domain.change import Image, Usage
from bot.domain.frozen import revised
from workers import ClaimLost, TryAgain
from workers.agent import (
    AgentAccess,
    Block,
    Finished,
    Job,
    Model,
    NeedsAnswer,
    OverBudget,
    Reply,
    RunResult,
    Spoke,
    budget,
    pictures,
    progress,
    segments,
)
from workers.agent.api_errors import Declined, Malformed, TooLong
from workers.agent.conversation import SegmentMessages, calls, notes_read, segment, spoken, text, tree, usage
from workers.agent.framing import note, opening, plain
from workers.agent.lost_calls import LostCalls
from workers.agent.prompts import COMPACT, SYSTEM
from workers.agent.tools import ENDING, TOOLS, changes
from workers.agent.tools.ask import Ask
from workers.agent.tools.run import Toolbox, read_ending
from workers.agent.tools.tool_result import ToolResult
from workers.agent.transcript import Transcript, Turn
from workers.agent.words import CUT, CUT_CALL, EMPTY, NEWS, NUDGE, UNCHANGED
from workers.workspace import ExportRefused


def work(job: Job, model: Model, transcript: Transcript, access: AgentAccess, second: Model | None = None) -> RunResult:
    """Carry the conversation on from where its rows end, until it ends a run.

    `second` takes over if `model` declines to answer. A second call without new notes gives the same outcome again and
    asks the model nothing. Raises `TryAgain`, `GiveUp`, `ClaimLost`, and whatever the sandbox raises.
    """
    try:
        return _Run(job, model, transcript, access, second).go()
    finally:
        transcript.settle()


class _Run:
    def __init__(
        self, job: Job, model: Model, transcript: Transcript, access: AgentAccess, second: Model | None
    ) -> None:
        self.job, self.model, self.transcript, self.access, self.second = job, model, transcript, access, second
        self.rows = [
            replace(
                row,
                reply=None if row.reply is None else tuple(row.reply),
                results=None if row.results is None else tuple(row.results),
            )
            for row in transcript.rows()
        ]
        self.history = SegmentMessages(access.blobs)
        self.toolbox = Toolbox(job, access, self._lost)
        self.at = job.base_tree
        self.heard = 0
        self.lost = LostCalls(transcript)

    def go(self) -> RunResult:
        if not self.rows or self.rows[0].results is None:
            self._open()
        self.access.restore(tree(self.rows))
        self.at = tree(self.rows)
        if len(self.rows) > 1:
            # The tree may hold more than the request, such as a commit that was pushed meanwhile.
            self._checkpoint()
        while True:
            self.access.still_mine()
            last = self.rows[-1]
            outcome = self._ask_model() if last.results is not None or last.reply is None else self._answer(last)
            if outcome is not None:
                return outcome

    def _open(self) -> None:
        self.transcript.begin(0, "")
        self.rows = [Turn(0, "")]
        asked = (text(opening(self.job)), *self._pictures(self.job.images))
        self._save(self.rows[0], (*asked, *self._hear()))

    def _ask_model(self) -> OverBudget | None:
        if self.rows[-1].results is None:
            self.lost.found(self.rows.pop())
        used = self.lost.counted(usage(self.rows))
        if words := budget.over(self.job, used):
            return OverBudget(words, notes_read(self.rows), used)
        model, moved = self._who()
        if moved:
            self._begin_segment("model", self.rows[-1].n + 1, Usage())
        elif segments.too_long(self.rows, self.job, model.window()):
            self._compact(model)
        else:
            self._turn(model)
        return None

    def _who(self) -> tuple[Model, bool]:
        """Return the model to ask, and whether the segment holds another model's thinking, which it must not see."""
        holds, taken_over = segments.holders(self.rows)
        model = self.second if self.second and self.second.name == taken_over else self.model
        return model, holds not in {"", model.name}

    def _turn(self, model: Model) -> None:
        n = self.rows[-1].n + 1
        asked = self.history.follow(self.rows)
        key = self.history.key(model.name, SYSTEM, TOOLS)
        begun = self.transcript.begin(n, key)
        began = self.access.clock()
        try:
            self._keep(n, key, begun, self._reply(model, asked))
        except ClaimLost:
            raise
        except Exception as failed:
            used = revised(getattr(failed, "usage", Usage()), seconds=self._seconds(began))
            if isinstance(failed, Declined) and self.second is not None and model is not self.second:
                self._begin_segment("refusal", n, used, key, begun, self.second)
            elif isinstance(failed, TooLong) and len(segment(self.rows)) > 1:
                self._begin_segment("window", n, used, key, begun)
            elif isinstance(failed, Malformed) and segments.can_shrink(self.rows):
                self._begin_segment("broken", n, used, key, begun)
            else:
                self.lost.add(n, used)
                raise

    def _seconds(self, began: float) -> float:
        return round(self.access.clock() - began, 3)

    def _compact(self, model: Model) -> None:
        """Have the model write a summary of its work; if it cannot, use a short list of what was done."""
        n = self.rows[-1].n + 1
        asked = [*self.history.follow(self.rows), {"role": "user", "content": [text(COMPACT)]}]
        key = self.history.key(model.name, f"{SYSTEM}\n{COMPACT}", TOOLS)
        begun = self.transcript.begin(n, key)
        self.access.progress("Writing down what was done so far")
        began = self.access.clock()
        try:
            reply = self._reply(model, asked)
        except (Declined, TooLong, Malformed) as failed:
            why: segments.Reason = "broken" if isinstance(failed, Malformed) else "window"
            used = revised(getattr(failed, "usage", Usage()), seconds=self._seconds(began))
            self._begin_segment(why, n, used, key, begun)
            return
        except TryAgain:
            self.lost.add(n, Usage(seconds=self._seconds(began)))
            raise
        self._keep(n, key, begun, replace(reply, stop_reason=segments.kind("full")))

    def _begin_segment(
        self, reason: segments.Reason, n: int, used: Usage, key: str = "", begun: int = 0, model: Model | None = None
    ) -> None:
        """Add a row that starts a segment without a reply; its content comes with the answer."""
        if not key:
            begun = self.transcript.begin(n, key)
        name = (model or self._who()[0]).name
        self._keep(n, key, begun, Reply((), segments.kind(reason), used, model=name))

    def _reply(self, model: Model, asked: list[Block]) -> Reply:
        began = self.access.clock()
        reply = model.turn(SYSTEM, TOOLS, asked, self.access.progress, self._lost)
        used = revised(reply.usage, seconds=self._seconds(began))
        return replace(reply, usage=used, model=model.name)

    def _keep(self, n: int, key: str, begun: int, reply: Reply) -> None:
        used = self.lost.counted(reply.usage, begun)
        self.lost = LostCalls(self.transcript)
        self.transcript.save_reply(n, key, reply, used)
        self.rows.append(Turn(n, key, reply.content, reply.stop_reason, used, begun=begun, model=reply.model))

    def _answer(self, row: Turn) -> RunResult | None:
        """Do what a stored reply asks for, and save it; or the outcome, if it ends the run."""
        asked, cut = calls(row), row.stop_reason == "max_tokens"
        results: tuple[Block, ...]
        if row.begins:
            results = self._reopened(row)
        elif len(asked) == 1 and asked[0]["name"] in ENDING and not cut:
            news = self._hear()
            ended = ToolResult(NEWS) if news else self._end(asked[0])
            if not isinstance(ended, ToolResult):
                return ended
            results = (ended.block(asked[0]["id"]), *news)
        elif asked:
            self._tools(row, asked)
            return None
        elif row.stop_reason == "pause_turn":
            results = ()
        elif cut:
            results = (text(CUT), *self._hear())
        elif len(self.job.notes()) > notes_read(self.rows):
            results = self._hear()
        elif not spoken(row) and self.rows[-2].results != (text(EMPTY),):
            results = (text(EMPTY),)
        elif self.at != self.job.base_tree and self.rows[-2].results != (text(NUDGE),):
            results = (text(NUDGE),)
        else:
            return Spoke(spoken(row), notes_read(self.rows), usage(self.rows))
        self._save(row, results)
        return None

    def _reopened(self, row: Turn) -> tuple[Block, ...]:
        """Return the first message of a new segment. The pictures that people sent come along, as they were kept."""
        before = self.rows[:-1]
        known, notes = notes_read(before), self.job.notes()
        self.heard = len(notes)
        seen: list[Block] = []
        for one in segment(before):
            # Earlier segments' pictures are in the beginning of the last one.
            seen += pictures.of(one.results or ()) if row.stop_reason != segments.kind("broken") else []
        fresh = [image for said in notes[known:] for image in said.images]
        seen += self._pictures(tuple(fresh))
        return tuple(segments.begin(self.job, before, row, notes, seen))

    def _tools(self, row: Turn, asked: list[Block]) -> None:
        """Run the calls in order, then checkpoint."""
        began = self.access.clock()
        results = [self._tool(row, call, f"{row.n}-{at}") for at, call in enumerate(asked, 1)]
        self.access.still_mine()
        if any(map(changes, asked)) and (refusal := self._checkpoint()):
            results.append(text(refusal))
        results += self.toolbox.guidance(asked, segment(self.rows))
        spent = revised(row.usage, seconds=round(row.usage.seconds + self._seconds(began), 3))
        self._save(replace(row, usage=spent), (*results, *self._hear()))

    def _checkpoint(self) -> str:
        """Note the tree of the workspace; or why it may not leave, and then the tree before stays noted."""
        try:
            self.at = self.access.checkpoint()
        except ExportRefused as refused:
            return f"The workspace cannot be proposed like this; fix it: {plain(str(refused), 4000)}"
        return ""

    def _tool(self, row: Turn, call: Block, name: str) -> Block:
        self.access.still_mine()
        if row.stop_reason == "max_tokens" and call is (row.reply or ({},))[-1]:
            answer = ToolResult(CUT_CALL, True)
        elif call["name"] in ENDING:
            answer = ToolResult(f"`{call['name']}` must be the only call of its reply. See the results first.", True)
        else:
            self.access.progress(progress.of_call(call["name"], call.get("input")))
            answer = self.toolbox.run(call["name"], call.get("input"), name, self._image_budget(), self._tree)
        return answer.block(call["id"])

    def _tree(self) -> str:
        """Return the workspace as it stands, in the midst of a reply."""
        self._checkpoint()
        return self.at

    def _end(self, call: Block) -> NeedsAnswer | Finished | ToolResult:
        """End the run with a question or a proposal, unless it is wrong or there is news for the agent."""
        given = read_ending(call)
        if isinstance(given, ToolResult):
            return given
        read, used = notes_read(self.rows), usage(self.rows)
        if isinstance(given, Ask):
            return NeedsAnswer(given.question, given.options, read, used)
        if refusal := self._checkpoint():
            return ToolResult(refusal, failed=True)
        if self.at == self.job.base_tree:
            return ToolResult(UNCHANGED, failed=True)
        return Finished(given.title, given.summary, given.proven, given.risks, self.at, read, used)

    def _hear(self) -> tuple[Block, ...]:
        """Return the notes not heard yet, as the model hears them; the row saved next says that they were."""
        notes = self.job.notes()
        fresh = notes[notes_read(self.rows) :]
        self.heard = len(notes)
        return tuple(block for said in fresh for block in (text(note(said)), *self._pictures(said.images)))

    def _pictures(self, images: tuple[Image, ...]) -> list[Block]:
        return pictures.shown(images, self.job.fetch, self.access.blobs, self._image_budget()) if images else []

    def _image_budget(self) -> pictures.ImageBudget:
        return pictures.budget_left(block for row in segment(self.rows) for block in row.results or ())

    def _save(self, row: Turn, results: tuple[Block, ...]) -> None:
        heard = max(self.heard, notes_read(self.rows))
        used = row.usage if row.n else None
        self.transcript.save_results(row.n, results, self.at, heard, used)
        self.rows[-1] = replace(row, results=results, tree=self.at, notes_read=heard)

    def _lost(self) -> bool:
        try:
            self.access.still_mine()
        except ClaimLost:
            return True
        return False
