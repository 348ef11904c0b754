"""Everything that the sandboxes of this process promise, asked of those in a runner."""

from __future__ import annotations

from tests.workers.sandbox import test_session, test_walls

# These look at the machinery of a session in this process.
_OF_THE_PROCESS = {
    "test_a_command_that_fills_the_disk_is_ended_in_words",
    "test_a_disk_that_was_nearly_full_before_ends_nothing",
    "test_a_killed_worker_takes_its_sandbox_with_it",
    "test_a_sandbox_that_waits_for_a_dead_worker_is_removed_by_the_next",
    "test_a_sandbox_whose_worker_is_gone_before_it_begins_ends_by_itself",
    "test_a_worker_killed_while_its_plain_process_starts_leaves_nothing",
    "test_a_command_prefix_gives_the_same_walls",
    "test_the_probe_sees_what_a_sandbox_without_walls_shows",
    "test_the_filter_is_known_for_two_architectures",
    "test_every_jump_of_the_filter_lands_inside_it",
}
nap = test_session.nap

_SHARED = {
    name: test
    for module in (test_session, test_walls)
    for name, test in vars(module).items()
    if name.startswith("test_") and name not in _OF_THE_PROCESS
}
globals().update(_SHARED)


def test_the_shared_tests_are_still_there() -> None:
    everything = {*vars(test_session), *vars(test_walls)}
    assert everything >= _OF_THE_PROCESS
    assert len(_SHARED) > 30
