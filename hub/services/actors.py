"""Who acts: every service that touches people takes this, so no query can forget the organisation."""

from dataclasses import dataclass

from federation.problems import Problem


@dataclass(frozen=True, slots=True)
class Actor:
    """Someone a door has identified.

    ``name`` is an account or client id for the audit log, never a person's name. ``organisation_id`` is empty only for
    network operators and for the hub itself.
    """

    name: str
    role: str
    organisation_id: str | None = None

    @property
    def organisation(self) -> str:
        """The acting organisation.

        Raises
        ------
        Problem
            ``not-allowed`` for an actor who belongs to none: operators see health, not people.
        """
        if self.organisation_id is None:
            raise Problem("not-allowed", "Sign in as a member of an organisation: operators do not see people.")
        return self.organisation_id


def hub_itself(task: str) -> Actor:
    """The hub acting on a schedule or from its command line; ``task`` names it in the audit log."""
    return Actor(name=task, role="hub")
