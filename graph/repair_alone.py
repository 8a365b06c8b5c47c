"""What each organisation can place alone, kept from change to change: counted exactly only where it could matter."""

from collections.abc import Iterable

from graph.repair_network import ResidualNetwork


class OwnMatching:
    """A matching with seats of every organisation's mentees and its own mentors: largest, once its debt is settled.

    ``home`` is the organisation each mentor serves first (-1: donated), ``organisation`` that of each mentee. A change at
    once drops what it forbids; ``alone`` is the size left, and ``debt`` by how much the largest matching may exceed it. The
    searches that find out are put off until `resolve`: a path that enlarges the matching must end at a person whom a
    change touched (Berge's theorem), so one search from each of those is enough. Writes go through the network's log, so
    that its `undo` takes them back as well.
    """

    def __init__(self, network: ResidualNetwork, organisation: list[int], home: list[int], organisations: int) -> None:
        self.network, self.organisation, self.home = network, organisation, home
        self.alone = [0] * organisations
        self.mentor_of: dict[int, int] = {}
        self.held: dict[int, list[int]] = {}
        self.debt: dict[int, int] = {}
        self.touched: dict[int, tuple[tuple[int, ...], tuple[int, ...]]] = {}

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

    def owe(
        self, organisation: int, most: int, *, mentees: tuple[int, ...] = (), mentors: tuple[int, ...] = ()
    ) -> None:
        """Remember that the matching may grow by so many, from these people."""
        if organisation < 0 or not most:
            return
        before = self.touched.get(organisation, ((), ()))
        self.network.write(self.touched, organisation, (before[0] + mentees, before[1] + mentors))
        self.network.write(self.debt, organisation, self.debt.get(organisation, 0) + most)

    def resolve(self, organisation: int) -> int:
        """Settle the debt; return how many mentees the organisation can place alone. O(own pairs) per person touched."""
        mentees, mentors = self.touched.get(organisation, ((), ()))
        for mentee in mentees:
            if mentee not in self.mentor_of and self.organisation[mentee] == organisation:
                self.place(mentee)
        for mentor in mentors:
            while self.fill(mentor):
                pass
        self.network.write(self.touched, organisation, ((), ()))
        self.network.write(self.debt, organisation, 0)
        return self.alone[organisation]

    def take_out(self, mentee: int) -> None:
        """A mentee is gone: its mentor may serve another one."""
        organisation = self.organisation[mentee]
        self.network.write(self.organisation, mentee, -1)
        if mentee in self.mentor_of:
            self.count(organisation, -1)
            self.owe(organisation, 1, mentors=(self.part(mentee),))

    def forbid(self, mentee: int, mentor: int) -> None:
        """A pair (already out of the rows) is no more."""
        if self.mentor_of.get(mentee) == mentor:
            self.part(mentee)
            self.count(self.organisation[mentee], -1)
            self.owe(self.organisation[mentee], 1, mentees=(mentee,), mentors=(mentor,))

    def lose_seats(self, mentor: int) -> None:
        """The mentor's seats (already fewer) hold only so many."""
        for mentee in self.held.get(mentor, ())[self.network.seats[mentor] :]:
            self.part(mentee)
            self.count(self.organisation[mentee], -1)
            self.owe(self.organisation[mentee], 1, mentees=(mentee,))

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
