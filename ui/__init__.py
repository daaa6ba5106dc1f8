"""The web page. It sees plans and graph only through the answering service."""

VERSION = "0.1.0"
