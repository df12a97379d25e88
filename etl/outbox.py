"""The outbox: every change of state is told once, and no mail is lost while the mail server is away."""

import logging
from collections import Counter
from enum import StrEnum

from sqlalchemy import Connection, Engine, Row

from etl.db import query
from etl.mail import Attachment, Letter, MailDeferredError, MailRefusedError, Message, Send, ServerAwayError

logger = logging.getLogger(__name__)

_AWAY = 2  # mails in a row that do not find the server, before it is left in peace until the next round


class Outcome(StrEnum):
    """What became of a mail in one round."""

    SENT = "sent"
    WAITING = "waiting"
    REFUSED = "refused"
    UNDELIVERABLE = "undeliverable"


def queue_mail(conn: Connection, message: Message) -> bool:
    """Put a mail into the outbox, unless the last mail about its topic told the same state.

    So doing a period again tells nobody anything, while a report that was refused, accepted and refused again is
    told three times. Two who queue the same at once queue it once.
    """
    row = {
        "topic": f"{message.kind}:{message.topic}",
        "state": message.state,
        "kind": str(message.kind),
        "recipients": list(message.recipients),
        "subject": message.subject,
        "body_text": message.text,
        "body_html": message.html,
        "copies": [address for address in message.copies if address not in message.recipients],
    }
    mail_no = conn.execute(query("queue_mail"), row).scalar()
    for ordinal, attachment in enumerate(message.attachments if mail_no else (), start=1):
        named = {"mail_no": mail_no, "ordinal": ordinal}
        conn.execute(query("insert_mail_attachment"), named | {n: getattr(attachment, n) for n in attachment.__slots__})
    return mail_no is not None


def send_queued(engine: Engine, send: Send, *, at_most: int = 500) -> dict[str, int]:
    """Send what waits in the outbox, oldest first; count the mails by what became of them.

    Each mail is a transaction of its own that holds its row, so that two senders never send the same. What the
    server will never take is recorded and not tried again. A server that is away is no error: it ends the round when
    a second mail finds it so, for the first may be one that makes it hang up. "waiting" counts all still to be sent.
    """
    counts: Counter[str] = Counter(dict.fromkeys(map(str, Outcome), 0))
    last, times_away = 0, 0
    for _ in range(at_most):
        with engine.begin() as conn:
            row = conn.execute(query("find_mail_waiting"), {"after": last}).first()
            if row is None:
                break
            last = row.mail_no
            files = conn.execute(query("find_mail_attachment"), {"mail_no": last})
            outcome, error, is_away = _try(row, tuple(Attachment(**dict(file)) for file in files.mappings()), send)
            conn.execute(query("store_mail_outcome"), {"mail_no": last, "outcome": str(outcome), "last_error": error})
        counts[outcome] += 1
        times_away = times_away + 1 if is_away else 0
        if times_away == _AWAY:
            break
    with engine.begin() as conn:
        counts[Outcome.WAITING] = conn.execute(query("count_mail_waiting")).scalar_one()
    _log(counts, is_away=times_away > 0)
    return dict(counts)


def _try(
    row: Row[tuple[object, ...]], attachments: tuple[Attachment, ...], send: Send
) -> tuple[Outcome, str | None, bool]:
    """Send one mail; give what became of it, what the server said, and whether the server is away."""
    if not row.recipients:
        return Outcome.UNDELIVERABLE, "nobody to send it to: see recipients in town.yaml", False
    letter = Letter(
        row.state_key,
        tuple(row.recipients),
        row.subject,
        row.body_text,
        row.body_html,
        row.queued_at,
        attachments,
        tuple(row.copies),
    )
    try:
        refused = send(letter)
    except ServerAwayError as away:
        return Outcome.WAITING, str(away), True
    except MailDeferredError as deferred:
        return Outcome.WAITING, str(deferred), False
    except MailRefusedError as refusal:
        return Outcome.REFUSED, str(refusal), False
    partly = f"the mail server refused {refused} of {len(letter.everybody)} recipients" if refused else None
    return Outcome.SENT, partly, False


def _log(counts: Counter[str], *, is_away: bool) -> None:
    logger.info("mail: %s", ", ".join(f"{count} {outcome}" for outcome, count in counts.items()))
    if is_away:
        logger.warning("mail: the server is away; %s mails wait for it", counts[Outcome.WAITING])
    if lost := counts[Outcome.REFUSED] + counts[Outcome.UNDELIVERABLE]:
        logger.warning("mail: %s mails cannot be delivered: see last_error in the table mail", lost)
