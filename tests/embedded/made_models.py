"""Writes language models so small that any test can have one of its own: real to llama.cpp, and of random weights.

They are the same each time. What they say means nothing, but it is text: a constant in each token's vector makes the
last layer prefer letters and spaces, so that replies are printable and end now and then by themselves.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

import gguf_files
import numpy as np

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

WIDTH, HIDDEN, HEADS, LAYERS = 32, 64, 2, 1
CONTEXT = 4096
"""Tokens that the chat model reads at once."""

EMBED_CONTEXT = 128
"""Likewise the embedding model."""

SPECIAL = ("<|begin|>", "<|end|>", "<|system|>", "<|user|>", "<|assistant|>")
"""Tokens that are no text, the first of the vocabulary."""

TEMPLATE = "{% for m in messages %}<|{{ m['role'] }}|>{{ m['content'] }}<|end|>{% endfor %}<|assistant|>"
"""One token for each role, one for each end, and one for each byte between."""

_ENDS = 1
_F32 = 0
_NORMAL, _CONTROL = 1, 3
_LETTERS = b"etaoinshrdlu.,"
_PRINTABLE = range(32, 127)
_CONSTANT = 4.0


def write_chat(
    path: Path,
    *,
    ends: float = 1.0,
    letters: bytes = _LETTERS,
    shapes: dict[str, tuple[int, ...]] | None = None,
    **changes: Any,
) -> Path:
    """Write a chat model.

    Args:
        path: The file.
        ends: How much it would like to end its reply, at every token; a letter has 1.
        letters: What it prefers to say.
        shapes: Tensors that are to claim another shape than they have, of as many dimensions.
        changes: Pairs of the header to change, `__` for a dot; one whose value is None is left out.
    """
    tokens = [*SPECIAL, *_bytes_as_text()]
    values: dict[str, Any] = {
        "general.architecture": "llama",
        "general.name": "Made",
        "general.finetune": "Chat",
        "general.license": "apache-2.0",
        "general.file_type": 0,
        "llama.block_count": LAYERS,
        "llama.context_length": CONTEXT,
        "llama.embedding_length": WIDTH,
        "llama.feed_forward_length": HIDDEN,
        "llama.attention.head_count": HEADS,
        "llama.attention.head_count_kv": HEADS,
        "llama.attention.key_length": WIDTH // HEADS,
        "llama.attention.value_length": WIDTH // HEADS,
        "llama.attention.layer_norm_rms_epsilon": 1e-6,
        "llama.rope.dimension_count": WIDTH // HEADS,
        "llama.rope.freq_base": 10_000.0,
        "llama.vocab_size": len(tokens),
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.pre": "llama-bpe",
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [_CONTROL] * len(SPECIAL) + [_NORMAL] * 256,
        "tokenizer.ggml.merges": ["Ā Ā"],
        "tokenizer.ggml.bos_token_id": 0,
        "tokenizer.ggml.eos_token_id": _ENDS,
        "tokenizer.ggml.add_bos_token": True,
        "tokenizer.chat_template": TEMPLATE,
    }
    random = np.random.default_rng(2)
    count = len(tokens)

    def some(*shape: int) -> NDArray[np.float32]:
        return np.asarray(random.normal(0, 0.4, shape), dtype=np.float32)

    read, said = some(count, WIDTH), some(count, WIDTH) / 3
    read[:, 0], said[:, 0] = _CONSTANT, _preferred(ends, letters)
    tensors = {
        "token_embd.weight": read,
        "output.weight": said,
        "output_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.attn_norm.weight": np.ones(WIDTH, np.float32),
        **{f"blk.0.attn_{part}.weight": some(WIDTH, WIDTH) for part in ("q", "k", "v", "output")},
        "blk.0.ffn_norm.weight": np.ones(WIDTH, np.float32),
        "blk.0.ffn_gate.weight": some(HIDDEN, WIDTH),
        "blk.0.ffn_up.weight": some(HIDDEN, WIDTH),
        "blk.0.ffn_down.weight": some(WIDTH, HIDDEN),
    }
    return _write(path, values, tensors, shapes or {}, changes)


def write_embedder(path: Path, **changes: Any) -> Path:
    """Write an embedding model; it reads the letters of the Latin alphabet, one a token."""
    letters = [chr(each) for each in range(ord("a"), ord("z") + 1)]
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *(f"▁{each}" for each in letters), *letters]
    values: dict[str, Any] = {
        "general.architecture": "bert",
        "general.name": "Made vectors",
        "general.file_type": 0,
        "bert.block_count": LAYERS,
        "bert.context_length": EMBED_CONTEXT,
        "bert.embedding_length": WIDTH,
        "bert.feed_forward_length": HIDDEN,
        "bert.attention.head_count": HEADS,
        "bert.attention.layer_norm_epsilon": 1e-12,
        "bert.attention.causal": False,
        "bert.pooling_type": 1,
        "tokenizer.ggml.model": "bert",
        "tokenizer.ggml.pre": "jina-v2-en",
        "tokenizer.ggml.token_type_count": 2,
        "tokenizer.ggml.tokens": tokens,
        "tokenizer.ggml.token_type": [_CONTROL] * 4 + [_NORMAL] * (len(tokens) - 4),
        "tokenizer.ggml.padding_token_id": 0,
        "tokenizer.ggml.unknown_token_id": 1,
        "tokenizer.ggml.cls_token_id": 2,
        "tokenizer.ggml.bos_token_id": 2,
        "tokenizer.ggml.seperator_token_id": 3,
        "tokenizer.ggml.eos_token_id": 3,
    }
    random = np.random.default_rng(3)

    def some(*shape: int) -> NDArray[np.float32]:
        return np.asarray(random.normal(0, 0.4, shape), dtype=np.float32)

    def ones_and_zeros(name: str) -> dict[str, NDArray[np.float32]]:
        return {f"{name}.weight": np.ones(WIDTH, np.float32), f"{name}.bias": np.zeros(WIDTH, np.float32)}

    tensors = {
        "token_embd.weight": some(len(tokens), WIDTH),
        "token_types.weight": some(2, WIDTH),
        "position_embd.weight": some(EMBED_CONTEXT, WIDTH),
        **ones_and_zeros("token_embd_norm"),
        **{f"blk.0.attn_{part}.weight": some(WIDTH, WIDTH) for part in ("q", "k", "v", "output")},
        **{f"blk.0.attn_{part}.bias": some(WIDTH) for part in ("q", "k", "v", "output")},
        **ones_and_zeros("blk.0.attn_output_norm"),
        "blk.0.ffn_up.weight": some(HIDDEN, WIDTH),
        "blk.0.ffn_up.bias": some(HIDDEN),
        "blk.0.ffn_down.weight": some(WIDTH, HIDDEN),
        "blk.0.ffn_down.bias": some(WIDTH),
        **ones_and_zeros("blk.0.layer_output_norm"),
    }
    return _write(path, values, tensors, {}, changes)


def _write(
    path: Path,
    values: dict[str, Any],
    tensors: dict[str, NDArray[np.float32]],
    shapes: dict[str, tuple[int, ...]],
    changes: dict[str, Any],
) -> Path:
    merged = {**values, **{key.replace("__", "."): value for key, value in changes.items()}}
    told = {key: value for key, value in merged.items() if value is not None}
    # A file names the shortest step first.
    described = tuple((name, array.shape[::-1], _F32) for name, array in tensors.items())
    data = b"".join(array.tobytes() + bytes(-array.nbytes % gguf_files.ALIGNMENT) for array in tensors.values())
    whole = gguf_files.gguf(told, described)
    head = whole[: len(whole) - len(data)]
    for name, shape in shapes.items():
        claimed, real = (_described(name, each) for each in (shape, tensors[name].shape[::-1]))
        assert len(claimed) == len(real)
        assert real in head
        head = head.replace(real, claimed)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(head + data)
    return path


def _described(name: str, shape: tuple[int, ...]) -> bytes:
    """Return how a header begins to describe a tensor."""
    return gguf_files.text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)


def _bytes_as_text() -> list[str]:
    """Return the character that stands for each byte in a vocabulary such as GPT-2's."""
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in shown else next(others)) for byte in range(256)]


def _preferred(ends: float, letters: bytes) -> NDArray[np.float32]:
    """Return how much each token is preferred, whatever was read."""
    told = np.full(len(SPECIAL) + 256, -4.0, np.float32)
    told[len(SPECIAL) + np.array(_PRINTABLE)] = 0.0
    told[len(SPECIAL) + np.array(list(letters))] = 1.0 if letters == _LETTERS else 9.0
    told[_ENDS] = ends
    return told
