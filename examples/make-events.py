#!/usr/bin/env python3
"""Writes examples/events.ndjson: two hundred events as shops of several kinds send them.

    python3 examples/make-events.py > examples/events.ndjson

The same two hundred every time. Most say no `occurred_at`, so the moment of the import is theirs and the file works at
any time of day; those that do lie well in the past.
"""

import json
import random
import re
import sys
import uuid
from decimal import Decimal

TOTAL = 200
dice = random.Random(20_261_122)


class Shop:
    """One shop: what it sells, what it calls things, and what it bothers to tell."""

    def __init__(self, name, site, currency, decimals, products, people, **habits):
        self.name = name
        self.site = site
        self.currency = currency
        self.decimals = decimals
        self.products = products
        self.people = list(people)
        self.habits = habits
        self.serial = habits.get("first_serial", 1000)

    def number(self):
        self.serial += dice.randint(1, 9)
        return self.serial

    def checkout_id(self):
        style = self.habits["ids"]
        if style == "uuid":
            return str(uuid.UUID(int=dice.getrandbits(128), version=4))
        return style.format(n=self.number(), r=dice.getrandbits(48))

    def amount(self, minor):
        value = Decimal(minor).scaleb(-self.decimals)
        return f"@@{value}@@" if self.habits.get("numbers") else str(value)

    def person(self):
        return self.people.pop(0)

    def items(self, count):
        chosen = dice.sample(self.products, min(count, len(self.products)))
        return [(title, minor, dice.choice([1, 1, 1, 1, 2, 2, 3])) for title, minor in chosen]


def slug(text):
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return plain[:40].strip("-") or f"p{sum(map(ord, text)) % 9000 + 1000}"


def item(shop, title, minor, quantity):
    line = {"name": title, "quantity": quantity}
    if minor is not None:
        line["price"] = shop.amount(minor)
    if shop.habits.get("pictures"):
        line["image_url"] = f"https://cdn.{shop.site}/img/{slug(title)}.jpg"
    if shop.habits.get("links"):
        line["url"] = f"https://{shop.site}/p/{slug(title)}"
    return line


def goods(shop, items):
    fields = {"items": [item(shop, *entry) for entry in items]}
    priced = [minor * quantity for _, minor, quantity in items if minor is not None]
    if priced and shop.habits.get("totals", True):
        fields["total"] = shop.amount(sum(priced))
    if shop.currency:
        fields["currency"] = shop.currency
    return fields


def checkout(shop, key, person, items, **more):
    """A checkout event, in the order in which a shop would write its fields."""
    name, email, customer = person
    event = {"type": "checkout"}
    if shop.name != "default":
        event["shop"] = shop.name
    event["order_id" if shop.habits.get("order_ids") else "checkout_id"] = key
    event["email"] = email
    if name and shop.habits.get("names", True):
        event["name"] = name
    if customer:
        event["customer_id"] = customer
    for field in ("locale", "time_zone"):
        if field in shop.habits:
            event[field] = shop.habits[field]
    if shop.habits.get("url"):
        event["url"] = shop.habits["url"].format(site=shop.site, id=key)
    event |= goods(shop, items) if items is not None else {}
    if "metadata" in shop.habits:
        event["metadata"] = shop.habits["metadata"](dice)
    return event | more


def order(shop, person, **more):
    name, email, customer = person
    event = {"type": "order"}
    if shop.name != "default":
        event["shop"] = shop.name
    event["order_id"] = more.pop("order_id", None) or shop.habits.get("orders", "{n}").format(n=shop.number())
    event |= more
    return event


NORDLICHT = Shop(
    "nordlicht", "nordlicht.example", "EUR", 2,
    [
        ("Pendelleuchte „Sturmhaube“, Messing gebürstet", 18900), ("Kaffeebecher Hafenblau", 1650),
        ("Leinengeschirrtuch, 2er-Set", 2490), ("Teelicht Ebbe & Flut", 990), ("Wolldecke Amrum 140 × 200 cm", 12900),
        ("Kerzenständer aus Eiche", 3450), ("Salzfässchen", 1290), ("Bodenvase „Deichkrone“", 7995),
        ("Glühlampe E27, dimmbar, 2700 K", 1149), ("Gutschein zum Selbstausdrucken 🎁", 5000),
        ("Fußmatte „Moin“", 2995), ("Brotkasten mit Schneidebrett", 6490),
    ],
    [
        ("Anneliese Großmann", "anneliese.grossmann@example.com", "K-20417"),
        ("Jörg Öztürk", "joerg.oeztuerk@example.org", "K-20418"),
        ("Maike von der Heydt-Übelacker", "m.heydt@example.net", "K-19002"),
        ("Dr. Friederike Maßmann-Schätzle", "praxis@massmann.example", None),
        ("Björn", "bjoern+shop@example.com", None), ("Željka Čović", "zeljka.covic@example.com", "K-21555"),
        ("Søren Kjærgård", "soeren@kjaergaard.example", "K-21560"), ("Łukasz Wójcik", "lwojcik@example.org", None),
        ("Nguyễn Thị Minh Khai", "minhkhai@example.net", "K-21601"), ("İpek Yıldırım", "ipek.y@example.com", None),
        ("Heinz-Günther Ö.", "HEINZ.OE@Example.COM", "K-1"), ("Zoë 🌸", "zoe@blumen.example", None),
        ("Antonín Dvořák", "antonin@example.net", "K-21777"), ("Þórdís Ævarsdóttir", "thordis@example.org", "K-21780"),
        ("Tuğba Şahin", "tugba@example.com", None), ("Karl Müller", "info@müller.example", None),
        ("Ottilie Brandt", "ottilie@example.com", "K-21801"), ("Fiete Petersen", "fiete@example.net", "K-21802"),
        ("Rosa Lindqvist", "rosa.l@example.org", None), ("Wiebke Claasen", "wiebke@example.com", "K-21806"),
        ("Ahmet Kılıç", "ahmet.kilic@example.net", None), ("Ines Sauer", "ines@example.org", "K-21810"),
        ("Þorgeir", "thorgeir@example.com", None), ("Gräfin zu Löwenstein-Wertheim-Freudenberg", "graefin@example.net", None),
        ("Mehmet-Can Yılmaz", "mc.yilmaz@example.org", "K-21822"), ("Jule 💡", "jule@example.com", "K-21823"),
    ],
    ids="uuid", orders="NL-2026-{n}", first_serial=48_100, pictures=True, links=True, locale="de-DE",
    time_zone="Europe/Berlin", url="https://{site}/kasse/{id}?quelle=erinnerung",
)

KISSA = Shop(
    "kissa", "kissa-bungu.example", "JPY", 0,
    [
        ("万年筆「夜間飛行」細字", 19800), ("原稿用紙 A4 100枚", 1320), ("インク瓶 50ml 月夜", 1980), ("測量野帳", 253),
        ("鉛筆 2B 12本セット", 1056), ("消しゴム（猫型）🐈", 330), ("革のペンケース　手縫い", 8800), ("和紙の便箋と封筒", 770),
        ("卓上カレンダー2027年版", 1540), ("ガラスペン「霧」", 4950), ("クリップ 20個入り", 198),
    ],
    [
        ("佐藤 花子", "hanako.sato@example.com", "88121"), ("高橋健一", "takahashi@example.org", "88122"),
        ("김민준", "minjun.kim@example.com", "88130"), ("李小龍", "li.xiaolong@example.net", "88131"),
        ("渡邊 さくら", "sakura.watanabe@example.com", "88144"), ("Emma O'Brien", "emma.obrien@example.com", "88150"),
        ("山田太郎", "taro@example.org", "88160"), ("王秀英", "wang.xiuying@example.com", "88161"),
        ("박서연", "seoyeon@example.net", "88170"), ("小林 葵", "aoi.k@example.com", "88171"),
        ("中村 翔", "sho.nakamura@example.org", "88180"), ("𠮷野 家康", "yoshino@example.com", "88181"),
        ("陳大文", "chan.taiman@example.org", "88190"), ("伊藤 結衣", "yui.ito@example.net", "88191"),
        ("松本 蓮", "ren.m@example.com", "88195"), ("森 美咲", "misaki@example.org", "88196"),
        ("최지우", "jiwoo@example.com", "88201"), ("斉藤　ゆうこ", "yuko.saito@example.net", "88202"),
        ("林志玲", "lin@example.org", "88203"), ("Renée 鈴木", "renee.suzuki@example.com", "88204"),
    ],
    ids="{n}", orders="{n}", first_serial=2_026_000, numbers=True, pictures=True, locale="ja-JP",
    time_zone="Asia/Tokyo", url="https://{site}/cart?id={id}",
)

SOUK = Shop(
    "souk", "souk-alsalmiya.example", "KWD", 3,
    [
        ("عطر العود الملكي ١٠٠ مل", 24750), ("تمر سكري فاخر – ١ كغ", 3250), ("بخور المعمول", 5500),
        ("دلة قهوة نحاسية", 18000), ("قهوة عربية بالهيل ٢٥٠ غ", 2875), ("سجادة صلاة مخملية", 9990),
        ("زعفران إيراني أصلي ٥ غ", 6125), ("Oud & Rose gift box (هدية)", 31500), ("فنجان قهوة، طقم ٦ قطع", 7450),
    ],
    [
        ("فاطمة الزهراء", "fatima@example.com", "c/311"), ("محمد عبد الرحمن الصباح", "m.alsabah@example.org", "c/312"),
        ("نورة", "noura@example.net", "c/320"), ("يوسف إبراهيم", "yousef.i@example.com", "c/321"),
        ("رؤى المطيري", "ruaa@example.org", "c/330"), ("Priya Nair", "priya.nair@example.com", "c/331"),
        ("שרה לוי", "sara.levi@example.net", "c/340"), ("علی رضایی", "ali.rezaei@example.com", "c/341"),
        ("عائشة بنت خالد", "aisha@example.org", "c/350"), ("דוד בן־גוריון", "david@example.com", "c/351"),
        ("مريم", "maryam@example.net", "c/360"), ("سلطان العجمي", "sultan@example.com", "c/361"),
        ("تالا", "tala@example.org", "c/370"), ("אביגיל כהן", "avigail@example.com", "c/371"),
        ("شہزاد احمد", "shahzad@example.net", "c/380"), ("ܐܫܘܪ", "ashur@example.org", "c/381"),
    ],
    ids="SK{n:07d}", orders="SKO{n:07d}", first_serial=55_000, pictures=True, locale="ar-KW",
    time_zone="Asia/Kuwait", url="https://{site}/ar/checkout/{id}",
)

CHANDNI = Shop(
    "chandni-chowk", "chandnichowk.example", "INR", 2,
    [
        ("हाथ से बुना बनारसी रेशमी दुपट्टा", 349900),
        ("Handwoven Pure Cotton Double Bedsheet with Two Pillow Covers, Jaipuri Block Print, King Size 108 × 108 inch, "
         "300 Thread Count, Fade-Resistant Natural Dyes, Indigo Blue with Marigold Border, Set of 3 (Machine Washable, "
         "Ships in 2 to 4 Days, Cash on Delivery Available in Select Cities)", 189900),
        ("मसाला चाय 500 ग्राम", 42500), ("Brass diya set of 4 🪔", 59900), ("কাঁথা সেলাই কুশন কভার", 79900),
        ("தஞ்சாவூர் தலையாட்டி பொம்மை", 65000), ("Kolhapuri chappal – size 9", 124900), ("Steel tiffin, 3 tier", 89950),
    ],
    [
        ("आरव शर्मा", "aarav.sharma@example.com", "919800000001"), ("প্রিয়াঙ্কা সেন", "priyanka.sen@example.org", "919800000002"),
        ("தமிழ்ச்செல்வி", "tamil@example.net", "919800000003"), ("Rahul", "rahul_k_1987@example.com", "919800000004"),
        ("ਗੁਰਪ੍ਰੀਤ ਕੌਰ", "gurpreet@example.com", "919800000005"), ("Meera D'Souza", "meera@example.org", "919800000006"),
        ("വിഷ്ണു നായർ", "vishnu@example.net", "919800000007"), ("ගයාන් පෙරේරා", "gayan@example.com", "919800000008"),
        ("ሰላም በቀለ", "selam@example.org", "919800000009"), ("Sana Qureshi", "sana.q@example.com", "919800000010"),
        ("ಕಾವ್ಯ ಗೌಡ", "kavya@example.net", "919800000011"), ("Joseph Lalrinawma", "joseph.l@example.org", "919800000012"),
        ("સ્નેહા પટેલ", "sneha@example.com", "919800000013"),
    ],
    ids="cart_{r:012x}", orders="CC/{n}", first_serial=7_700, pictures=True, links=True, locale="hi-IN",
    time_zone="Asia/Kolkata", url="https://{site}/resume/{id}?utm_source=reminder&utm_medium=email",
    metadata=lambda d: {"utm": {"source": d.choice(["insta", "whatsapp", "google"]), "campaign": "diwali-2026 ✨"},
                        "cod": d.random() < 0.5},
)

# Says the least that can be said: an id and an address, now and then a thing without a price.
PLAIN = Shop(
    "default", "shop.example", None, 2,
    [("Mug", None), ("T-shirt (M)", None), ("Sticker pack", None), ("Tote bag", None), ("Poster", None)],
    [(None, f"{local}@example.com", None) for local in (
        "ann", "bob", "carol.diaz", "d", "erin+cart", "frank_1", "grace-h", "heidi", "ivan", "judy", "mallory",
        "niaj", "olivia", "peggy", "rupert", "sybil", "trent", "trudy", "victor", "walter", "x", "yves.saint", "zoe")],
    ids="c-{n}", orders="o-{n}", names=False, totals=False,
)

# Sells by the boxful, has had its software since the nineties, and knows its checkouts by order number.
PARTSBIN = Shop(
    "partsbin", "partsbin.example", "GBP", 2,
    [(f"{kind} {size}, {finish} (pack of {pack})", price) for kind, price, pack in (
        ("Hex bolt DIN 933", 845, 100), ("Washer DIN 125", 310, 250), ("Nyloc nut DIN 985", 525, 100),
        ("Threaded rod 1 m", 399, 1), ("Self-tapping screw", 615, 200))
     for size in ("M4", "M5", "M6", "M8", "M10", "M12") for finish in ("A2 stainless", "zinc plated")],
    [
        ("Accounts Payable", "ap@widgets.example", "ACC0001"), ("R. Patel & Sons Ltd", "orders@patel.example", "ACC0002"),
        ("Siobhán Ní Bhriain", "siobhan@workshop.example", "ACC0017"), ("J SMITH", "j.smith@example.co.uk", "ACC0099"),
        ("Goods Inward", "goods-inward@lathe.example", "ACC0121"), ("Eilidh MacLeòid", "eilidh@croft.example", "ACC0130"),
        ("O. K. Fasteners", "ok@fasteners.example", "ACC0131"), ("Bletchley Makers", "hello@makers.example", "ACC0140"),
    ],
    ids="{n:08d}", orders="{n:08d}", order_ids=True, first_serial=310_442, locale="en-GB",
    time_zone="Europe/London", metadata=lambda d: {"vat": "GB000000000", "po": f"PO-{d.randint(100, 999)}",
                                                   "lines": [1, 2, 3], "rep": None},
)

FROMAGE = Shop(
    "fromagerie", "fromagerie-du-coin.example", "EUR", 2,
    [
        ("Comté 18 mois d’affinage, la pièce de 500 g", 1790), ("Saint-Nectaire fermier", 1240), ("Beurre cru demi-sel", 480),
        ("Plateau « Apéro entre amis » 🧀🍷", 3900), ("Crottin de Chavignol", 350), ("Roquefort AOP", 820),
        ("Confiture de figues à l’ancienne", 590), ("Couteau à fromage, manche en olivier", 2450),
    ],
    [
        ("Élodie Lefèvre", "elodie.lefevre@example.com", None), ("Jean-François d'Hérouville", "jf@herouville.example", None),
        ("Maëlys", "maelys@example.org", None), ("François-Xavier Ñuñez", "fx.nunez@example.net", None),
        ("Αγγελική Παπαδοπούλου", "angeliki@example.com", None), ("Chloé & Théo 💑", "chloetheo@example.org", None),
        ("Œdipe Cœur", "oedipe@example.com", None), ("Анастасия Королёва", "nastya@example.net", None),
        ("Bérénice", "berenice@example.org", None), ("Loïc Le Goff", "loic@example.com", None),
        ("Гюльнара Әбдірахманқызы", "gulnara@example.com", None), ("ნინო ბერიძე", "nino@example.org", None),
        ("Ստեփան Հակոբյան", "stepan@example.net", None), ("Thérèse", "therese@example.com", None),
        ("Anne-Sophie", "as@example.net", None), ("Noël Baptiste", "noel@example.com", None),
        ("Ïnès Çelik", "ines.celik@example.org", None),
    ],
    ids="panier-{r:010x}", orders="FDC{n}", first_serial=9_000, pictures=True, locale="fr-FR",
    time_zone="Europe/Paris", url="https://{site}/panier/{id}",
)

VIP = Shop(
    "ticketeer", "ticketeer.example", "USD", 2,
    [
        ("Balcony seat, row F – The Night Owls 🦉", 8450), ("Standing – The Night Owls", 4500), ("Parking, lot C", 1500),
        ("Booking fee", 395), ("2-day festival pass 🎪🎶", 21900), ("Locker (small)", 800),
    ],
    [
        ("Ximena Peña", "ximena.pena@example.com", "u_8f2"), ("Olu Adébáyò", "olu@example.org", "u_911"),
        ("Thabo", "thabo@example.net", "u_912"), ("สมชาย ใจดี", "somchai@example.com", "u_a01"),
        ("Trần Văn Đức", "duc.tran@example.org", "u_a02"), ("ခင်ခင်", "khinkhin@example.com", "u_a03"),
        ("Kealoha Kahananui", "kealoha@example.net", "u_a04"), ("Quinn", "quinn@example.com", "u_a05"),
        ("Iñaki Etxeberria", "inaki@example.org", "u_a06"), ("ᏣᎳᎩ Smith", "smith@example.net", "u_a07"),
        ("Lupita", "lupita@example.com", "u_a08"), ("Nils Ó Dónaill", "nils@example.org", "u_a09"),
        ("Ngũgĩ", "ngugi@example.com", "u_a10"), ("ສົມພອນ", "somphone@example.net", "u_a11"),
        ("Aroha Te Rangi", "aroha@example.org", "u_a12"), ("DJ 🎧 Mo", "mo@example.com", "u_a13"),
    ],
    ids="01J{r:012X}", orders="TKT-{n}", first_serial=600_100, links=True, locale="en-US",
    time_zone="America/Los_Angeles", url="https://{site}/hold/{id}",
    metadata=lambda d: {"seats": [{"row": "F", "seat": d.randint(1, 40)}], "source": "ios/7.2", "ab": {"bucket": 3}},
)

SHOPS = [NORDLICHT, KISSA, SOUK, CHANDNI, PLAIN, PARTSBIN, FROMAGE, VIP]


def cart(shop, count=None):
    if shop is PLAIN and dice.random() < 0.6:
        return None
    return shop.items(count or dice.choice([1, 1, 2, 2, 3, 4]))


# Each story is what happens to one shopper: a list of events in the order in which the shop sends them.


def left(shop, count=None, **more):
    return [checkout(shop, shop.checkout_id(), shop.person(), cart(shop, count), **more)]


def repeated(shop):
    [event] = left(shop)
    return [event, dict(event)] + ([dict(event)] if dice.random() < 0.3 else [])


def changed(shop):
    key, person, items = shop.checkout_id(), shop.person(), shop.items(3)
    return [checkout(shop, key, person, items[:1]), checkout(shop, key, person, items)]


def emptied(shop):
    key, person = shop.checkout_id(), shop.person()
    first = checkout(shop, key, person, shop.items(2))
    return [first, {k: v for k, v in first.items() if k not in ("total", "currency")} | {"items": []}]


def emptied_and_filled(shop):
    key, person = shop.checkout_id(), shop.person()
    again = checkout(shop, key, person, shop.items(2))
    return [checkout(shop, key, person, shop.items(1)), again | {"items": []}, again]


def bought(shop, by, repeats=0):
    """A checkout and its order, which names it by checkout id, order number, customer or address."""
    key, person = shop.checkout_id(), shop.person()
    items = cart(shop)
    first = checkout(shop, key, person, items)
    if by == "checkout":
        done = order(shop, person, checkout_id=key, email=person[1])
    elif by == "order":
        done = order(shop, person, order_id=key)
    elif by == "customer":
        done = order(shop, person, customer_id=person[2])
    else:
        done = order(shop, person, email=person[1].upper())
    if items and dice.random() < 0.6:
        done |= goods(shop, items)
    return [first, done] + [dict(done)] * repeats


def bought_both(shop):
    person = shop.person()
    return [
        checkout(shop, shop.checkout_id(), person, cart(shop, 1)),
        checkout(shop, shop.checkout_id(), person, cart(shop, 2)),
        order(shop, person, email=person[1]),
    ]


def order_first(shop, repeats=0):
    key, person = shop.checkout_id(), shop.person()
    done = order(shop, person, checkout_id=key, email=person[1])
    return [done] * (1 + repeats) + [checkout(shop, key, person, cart(shop))]


def late(shop, when):
    """Heard of long after it happened: an export from the night, a queue that was stuck."""
    return left(shop, occurred_at=when)


def late_change(shop, when):
    """An older version of the cart overtaken by a newer one."""
    key, person, items = shop.checkout_id(), shop.person(), shop.items(2)
    return [checkout(shop, key, person, items), checkout(shop, key, person, items[:1], occurred_at=when)]


def back_again(shop, when):
    """Bought something long ago, and left a new cart today."""
    person = shop.person()
    return [order(shop, person, email=person[1], occurred_at=when), checkout(shop, shop.checkout_id(), person, cart(shop))]


def two_shops(one, other):
    """The same shopper in two shops, who orders in one: the other cart stays left."""
    person = one.person()
    key = one.checkout_id()
    return [
        checkout(one, key, person, cart(one)),
        checkout(other, other.checkout_id(), (person[0], person[1], None), cart(other)),
        order(one, person, checkout_id=key),
    ]


def sold(shop):
    """An order that no checkout was heard of."""
    person = shop.person()
    return [order(shop, person, email=person[1]) | goods(shop, shop.items(1))]


def stories():
    yield left(PARTSBIN, 50)
    yield left(KISSA, 1)
    yield [checkout(FROMAGE, FROMAGE.checkout_id(), FROMAGE.person(), [("Crottin de Chavignol", 350, 50)])]
    yield bought(NORDLICHT, "checkout", repeats=1)
    yield bought(NORDLICHT, "customer")
    yield bought(NORDLICHT, "email")
    yield bought(KISSA, "checkout")
    yield bought(KISSA, "customer", repeats=2)
    yield bought(SOUK, "checkout")
    yield bought(SOUK, "email")
    yield bought(CHANDNI, "checkout")
    yield bought(PLAIN, "email")
    yield bought(PLAIN, "checkout")
    yield bought(PARTSBIN, "order")
    yield bought(PARTSBIN, "order", repeats=1)
    yield bought(FROMAGE, "checkout")
    yield bought(FROMAGE, "email")
    yield bought(VIP, "customer")
    yield bought_both(VIP)
    yield bought_both(CHANDNI)
    yield order_first(NORDLICHT)
    yield order_first(KISSA, repeats=1)
    yield order_first(SOUK)
    yield order_first(PLAIN)
    yield order_first(VIP)
    for shop in (NORDLICHT, NORDLICHT, KISSA, SOUK, CHANDNI, PLAIN, PARTSBIN, VIP, FROMAGE):
        yield repeated(shop)
    for shop in (NORDLICHT, NORDLICHT, KISSA, SOUK, CHANDNI, PARTSBIN, FROMAGE, VIP):
        yield changed(shop)
    for shop in (NORDLICHT, KISSA, SOUK, FROMAGE, VIP):
        yield emptied(shop)
    yield emptied_and_filled(NORDLICHT)
    yield emptied_and_filled(KISSA)
    yield late(NORDLICHT, "2025-11-03T22:47:10+01:00")
    yield late(KISSA, "2025-10-29T08:15:00+09:00")
    yield late(PLAIN, "2025-11-01T00:00:00Z")
    yield late_change(FROMAGE, "2025-11-02T12:30:45.250Z")
    yield late_change(SOUK, "2025-11-02T18:00:00+03:00")
    yield back_again(NORDLICHT, "2025-09-14T10:00:00Z")
    yield back_again(VIP, "2025-08-31T23:59:59-07:00")
    yield two_shops(KISSA, NORDLICHT)
    yield two_shops(PLAIN, VIP)
    yield sold(KISSA)
    yield sold(CHANDNI)
    for shop in SHOPS * 20:
        if shop.people:
            yield left(shop)


def shuffled(tales):
    """All events in one order, as they would reach a server: stories overlap, each keeps its own order."""
    places = []
    for tale in tales:
        at = dice.random()
        for event in tale:
            places.append((at, event))
            at += dice.random() * 0.15
    return [event for _, event in sorted(places, key=lambda place: place[0])]


def main():
    chosen, count = [], 0
    for tale in stories():
        if count + len(tale) > TOTAL:
            continue
        chosen.append(tale)
        count += len(tale)
    if count != TOTAL:
        sys.exit(f"make-events: {count} events instead of {TOTAL}")
    for event in shuffled(chosen):
        line = json.dumps(event, ensure_ascii=False, separators=(",", ":"))
        print(re.sub(r'"@@([0-9.]+)@@"', r"\1", line))


if __name__ == "__main__":
    main()
