"""The page to sign in: one form, without scripts."""

from __future__ import annotations

from html import escape
from urllib.parse import urlencode

from ui import texts
from ui.tabs import ASSETS


def login_html(following: str, error: str = "") -> str:
    """The form; ``following`` is where it leads, ``error`` what went wrong the last time."""
    words = texts.section("login")
    language = "zh-CN" if texts.language() == "zh" else "en"
    action = escape(f"?{urlencode({'next': following})}")
    style = (ASSETS / "login.css").read_text("utf-8")
    told = f'<p role="alert">{escape(error)}</p>' if error else ""
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(words['TITLE'])}</title>"
        f'<style>{style}</style></head><body><main><h1>{escape(texts.APP_TITLE)}</h1>{told}'
        f'<form method="post" action="{action}"><label for="name">{escape(words["NAME"])}</label>'
        '<input id="name" name="name" autocomplete="username" required autofocus maxlength="200">'
        f'<label for="password">{escape(words["PASSWORD"])}</label>'
        '<input id="password" name="password" type="password" autocomplete="current-password" required'
        f' maxlength="200"><button>{escape(words["SIGN_IN"])}</button></form></main></body></html>'
    )
