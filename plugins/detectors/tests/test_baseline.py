"""What is ordinary is learned slowly, from many runs, and forgotten."""

from __future__ import annotations

from occasio_detectors.baseline import BUCKETS, MATURE, RUN_SHARE, Baseline, Bounds, seldom_reached

BOUNDS = Bounds(floor=6, cold=8, ceiling=40)


def learned(*counts: int, share: int = 1) -> Baseline:
    """Return a baseline that was told these counts, `share` of them by each run."""
    baseline = Baseline(BOUNDS)
    for number, count in enumerate(counts):
        baseline.add(count, f"run {number // share}")
    return baseline


def test_nothing_is_known_in_the_beginning() -> None:
    baseline = learned(*[3] * (MATURE - 1))
    assert not baseline.is_mature
    baseline.add(3, "another")
    assert baseline.is_mature


def test_quiet_work_leaves_the_floor() -> None:
    assert learned(*[0] * 20).ordinary().threshold == BOUNDS.floor


def test_busy_work_lifts_the_threshold_above_what_is_usual() -> None:
    ordinary = learned(*[20, 24, 22, 30, 18, 26] * 4).ordinary()
    assert ordinary.middle == 23
    assert 40 < ordinary.threshold < 60


def test_the_tail_of_the_poisson_distribution_is_exact() -> None:
    # P(X >= 8 | 1) = 1.02e-5, P(X >= 9 | 1) = 1.1e-6; P(X >= 15 | 4) = 2.0e-5, P(X >= 16 | 4) = 5.1e-6
    assert [seldom_reached(mean) for mean in (0, 1, 4)] == [1, 9, 16]
    assert 1000 < seldom_reached(1000) < 1500


def test_a_few_strange_buckets_move_it_little() -> None:
    calm = [2, 3, 1, 2, 4, 2, 3, 2, 1, 2]
    before = learned(*calm * 4).ordinary()
    after = learned(*calm * 4, 500, 500, 500).ordinary()
    assert after.middle == before.middle
    assert after.threshold < 1.5 * before.threshold


def test_155_one_run_has_a_limited_share() -> None:
    baseline = learned(*[1] * 90)
    for _ in range(1000):
        baseline.add(1000, "attacker")
    assert sum(run == "attacker" for run, _ in baseline._buckets) == RUN_SHARE
    assert baseline.ordinary().threshold < 2 * BOUNDS.floor


def test_155_what_one_run_has_learned_alone_lifts_nothing_above_the_ceiling() -> None:
    baseline = Baseline(BOUNDS)
    for _ in range(50):
        baseline.add(10_000, "only")
    assert baseline.ordinary().threshold <= BOUNDS.ceiling


def test_what_is_old_is_forgotten() -> None:
    baseline = learned(*[30] * BUCKETS)
    for number in range(BUCKETS):
        baseline.add(0, f"new {number}")
    assert baseline.ordinary().threshold == BOUNDS.floor
    assert len(baseline._buckets) == BUCKETS
    assert len(baseline._shares) == BUCKETS
