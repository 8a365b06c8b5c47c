"""What each organisation can place alone, kept true from change to change: one augmenting path in its own pairs."""

from collections.abc import Iterable

from graph.repair_network import ResidualNetwork


class OwnMatching:
    """A maximum matching with seats of every organisation's mentees and its own mentors.

    ``home`` is the organisation each mentor serves first (-1: donated), ``organisation`` that of each mentee. Writes go
    through the network's log, so that its `undo` takes them back as well. Each update is one search (Berge's theorem: a
    matching is largest if and only if no augmenting path exists), O(own pairs) at worst.
    """

    def __init__(self, network: ResidualNetwork, organisation: list[int], home: list[int], organisations: int) -> None:
        self.network, self.organisation, self.home = network, organisation, home
        self.alone = [0] * organisations
        self.mentor_of: dict[int, int] = {}
        self.held: dict[int, list[int]] = {}

    def match(self, mentee: int, mentor: int) -> None:
        """Join a pair."""
        self.network.write(self.mentor_of, mentee, mentor)
        self.network.write(self.held, mentor, [*self.held.get(mentor, ()), mentee])

    def part(self, mentee: int) -> int:
        """Take a pair apart; return its mentor."""
        mentor = self.mentor_of[mentee]
        self.network.log.append((self.mentor_of, mentee, mentor))
        del self.mentor_of[mentee]
        self.network.write(self.held, mentor, [other for other in self.held[mentor] if other != mentee])
        return mentor

    def count(self, organisation: int, change: int) -> None:
        """Change what an organisation can place alone."""
        self.network.write(self.alone, organisation, self.alone[organisation] + change)

    def take_out(self, mentee: int) -> None:
        """A mentee is gone: its mentor may serve another one."""
        organisation = self.organisation[mentee]
        self.network.write(self.organisation, mentee, -1)
        if mentee in self.mentor_of:
            mentor = self.part(mentee)
            self.count(organisation, -1)
            self.fill(mentor)

    def forbid(self, mentee: int, mentor: int) -> None:
        """A pair (already out of the rows) is no more."""
        if self.mentor_of.get(mentee) == mentor:
            self.part(mentee)
            self.count(self.organisation[mentee], -1)
            if not self.place(mentee):
                self.fill(mentor)

    def lose_seats(self, mentor: int) -> None:
        """The mentor's seats (already fewer) hold only so many."""
        for mentee in self.held.get(mentor, ())[self.network.seats[mentor] :]:
            self.part(mentee)
            self.count(self.organisation[mentee], -1)
            self.place(mentee)

    def place(self, mentee: int) -> bool:
        """Search forward from an unmatched mentee for a free seat; True if the organisation can place one more."""
        organisation, first = self.organisation[mentee], self.network.hubs + 1
        reached_by: dict[int, int] = {}
        queue = [mentee]
        for one in queue:
            for node, _ in self.network.row(one):
                mentor = (node - first) // 2
                if mentor in reached_by or self.home[mentor] != organisation:
                    continue
                reached_by[mentor] = one
                if len(self.held.get(mentor, ())) < self.network.seats[mentor]:
                    self._shift(mentee, mentor, reached_by)
                    self.count(organisation, 1)
                    return True
                queue += self.held.get(mentor, ())
        return False

    def _shift(self, mentee: int, mentor: int, reached_by: dict[int, int]) -> None:
        while True:
            one = reached_by[mentor]
            before = self.part(one) if one != mentee else mentor
            self.match(one, mentor)
            if one == mentee:
                return
            mentor = before

    def fill(self, mentor: int) -> bool:
        """Search backward from a free seat for an unmatched mentee; True if the organisation can place one more."""
        organisation = self.home[mentor]
        if organisation < 0 or len(self.held.get(mentor, ())) >= self.network.seats[mentor]:
            return False
        moves_to: dict[int, int] = {}
        opened_by: dict[int, int] = {}
        queue = [mentor]
        for one in queue:
            for node, _ in self.network.column(one):
                mentee = (node - self.network.hubs) // 2
                if mentee in moves_to or self.organisation[mentee] != organisation:
                    continue
                moves_to[mentee] = one
                before = self.mentor_of.get(mentee)
                if before is None:
                    self._pull(mentee, mentor, moves_to, opened_by)
                    self.count(organisation, 1)
                    return True
                if before != mentor and before not in opened_by:
                    opened_by[before] = mentee
                    queue.append(before)
        return False

    def _pull(self, mentee: int, free: int, moves_to: dict[int, int], opened_by: dict[int, int]) -> None:
        while True:
            mentor = moves_to[mentee]
            following = opened_by[mentor] if mentor != free else mentee
            if mentor != free:
                self.part(following)
            self.match(mentee, mentor)
            if mentor == free:
                return
            mentee = following

    def start(self, pairs: Iterable[tuple[int, int]]) -> None:
        """Begin with a largest matching."""
        for mentee, mentor in pairs:
            self.match(mentee, mentor)
            self.alone[self.organisation[mentee]] += 1
