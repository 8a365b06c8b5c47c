"""The guarantees of a round under change: lower bounds that follow what organisations can do alone."""

from graph.repair_alone import OwnMatching
from graph.repair_network import ResidualNetwork
from graph.repair_search import settle


class Guarantees:
    """The lower bound on each organisation's placements, exact wherever it could bind.

    ``ends`` are the hubs (P, E) between which an organisation's placements flow. A bound may stand below the true one as
    long as it has no price and the flow would meet the true one whatever it is.
    """

    def __init__(self, network: ResidualNetwork, own: OwnMatching, ends: dict[int, tuple[int, int]]) -> None:
        self.network, self.own, self.ends = network, own, ends
        self.owner_of_hub = {hub: organisation for organisation, pair in ends.items() for hub in pair}

    def relax(self) -> None:
        """Let every lower bound fall to what is surely placed alone; exact at once where the guarantee has a price."""
        network = self.network
        for organisation in sorted({key for column, key, _ in network.log if column is self.own.alone}):
            placed, served = self.ends[organisation]
            arc = network.arc_of[placed, served]
            if network.lower[arc] > self.own.alone[organisation]:
                if network.potential[placed] > network.potential[served]:
                    self._bound(organisation, self.own.resolve(organisation))
                else:
                    network.write(network.lower, arc, self.own.alone[organisation])

    def firm(self) -> bool:
        """Count exactly wherever a guarantee could bind; True if that made new excess.

        A guarantee without a price, met even if all that is owed were found, binds nothing: the round is the best with it
        or without it.
        """
        network, own = self.network, self.own
        for organisation in sorted(self._suspects()):
            placed, served = self.ends[organisation]
            owed, arc = own.debt.get(organisation, 0), network.arc_of[placed, served]
            dear = network.potential[placed] > network.potential[served]
            if owed and (dear or network.flow[arc] < own.alone[organisation] + owed):
                self._bound(organisation, own.resolve(organisation))
        return bool(network.excess)

    def _suspects(self) -> set[int]:
        """The organisations whose debt, flow or prices changed since the mark."""
        network, found = self.network, set[int]()
        for column, key, _ in network.log:
            if column is self.own.debt:
                found.add(key)
            elif column is network.flow:
                found.add(self.owner_of_hub.get(network.arc_head[key], -1))
            elif column is network.potential and key < network.hubs:
                found.add(self.owner_of_hub.get(key, -1))
            elif column is network.potentials:
                found.update(self.owner_of_hub.get(hub, -1) for hub in key[key < network.hubs].tolist())
        found.discard(-1)
        return found

    def settle_debts(self) -> None:
        """Count exactly what every organisation can place alone, and write it into the network."""
        for organisation in sorted(self.ends):
            self._bound(organisation, self.own.resolve(organisation))
        settle(self.network)

    def _bound(self, organisation: int, bound: int) -> None:
        """Move a lower bound; flow that it forbids, or no longer has to be there, becomes excess."""
        network, (placed, served) = self.network, self.ends[organisation]
        arc = network.arc_of[placed, served]
        network.write(network.lower, arc, bound)
        dear = network.potential[placed] > network.potential[served]
        if network.flow[arc] < bound or (dear and network.flow[arc] > bound):
            self._push(arc, bound - network.flow[arc])

    def _push(self, arc: int, amount: int) -> None:
        network = self.network
        network.write(network.flow, arc, network.flow[arc] + amount)
        network.add(network.arc_head[arc], amount)
        network.add(network.arc_tail[arc], -amount)
