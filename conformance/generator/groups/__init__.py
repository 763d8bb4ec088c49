"""The groups of vectors, one file each."""

from collections.abc import Callable, Iterator

from generator.cases import BundleCase, Group
from generator.groups import canonical, log, merkle, parse, row

GROUPS: tuple[Callable[[], Group], ...] = (parse.group, canonical.group, row.group, log.group, *merkle.groups)
BUNDLES: tuple[Callable[[], Iterator[BundleCase]], ...] = ()
