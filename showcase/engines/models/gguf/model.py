"""What a GGUF file says of its model, as facts; what it does not say is None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from showcase.engines.models.gguf.header import read_header
from showcase.engines.models.gguf.kinds import Kind, judge
from showcase.engines.models.gguf.quantisations import FILE_TYPES
from showcase.engines.models.gguf.source import UnreadableModelError
from showcase.engines.models.shapes import Shape, of_model_info
from showcase.errors import ModelError
from showcase.shell.advice import quoted

if TYPE_CHECKING:
    from pathlib import Path

    from showcase.engines.models.gguf.header import Header, Value

_POOLINGS = ("none", "mean", "cls", "last", "rank")
_MOST_BASES = 16
_BLOB = "sha256-"


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufModel:
    """A model as its file describes it.

    Attributes:
        version: Of the format, 2 or 3.
        identity: Device and number of the file.
        file_bytes: Size of the file.
        header_bytes: What comes before the weights.
        architecture: How it is built, `qwen2`.
        kind: What it is for.
        kind_reason: What tells so.
        name: What it is called.
        base_name: The family, `Qwen2.5-Coder`.
        finetune: What the family was made into, `Instruct`.
        size_label: Its size as its makers say it, `0.5B`.
        organization: Who made it.
        license: The name of its licence.
        source: Where it comes from, an address.
        made_from: The models that it was made from.
        parameters: Numbers in its tensors, counted; one that is stored twice counts twice.
        tensor_count: Tensors.
        weights_bytes: What they take, None where one is stored in a way that this program does not know.
        quantisation: What the file calls the way its weights are stored, `Q4_K_M`.
        stored_as: How most of its numbers are stored, counted.
        context_length: Tokens that it was made to read at once.
        block_count: Layers.
        embedding_length: Elements of a vector between two layers; of an embedding model, of what it returns.
        head_count: Heads of attention; None where the layers differ.
        shape: What its layers keep of each token, None where the file does not say enough.
        pooling: How one vector is made of many: none, mean, cls, last, rank.
        vocabulary: Tokens that it knows.
        tokenizer: How text becomes tokens, `gpt2`.
        pre_tokenizer: How text is cut before, `qwen2`.
        chat_template: The template for chats as it is written. It is a program, and is never run here.
        other_templates: Names of further templates, for tools say.
        split_number: Which part of a model in several files it is, from 0; None where it is whole.
        split_count: How many parts there are.
    """

    version: int
    identity: tuple[int, int]
    file_bytes: int
    header_bytes: int
    architecture: str | None
    kind: Kind
    kind_reason: str
    name: str | None
    base_name: str | None
    finetune: str | None
    size_label: str | None
    organization: str | None
    license: str | None
    source: str | None
    made_from: tuple[str, ...]
    parameters: int | None
    tensor_count: int
    weights_bytes: int | None
    quantisation: str | None
    stored_as: str | None
    context_length: int | None
    block_count: int | None
    embedding_length: int | None
    head_count: int | None
    shape: Shape | None
    pooling: str | None
    vocabulary: int | None
    tokenizer: str | None
    pre_tokenizer: str | None
    chat_template: str | None
    other_templates: tuple[str, ...]
    split_number: int | None
    split_count: int | None


def read_model(path: Path, *, called: str = "") -> GgufModel:
    """Read what a file says of its model.

    Args:
        path: The file.
        called: What somebody else calls it, for its kind; the file's name where it is left out.

    Raises:
        UnreadableModelError: It is no GGUF file, or one that is damaged, cut short or made to do harm.
    """
    return of_header(read_header(path), called=called or ("" if path.name.startswith(_BLOB) else path.stem))


def require_model(path: Path) -> GgufModel:
    """Read what a file says of its model that somebody asked for.

    Raises:
        ModelError: It cannot be read.
    """
    try:
        return read_model(path)
    except UnreadableModelError as error:
        raise ModelError(
            f"{path} is no model that can be read: {error}",
            hint=f"see which models are on this machine: showcase models list; or beside it: "
            f"showcase models list {quoted(path.parent)}",
        ) from error


def of_header(header: Header, *, called: str = "") -> GgufModel:
    """Return what a header says, as facts."""
    fields = _Fields(header.values)
    shape = of_model_info(header.values)
    template = fields.text("tokenizer.chat_template")
    prefix = "tokenizer.chat_template."
    vocabulary = header.lengths.get("tokenizer.ggml.tokens") or fields.own_whole("vocab_size")
    pooling = fields.own_whole("pooling_type")
    pooled = _POOLINGS[pooling] if pooling is not None and pooling < len(_POOLINGS) else None
    causal = fields.own("attention.causal")
    name, finetune, base_name = (fields.text(f"general.{each}") for each in ("name", "finetune", "basename"))
    kind, reason = judge(
        architecture=fields.architecture,
        declared=fields.text("general.type"),
        pooling=pooled,
        causal=causal if isinstance(causal, bool) else None,
        vocabulary=vocabulary,
        has_tensors=header.tensors.count > 0 or fields.whole("split.count") is not None,
        has_template=template is not None,
        names=(finetune, name, base_name, called),
    )
    file_type = fields.whole("general.file_type")
    return GgufModel(
        version=header.version,
        identity=header.identity,
        file_bytes=header.file_bytes,
        header_bytes=header.header_bytes,
        architecture=fields.architecture,
        kind=kind,
        kind_reason=reason,
        name=name,
        base_name=base_name,
        finetune=finetune,
        size_label=fields.text("general.size_label"),
        organization=fields.text("general.organization") or fields.text("general.author"),
        license=fields.text("general.license.name") or fields.text("general.license"),
        source=fields.first("general.source.repo_url", "general.source.url", "general.repo_url", "general.url"),
        made_from=fields.bases(),
        parameters=header.tensors.elements or None,
        tensor_count=header.tensors.count,
        weights_bytes=header.tensors.size_bytes,
        quantisation=None if file_type is None else FILE_TYPES.get(file_type),
        stored_as=header.tensors.stored_as,
        context_length=fields.own_whole("context_length"),
        block_count=fields.own_whole("block_count"),
        embedding_length=fields.own_whole("embedding_length"),
        head_count=fields.own_whole("attention.head_count"),
        shape=shape,
        pooling=pooled,
        vocabulary=vocabulary,
        tokenizer=fields.text("tokenizer.ggml.model"),
        pre_tokenizer=fields.text("tokenizer.ggml.pre"),
        chat_template=template,
        other_templates=tuple(key[len(prefix) :] for key in header.values if key.startswith(prefix)),
        split_number=fields.whole("split.no") if (fields.whole("split.count") or 0) > 1 else None,
        split_count=fields.whole("split.count") or None,
    )


class _Fields:
    """Reads values of the type that they should have; of another type they are none."""

    def __init__(self, values: dict[str, Value]) -> None:
        self._values = values
        self.architecture = self.text("general.architecture")

    def text(self, key: str) -> str | None:
        value = self._values.get(key)
        return value if isinstance(value, str) and value.strip() else None

    def first(self, *keys: str) -> str | None:
        return next((text for text in map(self.text, keys) if text is not None), None)

    def whole(self, key: str) -> int | None:
        value = self._values.get(key)
        return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None

    def own(self, key: str) -> Value:
        """Return a value of its architecture."""
        return self._values.get(f"{self.architecture}.{key}")

    def own_whole(self, key: str) -> int | None:
        return self.whole(f"{self.architecture}.{key}")

    def bases(self) -> tuple[str, ...]:
        count = min(self.whole("general.base_model.count") or 0, _MOST_BASES)
        places = (f"general.base_model.{number}" for number in range(count))
        found = (self.first(f"{each}.repo_url", f"{each}.name") for each in places)
        return tuple(each for each in found if each is not None)
