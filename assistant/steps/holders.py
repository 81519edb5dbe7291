"""For whom, or for which place, a title or a sentence says that it holds."""

import re
import unicodedata

_HOLDERS = re.compile(
    r"パート|アルバイト|正社員|役員|管理職|(?:取引|仕入|外注)先"
    r"|(?:契約|嘱託|派遣|臨時|準|短時間|新入|外国人)(?:社員|職員|従業員|労働者)"
    r"|(?:出向|退職|求職|来訪|来客|入居|管理|保守|請負)(?:者|員|会社)"
    r"|[\u4e00-\u9fffァ-ヴー]{2,8}?(?:工場|支店|支社|営業所|事業所|オフィス|研究所|倉庫)"
    r"|\b(?:part[- ]?tim\w+|contractor|intern|trainee|apprentice|temp|director|executive|visitor|guest|supplier"
    r"|customer|manager|supervisor)s?\b"
    r"|\b[a-z]+ (?:office|plant|site|branch|depot|warehouse)\b"
)


def holders(text: str) -> set[str]:
    """The groups of people and the places that a text names, in one form."""
    plain = unicodedata.normalize("NFKC", text).replace("_", " ").casefold()
    return {found.group().removesuffix("s") for found in _HOLDERS.finditer(plain)}
