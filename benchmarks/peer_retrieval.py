"""Runs inside the peers' environment: `python -m benchmarks.peer_retrieval NAME`, a job as JSON on stdin.

The retrieval half of other projects' default pipelines: their chunking and their vector store, our encoder. Prints a
list of (file, text) a question.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.remembered import RememberedEncoder

Found = list[tuple[str, str]]
Retriever = Callable[[str], Found]


class Embedding:
    """Our encoder with its vectors as lists."""

    def __init__(self, cache: str | None) -> None:
        self._encoder = RememberedEncoder(Path(cache) if cache else None)

    def passages(self, texts: Sequence[str]) -> list[list[float]]:
        """Of passages."""
        return [row.tolist() for row in self._encoder.encode(list(texts))]

    def question(self, text: str) -> list[float]:
        """Of a question."""
        return [float(x) for x in self._encoder.encode([text], query=True)[0]]


def llama_index(documents: Found, count: int, embedding: Embedding) -> Retriever:
    """VectorStoreIndex.from_documents and its retriever."""
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding

    class Ours(BaseEmbedding):
        def _get_query_embedding(self, query: str) -> list[float]:
            return embedding.question(query)

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return embedding.passages([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return embedding.passages(texts)

    made = [
        Document(
            text=text,
            metadata={"file_name": file},
            excluded_embed_metadata_keys=["file_name"] if file.removesuffix(".txt").isdecimal() else [],
        )
        for file, text in documents
    ]  # a file's name is embedded, unless it is only a running number
    # the default tokenizer is fetched from the network: characters, four to a token, stand in for it
    from llama_index.core import Settings as Defaults

    Defaults.tokenizer = lambda text: [text[start : start + 4] for start in range(0, len(text), 4)]
    retriever = VectorStoreIndex.from_documents(made, embed_model=Ours()).as_retriever(similarity_top_k=count)
    return lambda question: [(n.metadata["file_name"], n.node.get_content()) for n in retriever.retrieve(question)]


def haystack(documents: Found, count: int, embedding: Embedding) -> Retriever:
    """DocumentSplitter, InMemoryDocumentStore and its embedding retriever."""
    from haystack import Document
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    pieces = DocumentSplitter().run([Document(content=text, meta={"file": file}) for file, text in documents])
    for piece, vector in zip(
        pieces["documents"], embedding.passages([piece.content for piece in pieces["documents"]]), strict=True
    ):
        piece.embedding = vector
    store = InMemoryDocumentStore()
    store.write_documents(pieces["documents"])
    retriever = InMemoryEmbeddingRetriever(store, top_k=count)

    def ask(question: str) -> Found:
        found = retriever.run(query_embedding=embedding.question(question))["documents"]
        return [(piece.meta["file"], piece.content) for piece in found]

    return ask


def langchain(documents: Found, count: int, embedding: Embedding) -> Retriever:
    """RecursiveCharacterTextSplitter 1000/200 and InMemoryVectorStore, as in its RAG tutorial."""
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    class Ours(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return embedding.passages(texts)

        def embed_query(self, text: str) -> list[float]:
            return embedding.question(text)

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    store = InMemoryVectorStore(Ours())
    store.add_documents(splitter.split_documents([Document(text, metadata={"file": file}) for file, text in documents]))
    return lambda question: [
        (found.metadata["file"], found.page_content) for found in store.similarity_search(question, k=count)
    ]


PEERS: dict[str, Callable[[Found, int, Embedding], Retriever]] = {
    "llama-index": llama_index,
    "haystack": haystack,
    "langchain": langchain,
}


def main() -> None:
    """Print what is found for each question of the job."""
    job: dict[str, Any] = json.load(sys.stdin)
    documents = [(file, text) for file, text in job["documents"]]
    retriever = PEERS[sys.argv[1]](documents, job["count"], Embedding(job["cache"]))
    for question in job["questions"]:
        print(json.dumps(retriever(question), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    main()
