"""Runs inside the peers' environment: `python -m benchmarks.peer_pipelines NAME SPLIT COUNT` prints an outcome a line.

A pipeline is a function question → (answer, passages). None of them abstains by itself: everything is shown.
"""

import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters import Encoder
from adapters.completion import Row
from adapters.evaluation import timed
from adapters.language_model import LanguageModel
from adapters.questions import Question, drawn, read_questions
from assistant.settings import Settings
from index import DocumentError
from index.parsing import parse_file

EXAMPLES = Path(__file__).parent.parent / "examples"
CONTEXT = 2048  # tokens of the language model that a prompt may take
NEW_TOKENS = 64
Passages = list[tuple[str, str]]
Pipeline = Callable[[str], tuple[str, Passages]]


@dataclass
class Models:
    """The product's own models."""

    encoder: Encoder
    language_model: LanguageModel

    @classmethod
    def load(cls) -> "Models":
        """As the settings name them."""
        settings = Settings()
        return cls(
            Encoder.load(settings.encoder, settings.models_folder, settings.threads),
            LanguageModel.load(settings.language_model, settings.models_folder),
        )

    def embed(self, texts: Sequence[str], query: bool = False) -> list[list[float]]:
        """Vectors as lists."""
        return [[float(x) for x in row] for row in self.encoder.encode(list(texts), query=query)]

    def complete(self, prompt: str) -> str:
        """The model's answer to a prompt as a user's message; what does not fit is cut in its middle."""
        tokens = self.language_model.tokenize([{"role": "user", "content": prompt}])
        if len(tokens) > CONTEXT:
            half = CONTEXT // 2
            tokens = [*tokens[:half], *tokens[-half:]]
        row = Row(tokens, adapter=None, max_new_tokens=NEW_TOKENS, stopped=lambda: None)
        return self.language_model.generate([row])[0].text


def read_documents() -> list[tuple[str, str]]:
    """(file, text) of every example document that can be read."""
    found = []
    for path in sorted((EXAMPLES / "documents").rglob("*.*")):
        try:
            blocks = parse_file(path, path.name)
        except DocumentError:
            continue
        found.append((path.name, "\n".join(block.text for block in blocks)))
    return found


def llama_index(models: Models) -> Pipeline:
    """VectorStoreIndex.from_documents and as_query_engine with nothing set but the models."""
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core import Settings as Defaults
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

    class Ours(BaseEmbedding):
        def _get_query_embedding(self, query: str) -> list[float]:
            return models.embed([query], query=True)[0]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return models.embed([text])[0]

    class Writer(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(context_window=CONTEXT + NEW_TOKENS, num_output=NEW_TOKENS, model_name="embedded")

        def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
            return CompletionResponse(text=models.complete(prompt))

        def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
            raise NotImplementedError

    Defaults.tokenizer = lambda text: models.language_model.tokenize([{"role": "user", "content": text}])
    Defaults.embed_model, Defaults.llm = Ours(), Writer()
    documents = [Document(text=text, metadata={"file_name": file}) for file, text in read_documents()]
    engine = VectorStoreIndex.from_documents(documents).as_query_engine()

    def ask(question: str) -> tuple[str, Passages]:
        made = engine.query(question)
        return str(made), [(node.metadata["file_name"], node.get_content()) for node in made.source_nodes]

    return ask


def haystack(models: Models) -> Pipeline:
    """The first tutorial's pipeline: split, embed, InMemoryEmbeddingRetriever, its prompt."""
    from haystack import Document
    from haystack.components.builders import PromptBuilder
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    template = (
        "Given the following information, answer the question.\n\nContext:\n"
        "{% for document in documents %}{{ document.content }}\n{% endfor %}\nQuestion: {{question}}\nAnswer:"
    )
    splitter = DocumentSplitter()
    pieces = splitter.run([Document(content=text, meta={"file": file}) for file, text in read_documents()])["documents"]
    for piece, vector in zip(pieces, models.embed([piece.content for piece in pieces]), strict=True):
        piece.embedding = vector
    store = InMemoryDocumentStore()
    store.write_documents(pieces)
    retriever, builder = InMemoryEmbeddingRetriever(store), PromptBuilder(template=template, required_variables="*")

    def ask(question: str) -> tuple[str, Passages]:
        found = retriever.run(query_embedding=models.embed([question], query=True)[0])["documents"]
        prompt = builder.run(documents=found, question=question)["prompt"]
        return models.complete(prompt), [(piece.meta["file"], piece.content) for piece in found]

    return ask


def langchain(models: Models) -> Pipeline:
    """The RAG tutorial's: RecursiveCharacterTextSplitter 1000/200, InMemoryVectorStore, four passages, its prompt."""
    from langchain_core.documents import Document
    from langchain_core.embeddings import Embeddings
    from langchain_core.prompts import PromptTemplate
    from langchain_core.vectorstores import InMemoryVectorStore
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    class Ours(Embeddings):
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return models.embed(texts)

        def embed_query(self, text: str) -> list[float]:
            return models.embed([text], query=True)[0]

    splitter = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200)
    store = InMemoryVectorStore(Ours())
    store.add_documents(
        splitter.split_documents([Document(text, metadata={"file": file}) for file, text in read_documents()])
    )
    prompt = PromptTemplate.from_template(
        "You are an assistant for question-answering tasks. Use the following pieces of retrieved context to answer "
        "the question. If you don't know the answer, just say that you don't know. Use three sentences maximum and "
        "keep the answer concise.\nQuestion: {question}\nContext: {context}\nAnswer:"
    )

    def ask(question: str) -> tuple[str, Passages]:
        found = store.similarity_search(question)
        context = "\n\n".join(document.page_content for document in found)
        text = models.complete(prompt.invoke({"question": question, "context": context}).to_string())
        return text, [(document.metadata["file"], document.page_content) for document in found]

    return ask


PIPELINES: dict[str, Callable[[Models], Pipeline]] = {
    "llama-index": llama_index,
    "haystack": haystack,
    "langchain": langchain,
}


def outcome(question: Question, pipeline: Pipeline) -> dict[str, Any]:
    """What the pipeline gave, as `adapters.evaluation.Outcome` takes it; the last turn only, as it keeps no history."""
    asked = " ".join([*question.history[-1:], question.question])
    (text, passages), seconds = timed(lambda: pipeline(asked))
    return {
        "status": "answered",
        "text": text,
        "confidence": 1.0,
        "domain": None,
        "passages": passages,
        "cited": passages[:1],
        "seconds": seconds,
    }


def main() -> None:
    """Print an outcome a line."""
    name, split, count = sys.argv[1:4]
    pipeline = PIPELINES[name](Models.load())
    for question in drawn(read_questions(EXAMPLES / "questions.jsonl", split), int(count)):
        print(json.dumps(outcome(question, pipeline), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"
    main()
