"""What nudged owes the world for a list of events, worked out from the rules alone.

Written apart from nudged and without looking at it: the demo compares the two.
"""

import collections
import datetime
import json

Mail = collections.namedtuple("Mail", "shop recipient kind step subject_of")


def address(text):
    """An address as it is compared: without case, its domain in ASCII."""
    local, _, domain = text.strip().lower().rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def moment(event, now):
    if "occurred_at" not in event:
        return now
    return datetime.datetime.fromisoformat(event["occurred_at"].replace("Z", "+00:00")).timestamp()


def content(event):
    """What two events have to share for the second to be no news."""
    return json.dumps({k: v for k, v in event.items() if k != "occurred_at"}, sort_keys=True)


class Checkout:
    def __init__(self, event, at):
        self.shop = event.get("shop", "default")
        self.id = event.get("checkout_id") or event["order_id"]
        self.state = None
        self.hear(event, at)

    def hear(self, event, at):
        self.event, self.at = event, at
        self.email, self.customer = event["email"], event.get("customer_id")
        self.order_id = event.get("order_id")


class Order:
    def __init__(self, event, at):
        self.shop = event.get("shop", "default")
        self.id, self.checkout_id = event["order_id"], event.get("checkout_id")
        self.email, self.customer = event.get("email"), event.get("customer_id")
        self.at = at
        self.answered = None

    def closes(self, checkout):
        if self.shop != checkout.shop:
            return False
        if checkout.id in (self.checkout_id, self.id) or self.id == checkout.order_id:
            return True
        same_customer = self.customer is not None and self.customer == checkout.customer
        same_address = self.email is not None and address(self.email) == address(checkout.email)
        return (same_customer or same_address) and checkout.at <= self.at


class Expectation:
    """The shops' books: tell it the events in their order, then ask what has to arrive."""

    def __init__(self, steps, max_late):
        self.steps, self.max_late = steps, max_late
        self.checkouts, self.orders = {}, {}
        self.reminded = collections.defaultdict(set)

    def tell(self, event, now):
        at = moment(event, now)
        if event["type"] == "checkout":
            self._checkout(event, at)
        else:
            self._order(event, at)

    def _checkout(self, event, at):
        new = Checkout(event, at)
        known = self.checkouts.get((new.shop, new.id))
        if known and known.state == "ordered":
            return
        if any(order.closes(new) for order in self.orders.values()):
            new.state = "ordered"
        elif known and (at < known.at or content(event) == content(known.event)):
            return
        else:
            new.state = "cancelled" if event.get("items") == [] else "open"
        self.checkouts[new.shop, new.id] = new

    def _order(self, event, at):
        order = Order(event, at)
        is_new = (order.shop, order.id) not in self.orders
        order = self.orders.setdefault((order.shop, order.id), order)
        closed = [c for c in self.checkouts.values() if c.state != "ordered" and order.closes(c)]
        recovered = [c for c in closed if c.state == "open"]
        if is_new and recovered:
            order.answered = order.email or recovered[0].email
        for checkout in closed:
            checkout.state = "ordered"

    def saw_reminder(self, checkout, step):
        """A reminder that went out before the order did: it was right at its time."""
        self.reminded[checkout.shop, checkout.id].add(step)

    def open_checkouts(self):
        return [c for c in self.checkouts.values() if c.state == "open"]

    def reminder_steps(self, checkout, now):
        if checkout.state != "open":
            return self.reminded[checkout.shop, checkout.id]
        return {step for step, after in enumerate(self.steps, 1) if now - (checkout.at + after) <= self.max_late}

    def mails(self, now):
        """All that has to have arrived once every step's time has come. `now`: when the events were told."""
        owed = collections.Counter()
        for checkout in self.checkouts.values():
            for step in self.reminder_steps(checkout, now):
                owed[Mail(checkout.shop, address(checkout.email), "reminder", step, checkout.id)] += 1
        for order in self.orders.values():
            if order.answered:
                owed[Mail(order.shop, address(order.answered), "order", None, order.id)] += 1
        return owed
