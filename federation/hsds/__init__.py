"""Programs in and out as Human Services Data Specification: 3.0 as JSON or CSV, and the older Ohana dialect of it.

What HSDS has no field for travels in ``attributes`` whose taxonomy term's code starts with ``passerelle:`` (decision 4):

- ``passerelle:requires``: one OR-group, e.g. ``clb:speaking:6|credential:assessment``; several attributes are an AND;
- ``passerelle:gives``: one item, e.g. ``clb:speaking:7``;
- ``passerelle:intake``: ``2027-01-11;weeks=12;seats=15;cost=0;region=AB-825`` (cost in cents; no region: online);
- ``passerelle:stream``, ``passerelle:weekly_hours``, ``passerelle:name:fr``, ``passerelle:description:fr``.

Contacts are never kept: they are people. What cannot be used is reported with its place; nothing else is lost.
"""

from federation.hsds.reading import read_services
from federation.hsds.records import HsdsImport, IntakeRecord, ProgramRecord
from federation.hsds.rows import RowError
from federation.hsds.writing import dumps, write_service

__all__ = ["HsdsImport", "IntakeRecord", "ProgramRecord", "RowError", "dumps", "read_services", "write_service"]
