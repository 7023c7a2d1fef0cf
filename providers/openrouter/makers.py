"""Who made a model that OpenRouter sells. Its ids are `author/slug`, such as
`anthropic/claude-sonnet-5`, and name authors in lower case."""

from collections.abc import Mapping

MAKERS: Mapping[str, str] = {
    "ai21": "AI21 Labs",
    "allenai": "Allen Institute for AI",
    "amazon": "Amazon",
    "anthropic": "Anthropic",
    "baidu": "Baidu",
    "bytedance": "ByteDance",
    "cohere": "Cohere",
    "deepseek": "DeepSeek",
    "google": "Google",
    "ibm-granite": "IBM",
    "inflection": "Inflection AI",
    "liquid": "Liquid AI",
    "meta-llama": "Meta",
    "microsoft": "Microsoft",
    "minimax": "MiniMax",
    "mistralai": "Mistral AI",
    "moonshotai": "Moonshot AI",
    "nousresearch": "Nous Research",
    "nvidia": "NVIDIA",
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "perplexity": "Perplexity",
    "qwen": "Qwen",
    "tencent": "Tencent",
    "x-ai": "xAI",
    "xiaomi": "Xiaomi",
    "z-ai": "Z.AI",
}
"""Names by author. A company that aicost reads directly has the same name there."""


def maker_of(model: str) -> str | None:
    """Return who made a model. An author that isn't in `MAKERS` keeps OpenRouter's spelling. None
    if the id names no author."""
    author, slash, slug = model.partition("/")
    if not (author and slash and slug):
        return None
    return MAKERS.get(author.lower(), author)
