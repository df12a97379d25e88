"""Which part each measure of a form plays, so that its figures can be told in a sentence and drawn."""

from dataclasses import dataclass

from etl.forms import Form


@dataclass(frozen=True, slots=True)
class Roles:
    """The measures of a form by what they say of a stock: total = opening + incoming = done + closing.

    `in_time` and `overdue` are the parts of `done`. *Missing*: None where no rate of the form tells them apart.
    """

    total: str
    incoming: str
    opening: str
    done: str
    closing: str
    in_time: str | None = None
    overdue: str | None = None

    @property
    def measures(self) -> tuple[str, ...]:
        names = (self.total, self.opening, self.done, self.in_time, self.overdue, self.closing)
        return tuple(name for name in names if name)

    @property
    def is_official(self) -> bool:
        """Tell whether the form is of the kind that officials report in one sentence."""
        return self.in_time is not None


def find_roles(form: Form) -> Roles | None:
    """Derive the parts from the form's roll-forwards, balances and rates. *Missing*: None where they do not say it."""
    flow = form.stock_flow
    if flow is None or len(flow.coming) != 1 or len(flow.going) != 1:
        return None
    (incoming,), (done,) = flow.coming, flow.going
    for rate in form.rates:
        for balance in form.balances:
            if rate.whole == done == balance.total and rate.part in balance.parts and len(balance.parts) == 2:
                (overdue,) = set(balance.parts) - {rate.part}
                return Roles(flow.total, incoming, flow.opening, done, flow.closing, rate.part, overdue)
    return Roles(flow.total, incoming, flow.opening, done, flow.closing)
