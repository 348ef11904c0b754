"""Which stage performs which effect."""

from __future__ import annotations

from bot.domain import effects
from workers.stages import Stage
from workers.stages.check import check
from workers.stages.edit import edit
from workers.stages.judge import judge
from workers.stages.merge import merge
from workers.stages.notify import notify
from workers.stages.open_undo import open_undo
from workers.stages.prepare import prepare
from workers.stages.publish import publish
from workers.stages.react import react
from workers.stages.read_ci import read_ci, watch_pull
from workers.stages.show_card import show_card
from workers.stages.tidy import tidy
from workers.stages.undo import merge_undo, read_undo_ci

STAGES: dict[type, Stage] = {
    effects.Prepare: prepare,
    effects.Edit: edit,
    effects.Check: check,
    effects.Judge: judge,
    effects.Publish: publish,
    effects.ReadCi: read_ci,
    effects.WatchPull: watch_pull,
    effects.Merge: merge,
    effects.OpenUndo: open_undo,
    effects.ReadUndoCi: read_undo_ci,
    effects.MergeUndo: merge_undo,
    effects.Tidy: tidy,
    effects.React: react,
    effects.ShowCard: show_card,
    effects.Notify: notify,
}
