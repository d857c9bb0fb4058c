"""Division of whole seats by votes, as Karmada does it (pkg/util/helper/webstermethod.go).

Webster's (Sainte-Laguë) method: each seat goes to the party with the greatest quotient
`votes / (2 * seats + 1)` in double precision; equal quotients go to the party with fewer seats,
then by name.
"""

from collections.abc import Mapping
from heapq import heapify, heapreplace


def divide(seats: int, votes: Mapping[str, int], uid: str) -> dict[str, int]:
    """Return the seats of every party, ordered by name; empty when nobody has votes.

    `uid` is the object's UID: an odd FNV-1a hash of it turns the order of names round in ties.
    """
    total = sum(votes.values())
    if total <= 0:
        return {}
    names = sorted(votes)
    won = _certain(seats, [votes[name] for name in names], total)
    sign = -1 if _favours_last_name(uid) else 1
    queue = [
        (-votes[name] / (2 * won[index] + 1), won[index], sign * index, float(votes[name]))
        for index, name in enumerate(names)
    ]
    heapify(queue)
    for _ in range(seats - sum(won)):
        _, mine, order, weight = queue[0]
        heapreplace(queue, (-weight / (2 * mine + 3), mine + 1, order, weight))
    for _, mine, order, _ in queue:
        won[sign * order] = mine
    return dict(zip(names, won, strict=True))


def _certain(seats: int, votes: list[int], total: int) -> list[int]:
    """Return seats that each party wins whatever the ties, all but a few per party.

    Handing out one seat at a time would take long for a huge number of replicas. At most `seats`
    quotients lie above `total / (2 * seats - parties)`, so all of those win. One party's quotients
    there are further apart than doubles round, which a margin of two seats covers.
    """
    scale = 2 * seats - len(votes)
    if scale <= 0:
        return [0] * len(votes)
    return [max(0, (vote * scale - total) // (2 * total) - 2) for vote in votes]


def _favours_last_name(uid: str) -> bool:
    # FNV-1a with an odd prime: the lowest bit is that of the offset basis (1), flipped by each
    # byte with an odd code.
    return bool(uid) and sum(uid.encode()) % 2 == 0
