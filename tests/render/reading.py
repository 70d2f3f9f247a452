"""Reads what the renderers wrote as a browser or a forge would: the tags, the text, the cells."""

from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt


class Reading(HTMLParser):
    """The elements with their attributes, the text, and each table as rows of cells."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.comments: list[str] = []
        self.text = ""
        self.tables: list[list[list[str]]] = []
        self.scripts: list[str] = []
        self._inside: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "table":
            self.tables.append([])
        elif tag == "tr":
            self.tables[-1].append([])
        elif tag in ("td", "th"):
            self.tables[-1][-1].append("")
        self._inside.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self._inside.pop()

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_comment(self, data: str) -> None:
        self.comments.append(data)

    def handle_data(self, data: str) -> None:
        if "script" in self._inside:
            self.scripts.append(data)
            return
        self.text += data
        if any(tag in self._inside for tag in ("td", "th")):
            self.tables[-1][-1][-1] += data


def read_markdown(text: str) -> Reading:
    """Return what a forge makes of Markdown: CommonMark with tables and HTML."""
    return Reading(MarkdownIt("commonmark", {"html": True}).enable("table").render(text))
