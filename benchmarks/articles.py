"""Articles asked for by their number: `python -m benchmarks.articles`.

Every article that a heading of the example company's and an invented handbook's documents opens, asked for in three
ways. Prints how many of them stand first, and among the first five, with meaning and words alone and as it is now.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select

import index.search
from assistant.access import User
from assistant.services import Services
from benchmarks.company import EXAMPLES, PRACTICE, opened
from index.tables import Document, PassageRow

WAYS = ("{document}の第{number}条", "{document} 第{number}条には何が書いてありますか", "{document}{number}条を教えて")
ARTICLE = re.compile(r"第\s*([0-9]+)\s*条")
NUMBERED = re.compile(r"^[A-Z]{2}-\d+_")  # before a document's name; nobody types it
COUNT = 5


def articles(services: Services) -> Iterator[tuple[str, str, str]]:
    """Each article once: its document's id, the name that people give that, and the article's number."""
    with services.database.read() as session:
        rows = session.execute(
            select(PassageRow.document_id, Document.filename, PassageRow.heading)
            .join(Document, Document.id == PassageRow.document_id)
            .order_by(PassageRow.id)
        ).all()
    named = [(one, NUMBERED.sub("", Path(name).stem), ARTICLE.findall(heading)) for one, name, heading in rows]
    yield from dict.fromkeys((document, name, numbers[-1]) for document, name, numbers in named if numbers)


def places(services: Services, user: User, document: str, number: str, asked: str) -> list[bool]:
    """Of the passages found, which are of that article."""
    hits = services.documents.search(user, asked, None, COUNT)
    return [hit.passage.document == document and number in ARTICLE.findall(hit.passage.heading)[-1:] for hit in hits]


def main() -> None:
    """From the command line."""
    as_it_is = index.search.NAMED
    for folder in (EXAMPLES, PRACTICE / "ja"):
        with opened(folder=folder) as (services, user):
            asked = list(articles(services))
            print(f"{folder.name}: {len(asked)} articles")
            for way in WAYS:
                told = []
                for index.search.NAMED in (0.0, as_it_is):
                    found = [
                        places(services, user, document, number, way.format(document=name, number=number))
                        for document, name, number in asked
                    ]
                    first, any_of = (sum(map(of, found)) for of in (lambda one: one[0], any))
                    told.append(f"first {first}, in the first {COUNT} {any_of}")
                print(f"  {way}: by meaning and words {told[0]}; now {told[1]}")


if __name__ == "__main__":
    main()
