"""What a chat model's server and the libraries before it raise, in one line for the user."""

from __future__ import annotations

from kg.errors import ChatModelError, ChatModelUnavailableError

_BY_STATUS = {
    401: "对话模型的服务不接受密钥。请检查 PLANKG_LLM_API_KEY。",
    403: "对话模型的服务不接受密钥。请检查 PLANKG_LLM_API_KEY。",
    404: "对话模型的服务没有这个地址或模型。请检查 PLANKG_LLM_BASE_URL 与 PLANKG_LLM_MODEL。",
    429: "对话模型的服务太忙或额度已用完（429）。请稍后重试。",
}
_BROKEN = "对话模型的回答中途断开。请稍后重试。"
_NOT_SENDABLE = "PLANKG_LLM_API_KEY 或 PLANKG_LLM_BASE_URL 含有不能发送的字符。请改正。"
_NO_PROTOCOL = (
    "对话模型的服务给出的内容无法解析。请检查 PLANKG_LLM_BASE_URL 是否为兼容 OpenAI 的地址（多以 /v1 结尾）。"
)


def reply_error(exc: Exception, server: str, timeout_s: float, begun: bool) -> ChatModelError:
    """Our error for a foreign one; ``begun``: a part of the reply had come.

    Never shows a key: neither ours nor what the server repeats of it.
    """
    if isinstance(exc, ChatModelError):
        return exc
    import httpx
    import openai

    if isinstance(exc, (TimeoutError, openai.APITimeoutError, httpx.TimeoutException)):
        return ChatModelUnavailableError(
            f"对话模型在 {timeout_s:g} 秒内没有答完。请稍后重试，或调大 PLANKG_LLM_TIMEOUT。"
        )
    if _cannot_be_sent(exc):
        return ChatModelUnavailableError(_NOT_SENDABLE)
    if isinstance(exc, openai.APIStatusError):
        line = f"对话模型的服务出错（{exc.status_code}）。请查看该服务的日志，或稍后重试。"
        return ChatModelUnavailableError(_BY_STATUS.get(exc.status_code, line))
    if isinstance(exc, (openai.APIConnectionError, httpx.HTTPError, httpx.StreamError)):
        unreached = f"连不上对话模型的服务 {server}。请检查它是否启动，以及 PLANKG_LLM_BASE_URL。"
        return ChatModelUnavailableError(_BROKEN if begun else unreached)
    if isinstance(exc, openai.APIError):  # an error in the middle of a stream
        return ChatModelUnavailableError("对话模型的服务中途出错。请查看该服务的日志，或稍后重试。")
    return ChatModelError(_NO_PROTOCOL)


def _cannot_be_sent(exc: Exception) -> bool:
    """Whether a header or address holds what the protocol has no place for."""
    import httpx

    cause: BaseException | None = exc
    while cause is not None:
        if isinstance(cause, (UnicodeEncodeError, httpx.LocalProtocolError)):
            return True
        cause = cause.__cause__ or cause.__context__
    return False
