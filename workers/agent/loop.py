"""The agent's loop: ask the model, save its reply, run its tools, save what they did, again.

Law: each step looks only at the saved rows and ends by saving one, so that a crash anywhere is the same as a pause.
"""

from __future__ import annotations

from dataclasses import replace

from workers.agent import Asked, Block, Finished, Hands, Job, Model, Outcome, Spoke, progress
from workers.agent.conversation import calls, messages, notes_read, spoken, text, tokens, tree, usage
from workers.agent.framing import note, opening, plain
from workers.agent.model import request_hash
from workers.agent.prompts import SYSTEM
from workers.agent.tools import CHANGING, ENDING, TOOLS
from workers.agent.tools.answer import Answer
from workers.agent.tools.ask import Ask
from workers.agent.tools.run import read_ending, run
from workers.agent.transcript import Transcript, Turn
from workers.faults import ClaimLost, GiveUp
from workers.workspace import ExportRefused

CUT = "Your reply was cut off at the output limit. Go on in smaller steps."
NUDGE = "You changed files but did not call `finish`. If the work is done, call `finish`; if not, go on."
NEWS = "Received. There is news, below: take it into account and go on from there; call `finish` when that is done."
UNCHANGED = "Nothing in /workspace differs from the base. If nothing has to change, say why in plain text instead."
SMALLER = "Ask for the rest as a smaller change, in a new message."


def work(job: Job, model: Model, transcript: Transcript, hands: Hands) -> Outcome:
    """Carry the conversation on from where its rows end, until it ends a run.

    A second call without new notes gives the same outcome again and asks the model nothing. Raises `TryAgain`,
    `GiveUp`, `ClaimLost`, and whatever the sandbox raises.
    """
    return _Run(job, model, transcript, hands).go()


class _Run:
    def __init__(self, job: Job, model: Model, transcript: Transcript, hands: Hands) -> None:
        self.job, self.model, self.transcript, self.hands = job, model, transcript, hands
        self.rows = [
            replace(
                row,
                reply=None if row.reply is None else tuple(row.reply),
                results=None if row.results is None else tuple(row.results),
            )
            for row in transcript.rows()
        ]
        self.at = job.base_tree
        self.heard = 0

    def go(self) -> Outcome:
        if not self.rows or self.rows[0].results is None:
            self._open()
        self.hands.restore(tree(self.rows))
        self.at = tree(self.rows)
        if len(self.rows) > 1:
            # What was put there may be more than was asked for, such as a commit that somebody pushed meanwhile.
            self._checkpoint()
        while True:
            self.hands.still_mine()
            last = self.rows[-1]
            if last.results is not None or last.reply is None:
                self._ask_model()
                continue
            outcome = self._answer(last)
            if outcome is not None:
                return outcome

    def _open(self) -> None:
        self.transcript.begin(0, "")
        self.rows = [Turn(0, "")]
        self._save(self.rows[0], (text(opening(self.job)), *self._hear()))

    def _ask_model(self) -> None:
        if self.rows[-1].results is None:
            self.rows.pop()  # begun before, but its reply never came
        self._mind_the_budget()
        n, asked = self.rows[-1].n + 1, messages(self.rows)
        key = request_hash(SYSTEM, TOOLS, asked, self.model.name)
        begun = self.transcript.begin(n, key)
        reply = self.model.turn(SYSTEM, TOOLS, asked, self.hands.progress, self._lost)
        used = reply.usage.model_copy(update={"wasted": begun})
        self.transcript.save_reply(n, key, reply, used)
        self.rows.append(Turn(n, key, reply.content, reply.stop_reason, used, begun=begun))

    def _answer(self, row: Turn) -> Outcome | None:
        """Do what a stored reply asks for, and save it; or the outcome, if it ends the run."""
        asked, cut = calls(row), row.stop_reason == "max_tokens"
        results: tuple[Block, ...]
        if len(asked) == 1 and asked[0]["name"] in ENDING and not cut:
            news = self._hear()
            ended = Answer(NEWS) if news else self._end(asked[0])
            if not isinstance(ended, Answer):
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
        elif self.at != self.job.base_tree and self.rows[-2].results != (text(NUDGE),):
            results = (text(NUDGE),)
        else:
            return Spoke(spoken(row), notes_read(self.rows), usage(self.rows))
        self._save(row, results)
        return None

    def _tools(self, row: Turn, asked: list[Block]) -> None:
        """Run the calls in order, then checkpoint."""
        results = [self._tool(row, call).block(call["id"]) for call in asked]
        self.hands.still_mine()
        if any(call["name"] in CHANGING for call in asked) and (refusal := self._checkpoint()):
            results.append(text(refusal))
        self._save(row, (*results, *self._hear()))

    def _checkpoint(self) -> str:
        """Note the tree of the workspace; or why it may not leave, and then the tree before stays noted."""
        try:
            self.at = self.hands.checkpoint()
        except ExportRefused as refused:
            return f"The workspace cannot be proposed like this; mend it: {plain(str(refused), 4000)}"
        return ""

    def _tool(self, row: Turn, call: Block) -> Answer:
        self.hands.still_mine()
        if row.stop_reason == "max_tokens" and call == (row.reply or ({},))[-1]:
            return Answer(
                "This call was cut off at the output limit; nothing was done. Use smaller steps.", failed=True
            )
        if call["name"] in ENDING:
            return Answer(f"`{call['name']}` must be the only call of its reply. See the results first.", failed=True)
        self.hands.progress(progress.of_call(call["name"], call.get("input")))
        return run(call["name"], call.get("input"), self.hands.session, self._lost)

    def _end(self, call: Block) -> Asked | Finished | Answer:
        """`ask` and `finish` without news, from before or since, end the run, unless something is wrong with them."""
        given = read_ending(call)
        if isinstance(given, Answer):
            return given
        read, used = notes_read(self.rows), usage(self.rows)
        if isinstance(given, Ask):
            return Asked(given.question, given.options, read, used)
        if refusal := self._checkpoint():
            return Answer(refusal, failed=True)
        if self.at == self.job.base_tree:
            return Answer(UNCHANGED, failed=True)
        return Finished(given.title, given.summary, given.proven, given.risks, self.at, read, used)

    def _hear(self) -> tuple[Block, ...]:
        """The notes not heard yet, as the model hears them; the row saved next says that they were."""
        notes = self.job.notes()
        fresh = notes[notes_read(self.rows) :]
        self.heard = len(notes)
        return tuple(text(note(said)) for said in fresh)

    def _save(self, row: Turn, results: tuple[Block, ...]) -> None:
        heard = max(self.heard, notes_read(self.rows))
        self.transcript.save_results(row.n, results, self.at, heard)
        self.rows[-1] = replace(row, results=results, tree=self.at, notes_read=heard)

    def _mind_the_budget(self) -> None:
        used = usage(self.rows)
        if used.turns >= self.job.max_turns:
            raise GiveUp(f"I used all {self.job.max_turns} turns of this change without getting it done.", SMALLER)
        if tokens(used) >= self.job.max_tokens_total:
            raise GiveUp("I used up the tokens of this change without getting it done.", SMALLER)

    def _lost(self) -> bool:
        try:
            self.hands.still_mine()
        except ClaimLost:
            return True
        return False
