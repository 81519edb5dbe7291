"""Builds the example documents that are not plain text: Word, Excel and PDF. Run: `python examples/build_documents.py`.

The files it makes are committed; it is kept so that they can be changed.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from docx import Document
from docx.document import Document as WordDocument
from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.platypus import Paragraph, SimpleDocTemplate, Spacer, Table

HERE = Path(__file__).parent / "documents"
MADE = datetime(2026, 9, 1, tzinfo=UTC)
GOTHIC = "HeiseiKakuGo-W5"


def word(lines: Sequence[str | tuple[int, str] | list[list[str]]], path: str, title: str) -> None:
    """A Word file: strings are paragraphs ('- …' list items), (level, text) headings, lists of rows tables."""
    document: WordDocument = Document()
    document.core_properties.created = document.core_properties.modified = MADE
    document.core_properties.title = title
    document.add_heading(title, 0)
    for line in lines:
        if isinstance(line, tuple):
            document.add_heading(line[1], line[0])
        elif isinstance(line, list):
            table = document.add_table(rows=0, cols=len(line[0]), style="Table Grid")
            for row in line:
                for cell, value in zip(table.add_row().cells, row, strict=True):
                    cell.text = value
        elif line.startswith("- "):
            document.add_paragraph(line[2:], style="List Bullet")
        else:
            document.add_paragraph(line)
    document.save(str(HERE / path))


def pdf(lines: Sequence[str | tuple[int, str] | list[list[str]]], path: str, title: str) -> None:
    """A PDF with text in a Japanese font, built like `word`."""
    pdfmetrics.registerFont(UnicodeCIDFont(GOTHIC))
    body = ParagraphStyle("body", fontName=GOTHIC, fontSize=10, leading=16, spaceAfter=6)
    head = ParagraphStyle("head", parent=body, fontSize=12, leading=20, spaceBefore=8)
    name = ParagraphStyle("name", parent=body, fontSize=15, leading=24, spaceAfter=10)
    flow: list[Paragraph | Spacer | Table] = [Paragraph(title, name)]
    for line in lines:
        if isinstance(line, tuple):
            flow.append(Paragraph(line[1], head))
        elif isinstance(line, list):
            style = [("FONT", (0, 0), (-1, -1), GOTHIC, 9), ("GRID", (0, 0), (-1, -1), 0.5, "grey")]
            flow += [Table(line, style=style, hAlign="LEFT"), Spacer(1, 8)]
        else:
            flow.append(Paragraph(line, body))
    SimpleDocTemplate(str(HERE / path), pagesize=A4, title=title, author="Asagi Seiko", invariant=1).build(flow)


def work_rules() -> None:
    """就業規則: the main rules, in articles."""
    word(
        [
            "2026年4月1日施行　人事課",
            "第1章 総則",
            "第1条（目的）この規則は、浅葱精工株式会社（以下「会社」という。）の従業員の労働条件と服務規律を定める。",
            "第2条（適用範囲）この規則は正社員および契約社員に適用する。パートタイマーについては、"
            "パートタイマー就業規則を適用する。",
            "第2章 勤務",
            "第8条（勤務時間）始業時刻は8時30分、終業時刻は17時20分とし、休憩時間は霞野工場では12時00分から12時50分まで、"
            "青沼工場では12時15分から13時05分までとする。1日の所定労働時間は8時間とする。",
            "第9条（時間外勤務）時間外勤務は、事前に上長の承認を得て行う。上長の承認は当日の16時30分までに"
            "勤怠システム「キンタロウ」で受ける。時間外勤務は1か月45時間、1年360時間を限度とする。",
            "第10条（遅刻・早退）遅刻または早退をするときは、事前に上長に届け出る。30分以上の遅刻が同じ月に3回に達したときは、"
            "上長が面談を行う。",
            "第11条（在宅勤務）在宅勤務は、入社後6か月を経過した正社員に、週2日を限度として認める。"
            "ただし、製造・検査の現場業務に就く者は対象としない。",
            "第3章 休暇",
            "第15条（年次有給休暇）年次有給休暇の日数と手続きは、年次有給休暇取扱要領に定める。",
            "第16条（慶弔休暇）正社員および契約社員が次に該当するときは、慶弔休暇を与える。慶弔休暇は有給とする。",
            [
                ["事由", "日数"],
                ["本人の結婚", "連続5日"],
                ["子の結婚", "2日"],
                ["配偶者の出産", "3日"],
                ["配偶者・子・父母の死亡", "5日"],
                ["祖父母・兄弟姉妹の死亡", "2日"],
            ],
            "第17条（看護休暇）小学校3年生修了までの子を養育する者は、子の看護等のため、1年につき5日"
            "（子が2人以上のときは10日）の休暇を取得できる。この休暇は無給とする。",
            "第18条（病気休職）業務外の傷病による欠勤が引き続き2か月を超えたときは、休職を命ずる。"
            "休職期間は、勤続5年未満の者は6か月、勤続5年以上の者は1年とする。",
            "第4章 退職",
            "第25条（自己都合退職）退職しようとする者は、退職日の30日前までに、所定の退職届を上長を経て人事課に提出する。",
            "第26条（定年）定年は満62歳とし、定年に達した日の属する年度の末日をもって退職とする。"
            "本人が希望するときは、満67歳まで再雇用する。",
            "第27条（貸与品の返却）退職する者は、退職日までに社員証、パソコン、携帯電話その他の貸与品を返却する。",
        ],
        "people/就業規則.docx",
        "就業規則",
    )


def uk_handbook() -> None:
    """The handbook of the sales company abroad."""
    word(
        [
            "Asagi Precision UK Ltd., Coventry. In force since 1 April 2026. Questions: HR desk, ext. 210.",
            (1, "Working hours"),
            "The working week has 37.5 hours, Monday to Friday. Office hours are 8:45 to 17:15 with a lunch break of one "
            "hour, which is unpaid.",
            (1, "Annual leave"),
            "Full-time employees receive 26 days of annual leave in addition to the public holidays of England. The leave "
            "year runs from 1 April to 31 March.",
            "Up to five days may be carried over; they must be taken by 30 June. After ten years of service, annual leave "
            "increases to 28 days.",
            "Requests for more than two weeks in a row need the approval of the managing director.",
            (1, "Sickness"),
            "Call your team leader before 9:15 on the first day of absence. A doctor's fit note is needed from the eighth "
            "calendar day.",
            "Company sick pay is the full salary for six weeks in any twelve months, but only after the probation of three "
            "months.",
            (1, "Family leave"),
            "Paternity leave is two weeks at full pay. Adoption leave follows the rules of maternity leave.",
            (1, "Notice"),
            [
                ["Length of service", "Notice by the employee", "Notice by the company"],
                ["During probation", "1 week", "1 week"],
                ["Up to 5 years", "4 weeks", "4 weeks"],
                ["More than 5 years", "6 weeks", "1 week per year, at most 12 weeks"],
            ],
        ],
        "people/UK_Employee_Handbook.docx",
        "UK Employee Handbook",
    )


def allowances() -> None:
    """通勤手当・慶弔見舞金: an Excel sheet with merged headers."""
    book = Workbook()
    book.properties.created = book.properties.modified = MADE.replace(tzinfo=None)
    sheet = book.active
    assert sheet is not None
    sheet.title = "慶弔見舞金"
    sheet["A1"] = "慶弔見舞金一覧（2026年4月1日改定）"
    sheet["A1"].font = Font(bold=True)
    sheet.append([])
    sheet.append(["事由", "金額（円）", "", "申請期限"])
    sheet.append(["", "勤続3年未満", "勤続3年以上", ""])
    for area in ("A3:A4", "B3:C3", "D3:D4"):
        sheet.merge_cells(area)
    for cell in (*sheet[3], *sheet[4]):
        cell.alignment = Alignment(horizontal="center")
    for row in (
        ["本人の結婚", 30000, 50000, "事由発生から30日以内"],
        ["子の出生", 10000, 20000, "事由発生から30日以内"],
        ["本人の入院（14日以上）", 20000, 30000, "退院から30日以内"],
        ["配偶者の死亡", 50000, 100000, "事由発生から60日以内"],
        ["住居の全焼・全壊", 100000, 200000, "事由発生から60日以内"],
    ):
        sheet.append(row)
    commuting = book.create_sheet("通勤手当")
    commuting.append(["区分", "支給額", "上限（月額・円）"])
    commuting.append(["公共交通機関", "6か月定期券の実費", 50000])
    commuting.append(["自動車（片道2km以上）", "1kmあたり15円×往復×出勤日数", 24500])
    commuting.append(["自転車（片道2km以上）", "定額", 2000])
    for page in (sheet, commuting):
        for row in page.iter_rows(min_row=2):
            for cell in row:
                if isinstance(cell.value, int):
                    cell.number_format = "#,##0"
    book.save(HERE / "people/慶弔見舞金・通勤手当一覧.xlsx")


def it_security() -> None:
    """The English security policy, as PDF."""
    pdf(
        [
            "Version 4.1, in force since 1 July 2026. Owner: IT department, Kenta Hori. Help: IT service desk, ext. 4357.",
            (1, "1. Passwords"),
            "Passwords have at least 14 characters. They are changed only when there is a reason to believe that somebody "
            "else knows them. The last ten passwords must not be used again.",
            "After five wrong attempts an account is locked for 30 minutes. The service desk never asks for a password.",
            (1, "2. Multi-factor authentication"),
            "Every account uses the authenticator app. Codes by SMS were switched off on 31 March 2026.",
            (1, "3. Devices"),
            "Lost or stolen devices are reported to the service desk by phone within one hour, at any time of the day. The "
            "device is then wiped remotely.",
            "USB memory sticks are forbidden. For customers who cannot receive files otherwise, IT lends an encrypted stick "
            "for at most five working days.",
            "Screens lock after ten minutes without use.",
            (1, "4. Software"),
            "Only software on the approved list may be installed. Requests are made with form IT-01 and are answered within "
            "three working days.",
            (1, "5. Suspicious e-mail"),
            "Do not open attachments. Use the button 'Report' in the mail program, then delete the message. If you have "
            "clicked on a link, unplug the network cable and call ext. 4357 at once.",
            (1, "6. Data"),
            [
                ["Class", "Examples", "May be sent outside"],
                ["Public", "catalogue, web pages", "yes"],
                ["Internal", "rules, minutes", "with the department head's consent"],
                ["Confidential", "customer drawings, prices", "only encrypted, under a contract"],
                ["Secret", "personal data, salaries", "never by e-mail"],
            ],
        ],
        "it/IT_Security_Policy.pdf",
        "IT Security Policy",
    )


def mfa_guide() -> None:
    """パスワードと多要素認証: a how-to in Word."""
    word(
        [
            "情報システム課　第2版　2026年5月20日",
            (1, "パスワードを忘れたとき"),
            "- 社内のパソコンのサインイン画面で「パスワードを忘れた場合」を押す。",
            "- 社員番号と生年月日を入力し、認証アプリの番号で本人確認をする。",
            "- 新しいパスワード（14文字以上）を2回入力する。",
            "認証アプリも使えないときは、社員証を持って情報システム課の窓口に来る。電話では再発行しない。",
            "窓口の受付時間は平日の9時から17時までとする。",
            (1, "スマートフォンを機種変更するとき"),
            "- 古いスマートフォンが使えるうちに、認証アプリの「移行」で新しい端末へ移す。",
            "- 古い端末が手元にない場合は、ITサービスデスク（内線4357）に電話して登録を解除してもらう。",
            "- 解除から24時間以内に新しい端末で登録し直す。24時間を過ぎるとアカウントは停止される。",
            (1, "アカウントの申請"),
            "新しいアカウントや権限の変更は、様式IT-01で申請する。上長の承認後、2営業日以内に発行する。",
            "生産管理「TORA」の権限は、あわせて霞野工場長または青沼工場長の承認が必要である。",
        ],
        "it/パスワード・多要素認証の手順.docx",
        "パスワード・多要素認証の手順",
    )


def software_list() -> None:
    """Approved software, as a spreadsheet."""
    book = Workbook()
    book.properties.created = book.properties.modified = MADE.replace(tzinfo=None)
    sheet = book.active
    assert sheet is not None
    sheet.title = "Approved"
    sheet.append(["Software", "Version", "Purpose", "Licence owner", "Supported until"])
    for row in (
        ["ZumenDB Viewer", "7.4", "Drawings, reading only", "Engineering", date(2028, 3, 31)],
        ["TORA Client", "12.1", "Production planning", "Plant offices", date(2027, 9, 30)],
        ["Tsubute", "5.0", "Chat and calls", "IT", date(2029, 3, 31)],
        ["CMM Report", "3.8", "Reports of CMM-2 and CMM-3", "Quality", date(2027, 3, 31)],
        ["AsaGate", "6.2", "VPN", "IT", date(2028, 12, 31)],
    ):
        sheet.append(row)
    book.save(HERE / "it/approved_software.xlsx")


def incoming_inspection() -> None:
    """受入検査基準 QS-104, with tolerances and sampling."""
    word(
        [
            "QS-104 改訂E　2026年4月1日　品質保証課",
            (1, "1. 適用範囲"),
            "購入する旋削・研削部品の受入検査に適用する。改訂Dは廃止する。",
            (1, "2. 抜取数"),
            "抜取検査は次の表による。合格判定個数を超える不適合品があったときは、そのロットを全数不合格とする。",
            [
                ["ロットの大きさ", "抜取数", "合格判定個数"],
                ["2〜50", "5", "0"],
                ["51〜280", "13", "0"],
                ["281〜1200", "32", "1"],
                ["1201以上", "50", "2"],
            ],
            (1, "3. 寸法の公差"),
            [
                ["部品", "項目", "基準値", "公差"],
                ["シャフト AS-2041", "外径", "φ12.000 mm", "-0.005 / -0.014 mm"],
                ["シャフト AS-2041", "全長", "86.0 mm", "±0.10 mm"],
                ["スリーブ AS-3310", "内径", "φ18.000 mm", "+0.018 / 0 mm"],
                ["ノズルボディ AS-5120", "穴径", "φ0.80 mm", "±0.01 mm"],
            ],
            (1, "4. 表面粗さ"),
            "研削面の表面粗さはRa 0.4以下、旋削面はRa 1.6以下とする。スプールの摺動面はRa 0.2以下とする。",
            (1, "5. 検査の環境"),
            "測定室の温度は20±1℃、湿度は60%以下とし、部品は測定の前に2時間以上測定室に置く。",
            (1, "6. 記録の保管"),
            "検査記録は、作成した日から10年間保管する。ただし、航空機用部品の記録は30年間保管する。",
            (1, "7. 特採"),
            "基準を外れた部品を使うときは、特採申請書（様式QF-12）を提出する。特採は品質保証課長だけが決定できる。"
            "特採の有効期間は最長3か月とする。",
        ],
        "quality/QS-104_受入検査基準.docx",
        "受入検査基準 QS-104",
    )


def final_inspection() -> None:
    """Final inspection, in English, as PDF."""
    pdf(
        [
            "QS-210 revision C, 1 June 2026. Owner: Quality department, Toru Wakabayashi, ext. 3300.",
            (1, "1. Scope"),
            "Applies to all parts before shipping, also to parts finished by subcontractors.",
            (1, "2. What is inspected"),
            "Every lot is inspected by a person who has not made it. For customers in the medical field all parts are "
            "inspected; for others the sampling table of QS-104 applies.",
            (1, "3. Limits"),
            [
                ["Characteristic", "Limit"],
                ["Burrs", "none over 0.05 mm"],
                ["Scratches on sealing surfaces", "none visible at 30 cm"],
                ["Hardness of SUS440C", "58 to 61 HRC"],
                ["Hardness of SCM435", "30 to 36 HRC"],
                ["Residual oil", "at most 2 mg per part"],
            ],
            (1, "4. Documents"),
            "An inspection certificate 3.1 is added when the order asks for it. It is signed by the quality manager or the "
            "deputy and costs the customer nothing.",
            (1, "5. Nonconforming parts"),
            "Rejected parts are marked with a red label and put into the locked red cabinet. They are decided on within two "
            "working days. Scrap is cut in two before it leaves the plant.",
        ],
        "quality/QS-210_Final_Inspection.pdf",
        "Final Inspection Standard QS-210",
    )


def instruments() -> None:
    """測定機器管理規程 QS-301, as PDF."""
    pdf(
        [
            "改訂B　2026年2月1日　品質保証課",
            "第1条（目的）この規程は、測定機器の校正と管理の方法を定める。",
            "第2条（校正周期）校正周期は次の表による。",
            [
                ["測定機器", "校正周期", "校正の方法"],
                ["ノギス", "12か月", "社内"],
                ["マイクロメータ", "6か月", "社内"],
                ["ダイヤルゲージ", "12か月", "社内"],
                ["ブロックゲージ（標準）", "24か月", "社外"],
                ["三次元測定機 CMM-2・CMM-3", "12か月", "メーカー"],
                ["硬さ試験機", "12か月", "社外"],
            ],
            "第3条（表示）校正した機器には、有効期限を書いた青いラベルを貼る。期限の切れた機器は使用してはならない。",
            "第4条（落下・衝撃）測定機器を落としたときは、直ちに使用をやめ、品質保証課（内線3300）に届け出る。"
            "その機器で前回の点検以後に測定した部品は、再測定する。",
            "第5条（始業点検）CMM-2とCMM-3は、毎朝、基準球の測定を行い、直径の差が0.002mmを超えるときは使用しない。",
            "第6条（持出し）測定機器を工場の外へ持ち出すときは、測定機器持出票（様式QF-07）に記入する。",
        ],
        "quality/QS-301_測定機器管理規程.pdf",
        "測定機器管理規程 QS-301",
    )


if __name__ == "__main__":
    for build in (
        work_rules,
        uk_handbook,
        allowances,
        it_security,
        mfa_guide,
        software_list,
        incoming_inspection,
        final_inspection,
        instruments,
    ):
        build()
