"""Values that invented office rules and tables may hold, the same in both languages."""

from collections.abc import Callable
from random import Random

Pair = tuple[str, str]  # English, Japanese
Make = Callable[[Random], Pair]

_WORDS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_ONES = {"days": "day", "hours": "hour", "months": "month", "weeks": "week", "years": "year", "minutes": "minute"}
_MONTHS = tuple("January February March April May June July August September October November December".split())  # noqa: SIM905
_CHOICES: dict[str, tuple[Pair, ...]] = {
    "person": (
        ("plant manager", "工場長"),
        ("head of personnel", "人事部長"),
        ("line manager", "直属の上司"),
        ("head of accounting", "経理部長"),
        ("managing director", "社長"),
        ("head of sales", "営業本部長"),
        ("IT manager", "情報システム部長"),
        ("quality manager", "品質管理部長"),
        ("section chief", "係長"),
        ("head of purchasing", "購買部長"),
        ("safety officer", "安全管理者"),
        ("general affairs office", "総務課"),
        ("export officer", "輸出管理責任者"),
        ("factory doctor", "産業医"),
        ("shift leader", "班長"),
        ("head of design", "設計部長"),
    ),
    "unit": (("half a day", "半日"), ("one hour", "1時間"), ("15 minutes", "15分"), ("one day", "1日")),
    "document": (
        ("copy of the certificate", "証明書の写し"),
        ("family register extract", "戸籍抄本"),
        ("mill certificate", "ミルシート"),
        ("commercial invoice", "インボイス"),
        ("packing list", "パッキングリスト"),
        ("certificate of origin", "原産地証明書"),
        ("test report", "試験成績書"),
        ("written statement", "理由書"),
        ("doctor's note", "診断書"),
        ("receipt", "領収証"),
    ),
    "system": (
        ("Hibari", "Hibari"),
        ("the portal Kakehashi", "ポータル「かけはし」"),
        ("DeskOne", "DeskOne"),
        ("Tombo", "「トンボ」"),
        ("NetPass", "NetPass"),
        ("the workflow Suiren", "ワークフロー「すいれん」"),
        ("Orion Time", "Orion Time"),
        ("Komorebi", "「こもれび」"),
        ("FlowBase", "FlowBase"),
        ("SafeLink", "SafeLink"),
    ),
    "place": (
        ("the main gate", "正門"),
        ("the second warehouse", "第2倉庫"),
        ("the cabinet in general affairs", "総務課の書庫"),
        ("the north car park", "北側駐車場"),
        ("the entrance hall", "玄関ホール"),
        ("the sports ground", "グラウンド"),
        ("building B, first floor", "B棟1階"),
        ("shelf 14", "14番の棚"),
        ("the tool room", "工具室"),
        ("the archive in the basement", "地下の資料室"),
        ("the measuring room", "計測室"),
        ("the canteen", "食堂"),
    ),
    "color": (("red", "赤"), ("yellow", "黄色"), ("blue", "青"), ("green", "緑"), ("white", "白"), ("orange", "橙色")),
    "material": (
        ("safety shoes and goggles", "安全靴と保護めがね"),
        ("rust-proof paper", "防錆紙"),
        ("bubble wrap", "気泡緩衝材"),
        ("helmet and gloves", "ヘルメットと手袋"),
        ("ear protection", "耳栓"),
        ("a PE bag", "ポリ袋"),
        ("oil paper", "油紙"),
    ),
    "weekday": (
        ("Monday", "月曜日"),
        ("Tuesday", "火曜日"),
        ("Wednesday", "水曜日"),
        ("Thursday", "木曜日"),
        ("Friday", "金曜日"),
    ),
    "fuel": (("premium petrol", "ハイオク"), ("regular petrol", "レギュラー"), ("diesel", "軽油")),
    "class": (
        ("standard class", "普通車"),
        ("reserved seat", "指定席"),
        ("first class", "グリーン車"),
        ("unreserved seat", "自由席"),
    ),
    "can": (("yes", "可"), ("no", "不可")),
    "verdict": (("pass", "合格"), ("fail", "不合格"), ("rework", "手直し")),
    "carrier": (
        ("Kamome Express", "かもめ運輸"),
        ("Trident Freight", "トライデント物流"),
        ("Sazanami Line", "さざなみ海運"),
        ("Northway", "ノースウェイ"),
        ("Hayate Cargo", "はやて貨物"),
    ),
    "fault": (
        ("oil pressure too low", "油圧低下"),
        ("door open", "扉が開いている"),
        ("spindle overheated", "主軸の過熱"),
        ("no connection to the server", "サーバーに接続できない"),
        ("coolant missing", "切削液不足"),
        ("tool worn", "工具の摩耗"),
        ("sensor dirty", "センサーの汚れ"),
    ),
    "remedy": (
        ("close the door and press reset", "扉を閉めてリセットを押す"),
        ("refill oil", "油を補充する"),
        ("call maintenance", "保全課を呼ぶ"),
        ("restart the terminal", "端末を再起動する"),
        ("clean the sensor with a dry cloth", "センサーを乾いた布でふく"),
        ("replace the tool", "工具を交換する"),
        ("wait ten minutes", "10分待つ"),
    ),
    "name": (
        ("Aoki", "青木"),
        ("Baba", "馬場"),
        ("Chiba", "千葉"),
        ("Endo", "遠藤"),
        ("Fujii", "藤井"),
        ("Goto", "後藤"),
        ("Hirata", "平田"),
        ("Imai", "今井"),
        ("Kondo", "近藤"),
        ("Maeda", "前田"),
        ("Noguchi", "野口"),
        ("Okubo", "大久保"),
    ),
}


def _count(unit: str, japanese: str, numbers: tuple[int, ...]) -> Make:
    def make(random: Random) -> Pair:
        number = random.choice(numbers)
        english = _WORDS[number] if 0 < number <= 12 and random.random() < 0.4 else str(number)
        return f"{english} {_ONES.get(unit, unit) if number == 1 else unit}".strip(), f"{number}{japanese}"

    return make


def _money(random: Random) -> Pair:
    amount = random.choice((1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 8, 9, 12)) * random.choice((100, 1000, 10_000, 100_000))
    number = f"{int(amount):,}"
    plain = int(amount) >= 10_000 and int(amount) % 10_000 == 0 and random.random() < 0.4
    japanese = f"{int(amount) // 10_000}万円" if plain else f"{number}円"
    return random.choice((f"{number} yen", f"¥{number}", f"JPY {number}")), japanese


def _foreign(random: Random) -> Pair:
    number = random.choice((15, 20, 25, 35, 40, 60, 75, 90, 120, 150, 250, 400, 750))
    return random.choice(
        ((f"£{number}", f"{number}ポンド"), (f"${number}", f"{number}ドル"), (f"€{number}", f"{number}ユーロ"))
    )


def _time(random: Random) -> Pair:
    hour, minute = random.randint(7, 19), random.choice((0, 0, 15, 30, 45))
    half = "am" if hour < 12 else "pm"
    english = random.choice((f"{hour}:{minute:02}", f"{(hour - 1) % 12 + 1}{f':{minute:02}' if minute else ''} {half}"))
    return english, f"{hour}時{f'{minute}分' if minute else ''}" if random.random() < 0.6 else f"{hour}:{minute:02}"


def _span(random: Random) -> Pair:
    begin, end = random.randint(6, 11), random.randint(12, 21)
    return f"{begin}:00 to {end}:30", random.choice((f"{begin}:00～{end}:30", f"{begin}時から{end}時30分まで"))


def _before(random: Random) -> Pair:
    number = random.choice((1, 2, 3, 5, 7, 10, 14, 30))
    unit = random.choice((("day", "日"), ("week", "週間"), ("working day", "営業日"), ("month", "か月")))
    return f"{number} {unit[0]}{'' if number == 1 else 's'} before", f"{number}{unit[1]}前まで"


def _dated(random: Random) -> Pair:
    month, day = random.randint(1, 12), random.randint(1, 28)
    return random.choice((f"{day} {_MONTHS[month - 1]}", f"{month}/{day}")), f"{month}月{day}日"


def _month(random: Random) -> Pair:
    month = random.randint(1, 12)
    return _MONTHS[month - 1], f"{month}月"


def _day_of_month(random: Random) -> Pair:
    day = random.choice((5, 8, 10, 15, 18, 20, 25, 28))
    return f"{day}th", f"{day}日"


def _same(*patterns: str) -> Make:
    def make(random: Random) -> Pair:
        text = random.choice(patterns)
        for mark in ("#", "%"):
            while mark in text:
                text = text.replace(mark, str(random.randint(1, 9)), 1)
        return text, text

    return make


def _percent(random: Random) -> Pair:
    number = random.choice((1.5, 2, 2.5, 3, 5, 7, 8, 10, 12, 15, 20, 25, 30, 40, 50, 60, 75, 80))
    return random.choice((f"{number}%", f"{number} %", f"{number} per cent")), random.choice(
        (f"{number}％", f"{number}%")
    )


_MADE: dict[str, Make] = {
    "days": _count("days", "日", (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 15, 20, 30)),
    "hours": _count("hours", "時間", (1, 2, 3, 4, 6, 8, 10, 12, 20, 24, 30, 40, 45, 48)),
    "minutes": _count("minutes", "分", (5, 10, 15, 20, 30, 40, 45, 50, 60, 90)),
    "months": _count("months", "か月", (1, 2, 3, 4, 6, 9, 12, 18)),
    "weeks": _count("weeks", "週間", (1, 2, 3, 4, 6, 8, 12)),
    "years": _count("years", "年", (1, 2, 3, 4, 5, 6, 7, 10, 15)),
    "years_every": _count("years", "年ごと", (1, 2, 3, 5)),
    "count": _count("", "", (2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24, 30, 50, 80, 125)),
    "times": lambda random: random.choice(
        (("once", "1回"), ("twice", "2回"), ("three times", "3回"), ("four times", "4回"))
    ),
    "perweek": _count("days", "日", (1, 2, 3, 4)),
    "age": lambda random: (lambda age: (str(age), f"{age}歳"))(
        random.choice((3, 6, 9, 12, 35, 40, 60, 62, 65, 68, 70))
    ),
    "chars": _count("characters", "文字", (8, 10, 12, 13, 15, 16, 20)),
    "tries": lambda random: (lambda n: (str(n), f"{n}回"))(random.choice((3, 4, 6, 8, 10))),
    "distance": _count("km", "km", (2, 3, 4, 5, 8, 10)),
    "weight": _count("kg", "kg", (5, 8, 10, 12, 15, 18, 20, 25, 100, 250)),
    "people": _count("people", "名", (4, 6, 8, 10, 12, 16, 20, 40)),
    "floor": lambda random: (lambda n: (f"floor {n}", f"{n}階"))(random.randint(1, 9)),
    "size": _same("## MB", "# MB", "1#0 MB"),
    "size_mm": _same("##.0##", "#.###", "1#.#%#"),
    "error": _same("±0.0# mm", "±#%", "±0.# N·m", "±0.00# mm"),
    "tolerance": _same("±0.0# mm", "±0.# mm", "+0.0## / 0 mm", "-0.00# / -0.0## mm", "φ##.000 ±0.00#"),
    "hardness": _same("5#–6# HRC", "## HRC or more", "2##–3## HV"),
    "temperature": lambda random: (lambda n: (f"{n} °C ± 1", f"{n}℃±1℃"))(random.choice((18, 20, 22, 23))),
    "phone": _same("####", "####", "###", "#-####"),
    "form": _same("PR-##", "GA-0#", "HQ-1##", "KB-##"),
    "mail": _same("invoice#@hoshino.example", "billing@midori.example", "ap#@kita.example"),
    "rate": lambda random: (lambda n: (f"{n} yen a kilometre", f"1kmあたり{n}円"))(
        random.choice((15, 18, 20, 25, 30, 37))
    ),
    "before_short": _before,
    "before": _before,
    "time": _time,
    "span": _span,
    "date": _dated,
    "month": _month,
    "dayofmonth": _day_of_month,
    "percent": _percent,
    "money": lambda random: _foreign(random) if random.random() < 0.2 else _money(random),
}


def value(kind: str, random: Random) -> Pair:
    """A value of a kind, in English and in Japanese. Raises KeyError for an unknown kind."""
    return random.choice(_CHOICES[kind]) if kind in _CHOICES else _MADE[kind](random)
