"""Writes small GGUF files: what is in them is the test's, and their weights are zeros."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

ALIGNMENT = 32
TEMPLATE = "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}{% endfor %}"

CHAT: dict[str, Any] = {
    "general.architecture": "llama",
    "general.type": "model",
    "general.name": "Pocket 1B Instruct",
    "general.finetune": "Instruct",
    "general.basename": "Pocket",
    "general.size_label": "1B",
    "general.organization": "Somebody",
    "general.license": "apache-2.0",
    "general.file_type": 15,
    "llama.block_count": 4,
    "llama.context_length": 8192,
    "llama.embedding_length": 256,
    "llama.attention.head_count": 8,
    "llama.attention.head_count_kv": 4,
    "tokenizer.ggml.model": "gpt2",
    "tokenizer.ggml.pre": "llama-bpe",
    "tokenizer.ggml.tokens": ["<s>", "</s>", "a", "b"],
    "tokenizer.chat_template": TEMPLATE,
}
EMBEDDER: dict[str, Any] = {
    "general.architecture": "bert",
    "bert.block_count": 2,
    "bert.context_length": 512,
    "bert.embedding_length": 64,
    "bert.pooling_type": 1,
    "tokenizer.ggml.tokens": ["[CLS]", "a"],
}
TENSORS = (("token_embd.weight", (256, 4), 12), ("blk.0.attn_norm.weight", (256,), 0))
"""Name, shape and type: one of Q4_K, 144 bytes for 256 numbers, and one of F32."""

_BLOCKS = {0: (1, 4), 1: (1, 2), 8: (32, 34), 12: (256, 144)}


def text(value: str | bytes) -> bytes:
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def pair(key: str, value: Any) -> bytes:
    return text(key) + _typed(value)


def _typed(value: Any) -> bytes:
    if isinstance(value, bool):
        return struct.pack("<I?", 7, value)
    if isinstance(value, int):
        return struct.pack("<II", 4, value) if 0 <= value < 2**32 else struct.pack("<Iq", 11, value)
    if isinstance(value, float):
        return struct.pack("<If", 6, value)
    if isinstance(value, (str, bytes)):
        return struct.pack("<I", 8) + text(value)
    if value and isinstance(value[0], str):
        return struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(text, value))
    if value and isinstance(value[0], bool):
        return struct.pack(f"<IIQ{len(value)}?", 9, 7, len(value), *value)
    return struct.pack(f"<IIQ{len(value)}i", 9, 5, len(value), *value)


def head(pairs: int, tensors: int = 0, version: int = 3) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", version, tensors, pairs)


def tensor(name: str, shape: tuple[int, ...], kind: int, offset: int) -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, offset)


def gguf(values: dict[str, Any], tensors: tuple[Any, ...] = TENSORS, version: int = 3) -> bytes:
    """Return a whole file."""
    described, offset = [], 0
    for name, shape, kind in tensors:
        described.append(tensor(name, shape, kind, offset))
        count, (block, size) = 1, _BLOCKS[kind]
        for each in shape:
            count *= each
        offset += -(-(count // block * size) // ALIGNMENT) * ALIGNMENT
    pairs = [pair(key, value) for key, value in values.items()]
    start = b"".join([head(len(pairs), len(described), version), *pairs, *described])
    return start + bytes(-len(start) % ALIGNMENT) + bytes(offset)


def write(path: Path, values: dict[str, Any] | None = None, **changes: Any) -> Path:
    """Write a file; a key whose value is None is left out."""
    merged = {**(CHAT if values is None else values), **{key.replace("__", "."): each for key, each in changes.items()}}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gguf({key: value for key, value in merged.items() if value is not None}))
    return path
