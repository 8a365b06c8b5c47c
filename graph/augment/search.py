"""The compiled half of the path engine: search, augment, lower the prices. Needs numba; only graph/augment/engine.py loads it.

Nodes are numbered in one row: mentees, then mentors, then groups of mentees. A group stands for "unplaced": its free
mentees wait there, and a placed mentee that falls back to the group's level may be unplaced.

Long because it is one file by need: numba looks at the file of a function alone to tell whether what it kept still holds, so
a change of what is inlined from another file would go unnoticed.
"""

# mypy: disable-error-code="untyped-decorator, no-any-return"

from functools import partial

from numba import njit

from graph.augment.columns import Levels, Marks, Match, World

_inner = partial(njit, cache=True, _nrt=False)
"""For what runs per node: nothing is allocated there, and counting references to the columns takes 9/10 of the time."""

FAR = 2**62
DEAD = 2**31 - 1
CLOCK, FOREST, SEEN, UNSURE = range(4)
"""Places in `Marks.tally`: search number, nodes that reach no seat, nodes of this search, whether it met another one."""


@_inner(forceinline=True)
def _enter(k: Marks, node: int, pointer: int) -> int:
    k.mark[node] = k.tally[CLOCK]
    k.pointer[node] = pointer
    k.seen[k.tally[SEEN]] = node
    k.tally[SEEN] += 1
    return node


@_inner(forceinline=True)
def _meets(k: Marks, node: int) -> None:
    """Note that this search ran into another one of the same pass: a failure then proves nothing."""
    if k.mark[node] != k.tally[CLOCK] and k.mark[node] != DEAD:
        k.tally[UNSURE] = 1


@_inner(forceinline=True)
def _to_group(w: World, m: Match, d: Levels, k: Marks, since: int, mentee: int) -> int:
    """Return the group in whose stead a placed mentee may give up its seat, or -1."""
    group = w.group[mentee]
    node = d.mentee.size + d.mentor.size + group
    if m.mentor_of[mentee] < 0 or d.mentee[mentee] != d.group[group]:
        return -1
    if k.on_path[node]:
        if node == k.path[0] and d.group.size > 1:
            k.tally[UNSURE] = 1
        return -1
    if m.spare[group] > 0:
        return node
    if k.mark[node] < since:
        return _enter(k, node, w.member_first[group])
    _meets(k, node)
    return node if k.mark[node] != DEAD and k.pointer[node] < w.member_first[group + 1] else -1


@_inner(forceinline=True)
def _to_free_seat(w: World, m: Match, d: Levels, k: Marks, mentee: int) -> int:
    """Return a mentor with a free seat at no loss, or -1. Seats never become free and a free one
    costs nothing: only pairs worth just the room count, and the scan never turns back."""
    room = d.mentee[mentee] - w.extra[mentee]
    scale, points = w.scale, w.points
    at, end = k.look[mentee], w.first[mentee + 1]
    while at < end and scale * points[at] > room:
        at += 1
    while at < end and scale * points[at] == room:
        mentor = w.head[at]
        free = m.taken[mentor] < w.seat_first[mentor + 1] - w.seat_first[mentor]
        if free and d.mentor[mentor] == 0:
            k.look[mentee] = at
            return d.mentee.size + mentor
        at += 1
    k.look[mentee] = end
    return -1


@_inner(forceinline=True)
def _to_mentor(w: World, m: Match, d: Levels, k: Marks, since: int, mentee: int) -> int:
    """Return a full mentor at no loss whose mentees were not all tried, or -1."""
    room = d.mentee[mentee] - w.extra[mentee]
    scale, points, head, price = w.scale, w.points, w.head, d.mentor
    at, end = k.pointer[mentee], w.first[mentee + 1]
    while at < end:
        loss = room - scale * points[at]
        if loss > 0:
            break
        mentor = head[at]
        if loss + price[mentor] == 0:
            node = d.mentee.size + mentor
            if k.mark[node] != DEAD and not k.on_path[node]:
                k.pointer[mentee] = at
                if k.mark[node] < since:
                    return _enter(k, node, w.seat_first[mentor])
                _meets(k, node)
                if k.pointer[node] < w.seat_first[mentor] + m.taken[mentor]:
                    return node
        at += 1
    k.pointer[mentee] = end
    return -1


@_inner(forceinline=True)
def _from_mentor(w: World, m: Match, k: Marks, since: int, mentor: int, node: int) -> int:
    """Return the next mentee who could leave a seat of this mentor, or -1."""
    for at in range(k.pointer[node], w.seat_first[mentor] + m.taken[mentor]):
        mentee = m.seated[at]
        if k.mark[mentee] < since:
            k.pointer[node] = at
            return _enter(k, mentee, w.first[mentee] - 1)
        _meets(k, mentee)
    k.pointer[node] = w.seat_first[mentor] + m.taken[mentor]
    return -1


@_inner(forceinline=True)
def _from_group(w: World, m: Match, d: Levels, k: Marks, since: int, group: int, node: int) -> int:
    """Return the next free mentee at the group's level, or -1."""
    for at in range(k.pointer[node], w.member_first[group + 1]):
        mentee = w.member[at]
        if m.mentor_of[mentee] < 0 and d.mentee[mentee] == d.group[group]:
            if k.mark[mentee] < since:
                k.pointer[node] = at
                return _enter(k, mentee, w.first[mentee] - 1)
            _meets(k, mentee)
    k.pointer[node] = w.member_first[group + 1]
    return -1


@_inner(forceinline=True)
def _next(w: World, m: Match, d: Levels, k: Marks, since: int, node: int) -> tuple[int, bool]:
    """Return where a path at this node can go on, -1 if nowhere, and whether it ends there."""
    mentees, mentors = d.mentee.size, d.mentor.size
    if node >= mentees + mentors:
        return _from_group(w, m, d, k, since, node - mentees - mentors, node), False
    if node >= mentees:
        return _from_mentor(w, m, k, since, node - mentees, node), False
    if k.pointer[node] < w.first[node]:
        onward = _to_group(w, m, d, k, since, node)
        if onward >= 0:
            group = onward - mentees - mentors
            ends = m.spare[group] > 0
            m.spare[group] -= int(ends)
            return onward, ends
        k.pointer[node] = w.first[node]
    if k.pointer[node] == w.first[node]:
        onward = _to_free_seat(w, m, d, k, node)
        if onward >= 0:
            return onward, True
    return _to_mentor(w, m, d, k, since, node), False


@_inner()
def _climb(w: World, m: Match, d: Levels, k: Marks, since: int, source: int) -> tuple[int, bool]:
    """Search depth first for a path from a group's free mentees to a seat or a group that can spare one.

    Return the last place of the path in ``path``, -1 if there is none, and whether any mentee's search met another's. One
    that met none and failed is closed: nothing it saw leads to a seat, now or after any augmentation at these prices.
    """
    top, doubt = 0, False
    k.path[0], k.on_path[source] = source, 1
    k.tally[SEEN] = k.tally[UNSURE] = 0
    while True:
        onward, ends = _next(w, m, d, k, since, k.path[top])
        if onward >= 0:
            top += 1
            k.path[top], k.on_path[onward] = onward, 1
            if ends:
                for at in range(top + 1):
                    k.on_path[k.path[at]] = 0
                return top, doubt
            continue
        k.on_path[k.path[top]] = 0
        top -= 1
        if top < 0:
            return -1, doubt or k.tally[UNSURE] > 0
        k.pointer[k.path[top]] += 1
        if top == 0:
            doubt = doubt or k.tally[UNSURE] > 0
            _close(k)


@_inner(forceinline=True)
def _close(k: Marks) -> None:
    """End one mentee's search; what it saw is dead unless it met another search."""
    if not k.tally[UNSURE]:
        for at in range(k.tally[SEEN]):
            node = k.seen[at]
            k.mark[node] = DEAD
            k.forest[k.tally[FOREST]] = node
            k.tally[FOREST] += 1
    k.tally[SEEN] = k.tally[UNSURE] = 0
    k.tally[CLOCK] += 1


@_inner()
def _close_all(k: Marks, since: int) -> None:
    """End a pass in which nobody found a path: searches that met one another are closed together."""
    for node in range(k.mark.size):
        if since <= k.mark[node] < DEAD:
            k.mark[node] = DEAD
            k.forest[k.tally[FOREST]] = node
            k.tally[FOREST] += 1


@_inner()
def _augment(w: World, m: Match, k: Marks, top: int) -> None:
    """Move everyone along the path: each mentee takes the seat of the next, the last a free one, or none."""
    mentees, mentors = m.mentor_of.size, m.taken.size
    for at in range(top):
        mentee, onward = k.path[at], k.path[at + 1]
        if mentee >= mentees:
            continue
        if onward >= mentees + mentors:
            m.mentor_of[mentee] = -1
            continue
        mentor = onward - mentees
        if at + 1 == top:
            seat = w.seat_first[mentor] + m.taken[mentor]
            m.taken[mentor] += 1
        else:
            seat = m.seat_of[k.path[at + 2]]
        m.mentor_of[mentee], m.seat_of[mentee], m.seated[seat] = mentor, seat, mentee


@njit(cache=True)
def _fill(w: World, m: Match, d: Levels, k: Marks) -> None:
    """Augment at the present prices until no path is left: passes, in which no node is searched twice."""
    k.mark[:], k.look[:] = -1, w.first[:-1]
    k.tally[CLOCK] = k.tally[FOREST] = 0
    again = True
    while again:
        again, gained, since = False, False, k.tally[CLOCK]
        for group in range(d.group.size):
            source = d.mentee.size + d.mentor.size + group
            if m.need[group] <= 0 or k.mark[source] == DEAD:
                continue
            # Where another group's search went through this one before, it goes on where that one stopped: of the mentees
            # tried then nothing is proven, so that finding no path here closes nothing yet.
            doubt = k.mark[source] >= since
            if not doubt:
                k.pointer[source] = w.member_first[group]
            while m.need[group] > 0:
                k.mark[source] = k.tally[CLOCK]
                top, met = _climb(w, m, d, k, since, source)
                k.tally[CLOCK] += 1
                doubt = doubt or met
                if top < 0:
                    break
                _augment(w, m, k, top)
                m.need[group] -= 1
                gained = True
            if m.need[group] > 0 and not doubt:
                k.mark[source], k.forest[k.tally[FOREST]] = DEAD, source
                k.tally[FOREST] += 1
            again = again or (m.need[group] > 0 and doubt)
        if again and not gained:
            _close_all(k, since)
            return


@njit(cache=True)
def _slack(w: World, m: Match, d: Levels, k: Marks) -> int:
    """Return by how much the forest's prices may fall before a new node can be reached; FAR if none ever can."""
    mentees, mentors = d.mentee.size, d.mentor.size
    scale, points, head, price, mark = w.scale, w.points, w.head, d.mentor, k.mark
    slack = FAR
    for node in k.forest[: k.tally[FOREST]]:
        if node >= mentees + mentors:
            group = node - mentees - mentors
            slack = min(slack, d.group[group] - d.floor[group])
            for mentee in w.member[w.member_first[group] : w.member_first[group + 1]]:
                if m.mentor_of[mentee] < 0 and k.mark[mentee] != DEAD:
                    slack = min(slack, d.group[group] - d.mentee[mentee])
        elif node < mentees:
            group = w.group[node]
            if m.mentor_of[node] >= 0 and k.mark[mentees + mentors + group] != DEAD:
                slack = min(slack, d.mentee[node] - d.group[group])
            room = d.mentee[node] - w.extra[node]
            for at in range(w.first[node], w.first[node + 1]):
                loss = room - scale * points[at]
                if loss >= slack:
                    break
                if mark[mentees + head[at]] != DEAD:
                    slack = min(slack, loss + price[head[at]])
        if slack == 1:
            break
    return slack


@njit(cache=True)
def settle(w: World, m: Match, d: Levels, k: Marks) -> bool:
    """Place as many as the groups need, at least cost; return False if some need can never be met.

    Primal-dual (Kuhn, Munkres; Ahuja, Magnanti and Orlin, Network Flows, 1993, section 9.8): fill at the present prices,
    then lower all prices the search reached, until every need is met or its group's level is at its floor.
    """
    mentees, mentors = d.mentee.size, d.mentor.size
    while m.need.max() > 0:
        _fill(w, m, d, k)
        if m.need.max() <= 0:
            break
        slack = _slack(w, m, d, k)
        if slack >= FAR:
            return False
        for node in k.forest[: k.tally[FOREST]]:
            if node < mentees:
                d.mentee[node] -= slack
            elif node < mentees + mentors:
                d.mentor[node - mentees] += slack
            else:
                d.group[node - mentees - mentors] -= slack
        for group in range(d.group.size):
            # Also a group whose own need is met falls with a search that went through it; at its floor it gives seats up.
            if d.group[group] <= d.floor[group]:
                m.need[group], m.spare[group] = 0, mentees
    return True
