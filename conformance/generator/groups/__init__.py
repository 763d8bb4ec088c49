"""The groups of vectors, one file each."""

from generator.groups import canonical, log, merkle, parse, row

GROUPS = (parse.group, canonical.group, row.group, log.group, *merkle.groups)
BUNDLES = ()
